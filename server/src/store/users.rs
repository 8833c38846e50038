//! People and their password hashes.
//!
//! A password hash leaves the store only for the check of a password. Names and addresses are
//! compared by their `*_key` columns, which hold [`login_key`].

use contract::wire::session::Role;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    Condition, DatabaseBackend, DatabaseTransaction, IntoActiveModel, Order, QueryOrder,
    QuerySelect,
};

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::{conflict, storable, users};
use super::instance::{SETUP_COMPLETED, bump_generation, insert_if_absent};
use super::logout::end_tx;
use super::mails::mail_tx;
use super::session_rows::SessionSelector;
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::mail::Mail;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, login_key};

/// A user who is to be added.
#[derive(Clone)]
pub struct NewUser {
    pub id: Uuid,
    pub username: String,
    pub email: String,
    pub email_verified: bool,
    pub role: Role,
    /// In the PHC string format.
    pub password_hash: String,
    pub now: Timestamp,
}

/// Which users a list holds: those who fit all of it.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// A part of their user name or address, in whatever case.
    pub query: Option<String>,
    pub role: Option<Role>,
    pub disabled: Option<bool>,
}

/// A password that is to be set.
#[derive(Clone)]
pub struct NewPassword {
    pub user_id: Uuid,
    /// In the PHC string format.
    pub hash: String,
    pub now: Timestamp,
    /// The `sid` of the session that stays.
    pub keep: Option<Uuid>,
    /// The hash of the password that was checked, if one was.
    pub verified: Option<String>,
    /// Tells the person of it.
    pub mail: Option<Mail>,
}

impl NewPassword {
    /// One that ends every session.
    pub const fn new(user_id: Uuid, hash: String, now: Timestamp) -> Self {
        Self {
            user_id,
            hash,
            now,
            keep: None,
            verified: None,
            mail: None,
        }
    }
}

impl Store {
    /// Adds a user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with `username` or `email` when another user has it already.
    pub async fn insert_user(&self, new: NewUser, audit: AuditEntry) -> Result<User, StoreError> {
        transaction!(self, |txn| {
            // Before the user, so that a setup that runs at the same moment loses.
            insert_if_absent(txn, SETUP_COMPLETED, &new.now.millis().to_string()).await?;
            let user = insert(txn, new).await?;
            audit_tx(txn, audit).await?;
            Ok(user)
        })
        .await
    }

