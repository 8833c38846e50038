//! What people have let applications do, and taking it back.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, JoinType, QuerySelect};

use super::audit_events::{AuditEntry, audit_tx};
use super::columns::{first_id_at, scopes_of, split_words};
use super::device_codes::withdraw_from;
use super::entities::{applications, authorization_codes, consents, grants, storable};
use super::grants::RevocationReason;
use super::instance::bump_generation;
use super::{Store, StoreError, transaction};
use crate::domain::authorization::LONGEST_FLOW;
use crate::domain::consent::Consent;
use crate::domain::grant::CODE_LIFETIME;
use crate::domain::scope::Scopes;
use crate::domain::time::Timestamp;

/// An application that a person has let in.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub client_id: String,
    /// The application's name.
    pub name: String,
    pub scopes: Scopes,
    /// URIs of the resource servers that it was let into.
    pub resources: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it last got tokens that the person had a part in; absent when none are kept.
    pub last_used_at: Option<Timestamp>,
}

impl Connection {
    /// Two answers to the same application, or two grants of it, as one.
    fn join(&mut self, other: Self) {
        self.scopes = self.scopes.union(&other.scopes);
        for uri in other.resources {
            if !self.resources.contains(&uri) {
                self.resources.push(uri);
            }
        }
        self.created_at = self.created_at.min(other.created_at);
        self.updated_at = self.updated_at.max(other.updated_at);
        self.last_used_at = self.last_used_at.max(other.last_used_at);
    }
}

impl Store {
    /// All that a person has answered to an application so far.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn consents_to(
        &self,
        user_id: Uuid,
        client_id: &str,
    ) -> Result<Vec<Consent>, StoreError> {
        if !storable(client_id) {
            return Ok(Vec::new());
        }
        let rows = consents::Entity::find()
            .filter(consents::Column::UserId.eq(user_id))
            .filter(consents::Column::ClientId.eq(client_id))
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(Consent::from).collect())
    }

    /// Those of these people who let an application have a scope.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn allowed_by(
        &self,
        client_id: &str,
        scope: &str,
        people: BTreeSet<Uuid>,
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        if people.is_empty() || !storable(client_id) {
            return Ok(BTreeSet::new());
        }
        let rows = consents::Entity::find()
            .filter(consents::Column::ClientId.eq(client_id))
            .filter(consents::Column::UserId.is_in(people))
            .all(self.read())
            .await?;
        let allows = |row: &consents::Model| scopes_of(&row.scopes).contains(scope);
        Ok(rows
            .into_iter()
            .filter(allows)
            .map(|row| row.user_id)
            .collect())
    }

    /// The applications that a person has let in, by name: those with a consent, and those that
    /// ask for none but hold a live grant.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn connections(
        &self,
        user_id: Uuid,
        now: Timestamp,
    ) -> Result<Vec<Connection>, StoreError> {
        let consents = consents::Entity::find()
            .filter(consents::Column::UserId.eq(user_id))
            .find_also_related(applications::Entity)
            .all(self.read())
            .await?;
        let mut found = BTreeMap::<String, Connection>::new();
        for (consent, application) in consents {
            let Some(application) = application else {
                continue;
            };
            let consent = Consent::from(consent);
            let resource = Some(consent.resource).filter(|uri| !uri.is_empty());
            let connection = Connection {
                client_id: consent.client_id,
                name: application.name,
                scopes: consent.scopes,
                resources: resource.into_iter().collect(),
                created_at: consent.created_at,
                updated_at: consent.updated_at,
                last_used_at: None,
            };
            add(&mut found, connection);
        }
        self.add_grants(&mut found, user_id, now).await?;
        let mut found: Vec<Connection> = found.into_values().collect();
        found.sort_by_cached_key(|c| (c.name.to_lowercase(), c.client_id.clone()));
        Ok(found)
    }

    /// The live grants: of an application with a consent they say when it was used last; one that
    /// the person was never asked about stands for itself.
    async fn add_grants(
        &self,
        found: &mut BTreeMap<String, Connection>,
        user_id: Uuid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Each sign-in makes a grant: the database puts those of the same scopes together.
        let rows: Vec<(String, String, String, String, i64, i64)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column(applications::Column::Name)
            .column(grants::Column::Scopes)
            .column(grants::Column::Resources)
            .column_as(grants::Column::CreatedAt.min(), "first")
            .column_as(grants::Column::CreatedAt.max(), "last")
            .join(JoinType::InnerJoin, grants::Relation::Client.def())
            .filter(grants::Column::UserId.eq(user_id))
            .filter(grants::Column::RevokedAt.is_null())
            .filter(grants::Column::ExpiresAt.gt(now.millis()))
            .group_by(grants::Column::ClientId)
            .group_by(applications::Column::Name)
            .group_by(grants::Column::Scopes)
            .group_by(grants::Column::Resources)
            .into_tuple()
            .all(self.read())
            .await?;
        let asked: BTreeSet<String> = found.keys().cloned().collect();
        for (client_id, name, scopes, resources, first, last) in rows {
            let (first, last) = (Timestamp(first), Timestamp(last));
            match found.get_mut(&client_id) {
                Some(connection) if asked.contains(&client_id) => {
                    connection.last_used_at = connection.last_used_at.max(Some(last));
                }
                _ => add(
                    found,
                    Connection {
                        client_id,
                        name,
                        scopes: scopes_of(&scopes),
                        resources: split_words(&resources),
                        created_at: first,
                        updated_at: last,
                        last_used_at: Some(last),
                    },
                ),
            }
        }
        Ok(())
    }

    /// Takes everything back that a person has let an application do: the consent, every grant
    /// with its tokens, and codes that are still on their way, those of devices too. Whether there
    /// was anything.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn remove_connection(
        &self,
        user_id: Uuid,
        client_id: &str,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        if !storable(client_id) {
            return Ok(false);
        }
        let client_id = client_id.to_owned();
        transaction!(self, |txn| {
            // First the consents: who issues something by one at the same moment is waited
            // for here. Then what was issued: a redemption is waited for there, and its grant
            // ends below.
            let consents = consents::Entity::delete_many()
                .filter(consents::Column::UserId.eq(user_id))
                .filter(consents::Column::ClientId.eq(client_id.as_str()))
                .exec(txn)
                .await?;
            let codes = delete_codes(txn, user_id, &client_id, now).await?;
            let devices = withdraw_from(txn, user_id, &client_id, now).await?;
            let grants = grants::Entity::update_many()
                .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
                .col_expr(
                    grants::Column::RevokedFor,
                    Expr::value(RevocationReason::AccessRemoved.name()),
                )
                .filter(grants::Column::UserId.eq(user_id))
                .filter(grants::Column::ClientId.eq(client_id.as_str()))
                .filter(grants::Column::RevokedAt.is_null())
                .exec(txn)
                .await?;
            if consents.rows_affected + codes + devices + grants.rows_affected == 0 {
                return Ok(false);
            }
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(true)
        })
        .await
    }
}

fn add(found: &mut BTreeMap<String, Connection>, connection: Connection) {
    match found.get_mut(&connection.client_id) {
        Some(known) => known.join(connection),
        None => {
            found.insert(connection.client_id.clone(), connection);
        }
    }
}

/// A code has the id of its flow, which began with the request; so only the newest rows are
/// looked at, and no index is needed.
async fn delete_codes(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    client_id: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    use authorization_codes::Column;

    let oldest = first_id_at(now - LONGEST_FLOW - CODE_LIFETIME * 2);
    let deleted = authorization_codes::Entity::delete_many()
        .filter(Column::Id.gte(oldest))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ConsumedAt.is_null())
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
