//! Applications and their secrets.
//!
//! Every change bumps the generation, so that no server goes on with what it has in memory.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{DatabaseTransaction, JoinType, QuerySelect};

use super::application_secrets::insert_secret;
use super::audit_events::{AuditEntry, audit_tx};
use super::client_end::{end_clients, was_used};
use super::entities::{
    application_secrets, applications, conflict, corrupt, list, storable, users,
};
use super::instance::bump_generation;
use super::{Store, StoreError, fetch_optional};
use crate::domain::client::{Client, Origin, Secret, Settings, origins_of_redirects};
use crate::domain::time::Timestamp;

impl Store {
    /// Registers an application, with its first secret if it is confidential, while its owner has
    /// fewer than `limit`. Whether there was room. The secrets that the application itself holds
    /// are not looked at.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with `client_id` when that is taken, or was once.
    pub async fn insert_application(
        &self,
        application: &Client,
        secret: Option<Secret>,
        limit: u64,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let (client_id, owner_id) = (application.client_id.clone(), application.owner_id);
        let row = applications::row(application.clone());
        self.write(move |txn| {
            Box::pin(async move {
                let there = applications::Entity::find()
                    .filter(applications::Column::OwnerId.eq(owner_id))
                    .count(txn)
                    .await?;
                if there >= limit {
                    return Ok(false);
                }
                insert_tx(txn, client_id, row, secret).await?;
                audit_tx(txn, audit).await?;
                Ok(true)
            })
        })
        .await
    }

