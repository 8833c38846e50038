//! Links in mails. A link works once, for the address that it went to, until it expires; what it
//! does and that it was used are one transaction.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, QuerySelect};

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::{mail_links, users};
use super::grants::{RevocationReason, end_grants_of_tx};
use super::instance::bump_generation;
use super::logout::{SessionsEnded, end_tx};
use super::mails::mail_tx;
use super::session_rows::SessionSelector;
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::grant::SecretHash;
use crate::domain::mail::{LinkPurpose, Mail};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, login_key};

/// A link that is to be sent.
#[derive(Clone)]
pub struct NewLink {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    pub purpose: LinkPurpose,
    pub user_id: Uuid,
    /// Where it goes.
    pub email: String,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

/// What the holder of a link asks for.
#[derive(Clone)]
pub struct LinkUse {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    pub purpose: LinkPurpose,
    pub now: Timestamp,
}

impl LinkUse {
    /// The rows that it may be.
    fn live(&self) -> Condition {
        use mail_links::Column;

        Condition::all()
            .add(Column::Id.eq(self.id))
            .add(Column::SecretHash.eq(self.secret_hash.to_vec()))
            .add(Column::Purpose.eq(self.purpose.name()))
            .add(Column::UsedAt.is_null())
            .add(Column::ExpiresAt.gt(self.now.millis()))
    }
}

impl Store {
    /// Writes a link together with the mail that takes it, or alone for one that is handed over
    /// otherwise. `false`, and nothing is written, when the address got too many mails.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn insert_link(
        &self,
        link: NewLink,
        mail: Option<Mail>,
        audit: Option<AuditEntry>,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            if let Some(mail) = mail
                && !mail_tx(txn, mail).await?
            {
                return Ok(false);
            }
            mail_links::Entity::insert(mail_links::ActiveModel {
                id: Set(link.id),
                secret_hash: Set(link.secret_hash.to_vec()),
                purpose: Set(link.purpose.name().to_owned()),
                user_id: Set(link.user_id),
                email_key: Set(login_key(&link.email)),
                created_at: Set(link.now.millis()),
                expires_at: Set(link.expires_at.millis()),
                used_at: Set(None),
            })
            .exec_without_returning(txn)
            .await?;
            if let Some(audit) = audit {
                audit_tx(txn, audit).await?;
            }
            Ok(true)
        })
        .await
    }

    /// The person whom a link that is still good was sent to. `None` as well when they have
    /// another address by now, or are disabled.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn user_of_link(&self, link: &LinkUse) -> Result<Option<User>, StoreError> {
        let found = mail_links::Entity::find()
            .filter(link.live())
            .all(self.read());
        let Some(found) = fetch_optional(found).await? else {
            return Ok(None);
        };
        let user = self.user_by_id(found.user_id).await?;
        Ok(user
            .filter(|user| login_key(&user.email) == found.email_key && user.disabled_at.is_none()))
    }

    /// Sets a password by a link, once: every session, every grant and every other such link of
    /// the person ends. `None`, and nothing is written, when the link is not good (any more).
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn reset_password(
        &self,
        link: LinkUse,
        password_hash: String,
        mail: Option<Mail>,
        audit: AuditEntry,
    ) -> Result<Option<SessionsEnded>, StoreError> {
        transaction!(self, |txn| {
            let now = link.now;
            let Some(user_id) = take_tx(txn, &link).await? else {
                return Ok(None);
            };
            users::Entity::update_many()
                .col_expr(users::Column::PasswordHash, Expr::value(password_hash))
                .col_expr(users::Column::UpdatedAt, Expr::value(now.millis()))
                .filter(users::Column::Id.eq(user_id))
                .exec(txn)
                .await?;
            mail_links::Entity::update_many()
                .col_expr(mail_links::Column::UsedAt, Expr::value(now.millis()))
                .filter(mail_links::Column::UserId.eq(user_id))
                .filter(mail_links::Column::Purpose.eq(link.purpose.name()))
                .filter(mail_links::Column::UsedAt.is_null())
                .exec(txn)
                .await?;
            let ended = end_tx(txn, user_id, SessionSelector::All, now).await?;
            end_grants_of_tx(txn, user_id, RevocationReason::PasswordReset, now).await?;
            if let Some(mail) = mail {
                mail_tx(txn, mail).await?;
            }
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(Some(ended))
        })
        .await
    }
}

/// Uses a link up in one statement, so that of many at once one wins. The person it was sent to.
async fn take_tx(txn: &DatabaseTransaction, link: &LinkUse) -> Result<Option<Uuid>, StoreError> {
    let used = mail_links::Entity::update_many()
        .col_expr(mail_links::Column::UsedAt, Expr::value(link.now.millis()))
        .filter(link.live())
        // The person has this address still, and may sign in.
        .filter(
            mail_links::Column::EmailKey.in_subquery(
                Query::select()
                    .column(users::Column::EmailKey)
                    .from(users::Entity)
                    .and_where(
                        Expr::col((users::Entity, users::Column::Id))
                            .equals((mail_links::Entity, mail_links::Column::UserId)),
                    )
                    .and_where(users::Column::DisabledAt.is_null())
                    .to_owned(),
            ),
        )
        .exec(txn)
        .await?;
    if used.rows_affected == 0 {
        return Ok(None);
    }
    let user_id = mail_links::Entity::find_by_id(link.id)
        .select_only()
        .column(mail_links::Column::UserId)
        .into_tuple()
        .all(txn);
    Ok(fetch_optional(user_id).await?)
}