    /// Adds the first administrator. `None` when a user exists or the setup was completed: of
    /// two setups at once, one wins.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_first_admin(
        &self,
        new: NewUser,
        audit: AuditEntry,
    ) -> Result<Option<User>, StoreError> {
        transaction!(self, |txn| {
            let at = new.now.millis().to_string();
            if !insert_if_absent(txn, SETUP_COMPLETED, &at).await?
                || people().one(txn).await?.is_some()
            {
                return Ok(None);
            }
            let user = insert(txn, new).await?;
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(Some(user))
        })
        .await
    }

    /// How many users there are.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn count_users(&self) -> Result<u64, StoreError> {
        Ok(people().count(self.read()).await?)
    }

    /// The user whom a sign-in names, by user name or by address, and the hash of the password.
    /// Disabled users too: the caller decides.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn user_by_login(&self, login: &str) -> Result<Option<(User, String)>, StoreError> {
        let key = login_key(login);
        if !storable(&key) {
            return Ok(None);
        }
        // A user name holds no `@`, an address always does: one of the two indexes answers.
        let column = if key.contains('@') {
            users::Column::EmailKey
        } else {
            users::Column::UsernameKey
        };
        let row = fetch_optional(people().filter(column.eq(key)).all(self.read())).await?;
        row.map(|mut row| {
            let hash = std::mem::take(&mut row.password_hash);
            Ok((User::try_from(row)?, hash))
        })
        .transpose()
    }

    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn user_by_id(&self, id: Uuid) -> Result<Option<User>, StoreError> {
        let row = fetch_optional(users::Entity::find_by_id(id).all(self.read())).await?;
        row.map(User::try_from).transpose()
    }

    /// By user name, in whatever case.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn user_by_name(&self, name: &str) -> Result<Option<User>, StoreError> {
        if !storable(name) {
            return Ok(None);
        }
        let row = fetch_optional(
            people()
                .filter(users::Column::UsernameKey.eq(login_key(name)))
                .all(self.read()),
        )
        .await?;
        row.map(User::try_from).transpose()
    }

    /// The hash of a user's password.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn password_hash(&self, user_id: Uuid) -> Result<Option<String>, StoreError> {
        Ok(fetch_optional(
            users::Entity::find_by_id(user_id)
                .select_only()
                .column(users::Column::PasswordHash)
                .into_tuple()
                .all(self.read()),
        )
        .await?)
    }

    /// Users by user name, from the one behind `after` on, which is a [`login_key`].
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<User>, StoreError> {
        let query = filter.query.as_deref().map(login_key).unwrap_or_default();
        if !storable(&query) || !after.is_none_or(storable) {
            return Ok(Vec::new());
        }
        // By code points, as SQLite does: PostgreSQL's own order is that of its language.
        let name = match self.read().get_database_backend() {
            DatabaseBackend::Postgres => Expr::cust("users.username_key COLLATE \"C\""),
            _ => users::Column::UsernameKey.into_expr(),
        };
        let mut select = people().order_by(name.clone(), Order::Asc).limit(limit);
        if let Some(after) = after {
            select = select.filter(name.gt(after));
        }
        if !query.is_empty() {
            let part = containing(&query);
            select = select.filter(
                Condition::any()
                    .add(users::Column::UsernameKey.into_expr().like(part.clone()))
                    .add(users::Column::EmailKey.into_expr().like(part)),
            );
        }
        if let Some(role) = filter.role {
            select = select.filter(users::Column::Role.eq(role.name()));
        }
        if let Some(disabled) = filter.disabled {
            select = select.filter(if disabled {
                users::Column::DisabledAt.is_not_null()
            } else {
                users::Column::DisabledAt.is_null()
            });
        }
        let rows = select.all(self.read()).await?;
        rows.into_iter().map(User::try_from).collect()
    }

    /// Gives a user another role. Whether this changed anything.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn set_role(
        &self,
        user_id: Uuid,
        role: Role,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let updated = users::Entity::update_many()
                .col_expr(users::Column::Role, Expr::value(role.name()))
                .col_expr(users::Column::UpdatedAt, Expr::value(now.millis()))
                .filter(users::Column::Id.eq(user_id))
                // The owner of self-registered applications is no person.
                .filter(users::Column::Id.ne(Uuid::nil()))
                .filter(users::Column::Role.ne(role.name()))
                .exec(txn)
                .await?;
            if updated.rows_affected == 0 {
                return Ok(false);
            }
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(true)
        })
        .await
    }

    /// Disables a user and ends their sessions, in one transaction. What they granted stops with
    /// them; when they are enabled again, what has neither expired nor ended with a session goes
    /// on. Whether this changed anything.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn disable_user(
        &self,
        user_id: Uuid,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let updated = users::Entity::update_many()
                .col_expr(users::Column::DisabledAt, Expr::value(now.millis()))
                .col_expr(users::Column::UpdatedAt, Expr::value(now.millis()))
                .filter(users::Column::Id.eq(user_id))
                .filter(users::Column::DisabledAt.is_null())
                .exec(txn)
                .await?;
            end_tx(txn, user_id, SessionSelector::All, now).await?;
            if updated.rows_affected > 0 {
                audit_tx(txn, audit).await?;
            }
            bump_generation(txn).await?;
            Ok(updated.rows_affected > 0)
        })
        .await
    }

    /// Enables a user who was disabled. Whether this changed anything.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn enable_user(
        &self,
        user_id: Uuid,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let updated = users::Entity::update_many()
                .col_expr(users::Column::DisabledAt, Expr::value(None::<i64>))
                .col_expr(users::Column::UpdatedAt, Expr::value(now.millis()))
                .filter(users::Column::Id.eq(user_id))
                // The owner of self-registered applications is no person, and stays disabled.
                .filter(users::Column::Id.ne(Uuid::nil()))
                .filter(users::Column::DisabledAt.is_not_null())
                .exec(txn)
                .await?;
            if updated.rows_affected > 0 {
                audit_tx(txn, audit).await?;
            }
            bump_generation(txn).await?;
            Ok(updated.rows_affected > 0)
        })
        .await
    }

    /// Sets a password and ends the user's sessions. `false`, and nothing is written, when the user
    /// does not exist, or has another password by now than the one whose hash was `verified`.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn set_password(
        &self,
        new: NewPassword,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let (user_id, now) = (new.user_id, new.now);
            let mut update = users::Entity::update_many()
                .col_expr(users::Column::PasswordHash, Expr::value(new.hash))
                .col_expr(users::Column::UpdatedAt, Expr::value(now.millis()))
                .filter(users::Column::Id.eq(user_id));
            if let Some(hash) = new.verified {
                update = update.filter(users::Column::PasswordHash.eq(hash));
            }
            if update.exec(txn).await?.rows_affected == 0 {
                return Ok(false);
            }
            let ending = new
                .keep
                .map_or(SessionSelector::All, SessionSelector::AllBut);
            end_tx(txn, user_id, ending, now).await?;
            if let Some(mail) = new.mail {
                mail_tx(txn, mail).await?;
            }
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(true)
        })
        .await
    }
}

/// Matches texts with this part in them, whatever its characters mean in a pattern.
fn containing(part: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// All users but the one with the nil id, who owns the applications that register themselves.
fn people() -> sea_orm::Select<users::Entity> {
    users::Entity::find().filter(users::Column::Id.ne(Uuid::nil()))
}

async fn insert(txn: &DatabaseTransaction, new: NewUser) -> Result<User, StoreError> {
    let row = users::Model {
        id: new.id,
        username_key: login_key(&new.username),
        username: new.username,
        email_key: login_key(&new.email),
        email: new.email,
        email_verified: new.email_verified,
        role: new.role.name().to_owned(),
        password_hash: new.password_hash,
        created_at: new.now.millis(),
        updated_at: new.now.millis(),
        disabled_at: None,
    };
    users::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(txn)
        .await
        .map_err(|error| {
            let columns = [("username_key", "username"), ("email_key", "email")];
            conflict(error, &columns)
        })?;
    User::try_from(row)
}