    /// An application with its owner's user name and its secrets, from the database.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn application(&self, client_id: &str) -> Result<Option<Client>, StoreError> {
        if !storable(client_id) {
            return Ok(None);
        }
        let found = fetch_optional(
            applications::Entity::find_by_id(client_id)
                .find_also_related(users::Entity)
                .all(self.read()),
        )
        .await?;
        let Some((row, owner)) = found else {
            return Ok(None);
        };
        let secrets = application_secrets::Entity::find()
            .filter(application_secrets::Column::ClientId.eq(client_id))
            .all(self.read())
            .await?;
        let secrets = secrets.into_iter().map(Secret::from).collect();
        application(row, owner, secrets).map(Some)
    }

    /// The applications of an owner, or all applications, by name.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn applications_of(&self, owner: Option<Uuid>) -> Result<Vec<Client>, StoreError> {
        let mut rows = applications::Entity::find().find_also_related(users::Entity);
        let mut secrets = application_secrets::Entity::find();
        if let Some(owner) = owner {
            rows = rows.filter(applications::Column::OwnerId.eq(owner));
            secrets = secrets
                .join(
                    JoinType::InnerJoin,
                    application_secrets::Relation::Client.def(),
                )
                .filter(applications::Column::OwnerId.eq(owner));
        }
        let rows = rows.all(self.read()).await?;
        let mut secrets_of = std::collections::HashMap::<String, Vec<Secret>>::new();
        for row in secrets.all(self.read()).await? {
            let secrets = secrets_of.entry(row.client_id.clone()).or_default();
            secrets.push(row.into());
        }
        let mut found = rows
            .into_iter()
            .map(|(row, owner)| {
                let secrets = secrets_of.remove(&row.client_id).unwrap_or_default();
                application(row, owner, secrets)
            })
            .collect::<Result<Vec<_>, _>>()?;
        // In here and not in SQL: the databases order capital letters differently.
        found.sort_by_cached_key(|a| (a.settings.name.to_lowercase(), a.client_id.clone()));
        Ok(found)
    }

    /// Changes what the owner decides, if the application has not changed since `seen`, the
    /// `updated_at` that the change is based on. Disables the application or enables it again if
    /// `disabled_at` says so. Returns whether it was changed.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn change_application(
        &self,
        client_id: &str,
        settings: Settings,
        disabled_at: Option<Option<Timestamp>>,
        seen: Timestamp,
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        use applications::Column;

        if !storable(client_id) {
            return Ok(false);
        }
        let client_id = client_id.to_owned();
        let values = applications::settings(settings);
        self.write(move |txn| {
            Box::pin(async move {
                let mut update = applications::Entity::update_many()
                    .set(values)
                    .col_expr(Column::UpdatedAt, Expr::value(now.millis()));
                if let Some(at) = disabled_at {
                    let at = at.map(Timestamp::millis);
                    update = update.col_expr(Column::DisabledAt, Expr::value(at));
                }
                let updated = update
                    .filter(Column::ClientId.eq(client_id))
                    .filter(Column::UpdatedAt.eq(seen.millis()))
                    .exec(txn)
                    .await?;
                if updated.rows_affected == 0 {
                    return Ok(false);
                }
                for entry in audit {
                    audit_tx(txn, entry).await?;
                }
                bump_generation(txn).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Deletes an application with all that it holds, and its client id for good. Whether there
    /// was one.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn delete_application(
        &self,
        client_id: &str,
        even_disabled: bool,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut condition = Condition::all();
        if !even_disabled {
            condition = condition.add(applications::Column::DisabledAt.is_null());
        }
        self.delete_where(client_id, condition, now, audit).await
    }

    /// Deletes an application as [`Store::delete_application`] does, if it fulfils a condition.
    pub(super) async fn delete_where(
        &self,
        client_id: &str,
        condition: Condition,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        if !storable(client_id) {
            return Ok(false);
        }
        let client_ids = vec![client_id.to_owned()];
        self.write(move |txn| {
            Box::pin(async move {
                let ended = end_clients(txn, client_ids, condition, now).await? > 0;
                if ended {
                    audit_tx(txn, audit).await?;
                }
                Ok(ended)
            })
        })
        .await
    }

    /// Every origin from which any application may be called.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub(super) async fn all_origins(&self) -> Result<HashSet<String>, StoreError> {
        use applications::Column;

        let brought = [Origin::Registration, Origin::Document].map(Origin::name);
        let rows: Vec<(String, String, String)> = applications::Entity::find()
            .select_only()
            .column(Column::AllowedOrigins)
            .column(Column::Origin)
            .column(Column::RedirectUris)
            .filter(
                Condition::any()
                    .add(Column::AllowedOrigins.ne("[]"))
                    .add(Column::Origin.is_in(brought)),
            )
            .into_tuple()
            .all(self.read())
            .await?;
        let mut origins = HashSet::new();
        for (allowed, origin, redirect_uris) in rows {
            origins.extend(list("applications.allowed_origins", &allowed)?);
            if let Some(origin) = Origin::parse(&origin) {
                let uris = list("applications.redirect_uris", &redirect_uris)?;
                origins.extend(origins_of_redirects(origin, &uris));
            }
        }
        Ok(origins)
    }
}

/// Keeps an application that is new.
pub(super) async fn insert_tx(
    txn: &DatabaseTransaction,
    client_id: String,
    row: applications::ActiveModel,
    secret: Option<Secret>,
) -> Result<(), StoreError> {
    applications::Entity::insert(row)
        .exec_without_returning(txn)
        .await
        .map_err(|error| {
            let columns = [
                ("applications.client_id", "client_id"),
                ("applications_pkey", "client_id"),
            ];
            conflict(error, &columns)
        })?;
    if was_used(txn, &client_id).await? {
        return Err(StoreError::Conflict("client_id"));
    }
    if let Some(secret) = secret {
        insert_secret(txn, client_id, secret).await?;
    }
    bump_generation(txn).await
}

fn application(
    row: applications::Model,
    owner: Option<users::Model>,
    secrets: Vec<Secret>,
) -> Result<Client, StoreError> {
    let owner = owner.ok_or_else(|| corrupt("applications.owner_id", &row.owner_id.to_string()))?;
    row.into_application(owner.username, secrets)
}

impl Store {
    /// Remembers that a client was used; the caller does not wait.
    pub fn touch_client(&self, client_id: String, now: Timestamp) {
        use applications::Column;

        self.hint_touch(move |txn| {
            Box::pin(async move {
                let older = Condition::any()
                    .add(Column::LastUsedAt.is_null())
                    .add(Column::LastUsedAt.lt(now.millis()));
                applications::Entity::update_many()
                    .col_expr(Column::LastUsedAt, Expr::value(now.millis()))
                    .filter(Column::ClientId.eq(client_id))
                    .filter(older)
                    .exec(txn)
                    .await?;
                Ok(())
            })
        });
    }
}
