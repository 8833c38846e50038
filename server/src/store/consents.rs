//! What people have let applications do, and taking it back.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, JoinType, QuerySelect, QueryTrait};

use super::audit_events::{AuditEntry, audit_tx};
use super::columns::first_id_at;
use super::columns::scopes_of;
use super::device_codes::withdraw_from;
use super::entities::{applications, authorization_codes, consents, grants, storable};
use super::grants::RevocationReason;
use super::instance::bump_generation;
use super::{Store, StoreError, only};
use crate::domain::authorization::FLOW_SECONDS;
use crate::domain::consent::Consent;
use crate::domain::grant::CODE_SECONDS;
use crate::domain::scope::Scopes;
use crate::domain::time::Timestamp;

/// An application that a person has let in.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub client_id: String,
    /// The application's name.
    pub name: String,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Store {
    /// What a person has answered to an application so far.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn consent(
        &self,
        user_id: Uuid,
        client_id: &str,
    ) -> Result<Option<Consent>, StoreError> {
        if !storable(client_id) {
            return Ok(None);
        }
        let key = (user_id, client_id.to_owned());
        let row = only(consents::Entity::find_by_id(key).all(self.read())).await?;
        Ok(row.map(Consent::from))
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
        let mut found: Vec<Connection> = consents::Entity::find()
            .filter(consents::Column::UserId.eq(user_id))
            .find_also_related(applications::Entity)
            .all(self.read())
            .await?
            .into_iter()
            .filter_map(|(consent, application)| {
                Some(Connection {
                    name: application?.name,
                    scopes: scopes_of(&consent.scopes),
                    client_id: consent.client_id,
                    created_at: Timestamp(consent.created_at),
                    updated_at: Timestamp(consent.updated_at),
                })
            })
            .collect();
        found.extend(self.without_consent(user_id, now).await?);
        found.sort_by_cached_key(|c| (c.name.to_lowercase(), c.client_id.clone()));
        Ok(found)
    }

    /// The live grants of applications that the person was never asked about, one connection an
    /// application.
    async fn without_consent(
        &self,
        user_id: Uuid,
        now: Timestamp,
    ) -> Result<Vec<Connection>, StoreError> {
        let asked = consents::Entity::find()
            .select_only()
            .column(consents::Column::ClientId)
            .filter(consents::Column::UserId.eq(user_id))
            .into_query();
        // Each sign-in makes a grant: the database puts those of the same scopes together.
        let rows: Vec<(String, String, String, i64, i64)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column(applications::Column::Name)
            .column(grants::Column::Scopes)
            .column_as(grants::Column::CreatedAt.min(), "first")
            .column_as(grants::Column::CreatedAt.max(), "last")
            .join(JoinType::InnerJoin, grants::Relation::Client.def())
            .filter(grants::Column::UserId.eq(user_id))
            .filter(grants::Column::RevokedAt.is_null())
            .filter(grants::Column::ExpiresAt.gt(now.millis()))
            .filter(grants::Column::ClientId.not_in_subquery(asked))
            .group_by(grants::Column::ClientId)
            .group_by(applications::Column::Name)
            .group_by(grants::Column::Scopes)
            .into_tuple()
            .all(self.read())
            .await?;
        let mut found = BTreeMap::<String, Connection>::new();
        for (client_id, name, scopes, first, last) in rows {
            let scopes = scopes_of(&scopes);
            let (first, last) = (Timestamp(first), Timestamp(last));
            found
                .entry(client_id.clone())
                .and_modify(|connection| {
                    connection.scopes = connection.scopes.union(&scopes);
                    connection.created_at = connection.created_at.min(first);
                    connection.updated_at = connection.updated_at.max(last);
                })
                .or_insert(Connection {
                    client_id,
                    name,
                    scopes,
                    created_at: first,
                    updated_at: last,
                });
        }
        Ok(found.into_values().collect())
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
        self.write(move |txn| {
            Box::pin(async move {
                // First the consent: whoever issues something by it at the same moment is waited
                // for here. Then what was issued: a redemption is waited for there, and its grant
                // ends below.
                let consents = consents::Entity::delete_by_id((user_id, client_id.clone()))
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
        })
        .await
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

    let oldest = first_id_at(now.minus_seconds(FLOW_SECONDS + 2 * CODE_SECONDS));
    let deleted = authorization_codes::Entity::delete_many()
        .filter(Column::Id.gte(oldest))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ConsumedAt.is_null())
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}
