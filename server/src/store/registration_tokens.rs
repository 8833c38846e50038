//! Applications that register themselves, and the initial access tokens that let them.
//!
//! A registration access token is good until the registration is changed: the change takes the
//! old one's hash away in the statement that puts the new one there, so of two changes with one
//! token one is made.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{IntoActiveModel, QueryOrder, Set};

use super::application_secrets::insert_secret;
use super::applications::insert_tx;
use super::audit_events::{AuditEntry, audit_tx};
use super::columns::hash_of;
use super::entities::{applications, registration_tokens, storable};
use super::instance::bump_generation;
use super::room::{self, Inserted, Room};
use super::{Store, StoreError, fetch_optional};
use crate::domain::client::{Client, DisplayMetadata, Origin, Secret, Settings};
use crate::domain::grant::SecretHash;
use crate::domain::registration::InitialToken;
use crate::domain::time::Timestamp;

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    Done,
    /// The initial access token was used up, or expired, a moment ago.
    TokenSpent,
    /// There are as many such applications as there may be.
    Full,
    /// One network has registered as many as it may.
    ShareTaken,
}

/// What a registration becomes.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub settings: Settings,
    pub about: DisplayMetadata,
    /// Of the new registration access token.
    pub token_hash: SecretHash,
    /// A secret for an application that has none yet.
    pub secret: Option<Secret>,
}

impl TryFrom<registration_tokens::Model> for InitialToken {
    type Error = StoreError;

    fn try_from(row: registration_tokens::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            secret_hash: hash_of(row.secret_hash)?,
            uses_left: row.uses_left,
            created_at: Timestamp(row.created_at),
            expires_at: row.expires_at.map(Timestamp),
        })
    }
}

impl Store {
    /// Registers an application, while there is room, and takes one use of the initial access
    /// token, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the client id is taken; [`StoreError::Db`].
    pub async fn register_application(
        &self,
        application: &Client,
        secret: Option<Secret>,
        token: Option<Uuid>,
        room: Room,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<Registered, StoreError> {
        let client_id = application.client_id.clone();
        let mut row = applications::row(application.clone());
        self.write(move |txn| {
            Box::pin(async move {
                match room::look(txn, Origin::Registration, &room).await? {
                    Inserted::Done => row.registered_from = Set(room.from),
                    Inserted::Full => return Ok(Registered::Full),
                    Inserted::ShareTaken => return Ok(Registered::ShareTaken),
                }
                if let Some(id) = token
                    && !use_up(txn, id, now).await?
                {
                    return Ok(Registered::TokenSpent);
                }
                insert_tx(txn, client_id, row, secret).await?;
                audit_tx(txn, audit).await?;
                Ok(Registered::Done)
            })
        })
        .await
    }

    /// Replaces a registration, if `token_hash` is still the hash of its registration access token
    /// and the application has not changed since `seen`. Returns whether it was replaced.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn replace_registration(
        &self,
        client_id: &str,
        token_hash: SecretHash,
        seen: Timestamp,
        new: Replacement,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        use applications::Column;

        if !storable(client_id) {
            return Ok(false);
        }
        let client_id = client_id.to_owned();
        self.write(move |txn| {
            Box::pin(async move {
                let updated = applications::Entity::update_many()
                    .set(applications::settings(new.settings))
                    .col_expr(Column::About, Expr::value(applications::about(&new.about)))
                    .col_expr(
                        Column::RegistrationTokenHash,
                        Expr::value(new.token_hash.to_vec()),
                    )
                    .col_expr(Column::UpdatedAt, Expr::value(now.millis()))
                    .filter(Column::ClientId.eq(client_id.as_str()))
                    .filter(Column::RegistrationTokenHash.eq(token_hash.to_vec()))
                    .filter(Column::UpdatedAt.eq(seen.millis()))
                    .filter(Column::DisabledAt.is_null())
                    .exec(txn)
                    .await?;
                if updated.rows_affected == 0 {
                    return Ok(false);
                }
                if let Some(secret) = new.secret {
                    insert_secret(txn, client_id, secret).await?;
                }
                audit_tx(txn, audit).await?;
                bump_generation(txn).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Deletes a registration with all that it holds, if `token_hash` is still the hash of its
    /// registration access token and the application is not disabled. Returns whether it was
    /// deleted.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn delete_registration(
        &self,
        client_id: &str,
        token_hash: SecretHash,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        use applications::Column;

        let condition = Condition::all()
            .add(Column::RegistrationTokenHash.eq(token_hash.to_vec()))
            .add(Column::DisabledAt.is_null());
        self.delete_where(client_id, condition, now, audit).await
    }

    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_initial_token(
        &self,
        token: InitialToken,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let row = registration_tokens::Model {
            id: token.id,
            secret_hash: token.secret_hash.to_vec(),
            uses_left: token.uses_left,
            created_at: token.created_at.millis(),
            expires_at: token.expires_at.map(Timestamp::millis),
        };
        self.write(move |txn| {
            Box::pin(async move {
                registration_tokens::Entity::insert(row.into_active_model())
                    .exec_without_returning(txn)
                    .await?;
                audit_tx(txn, audit).await
            })
        })
        .await
    }

    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn initial_token(&self, id: Uuid) -> Result<Option<InitialToken>, StoreError> {
        let row =
            fetch_optional(registration_tokens::Entity::find_by_id(id).all(self.read())).await?;
        row.map(InitialToken::try_from).transpose()
    }

    /// Every initial access token, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn initial_tokens(&self) -> Result<Vec<InitialToken>, StoreError> {
        let rows = registration_tokens::Entity::find()
            .order_by_asc(registration_tokens::Column::Id)
            .all(self.read())
            .await?;
        rows.into_iter().map(InitialToken::try_from).collect()
    }

    /// Takes an initial access token back. Whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn delete_initial_token(
        &self,
        id: Uuid,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        self.write(move |txn| {
            Box::pin(async move {
                let deleted = registration_tokens::Entity::delete_by_id(id)
                    .exec(txn)
                    .await?;
                if deleted.rows_affected > 0 {
                    audit_tx(txn, audit).await?;
                }
                Ok(deleted.rows_affected > 0)
            })
        })
        .await
    }
}

/// Takes one use of an initial access token, in one statement. Whether it had one left.
async fn use_up(
    txn: &sea_orm::DatabaseTransaction,
    id: Uuid,
    now: Timestamp,
) -> Result<bool, StoreError> {
    use registration_tokens::Column;

    let used = registration_tokens::Entity::update_many()
        // Nothing less one is nothing: without a number there is no end.
        .col_expr(Column::UsesLeft, Expr::col(Column::UsesLeft).sub(1))
        .filter(Column::Id.eq(id))
        .filter(
            Condition::any()
                .add(Column::UsesLeft.is_null())
                .add(Column::UsesLeft.gt(0)),
        )
        .filter(
            Condition::any()
                .add(Column::ExpiresAt.is_null())
                .add(Column::ExpiresAt.gt(now.millis())),
        )
        .exec(txn)
        .await?;
    Ok(used.rows_affected == 1)
}
