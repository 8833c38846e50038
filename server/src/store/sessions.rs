//! Signed-in browsers. The cookie's random part is stored as a hash only.
//!
//! A session that signs in again is replaced by one with a new id, never renamed.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::LockType;
use sea_orm::{DatabaseTransaction, IntoActiveModel, QueryOrder, QuerySelect};

use super::columns::hash_of;
use super::entities::{corrupt, sessions, users};
use super::logout::{SessionsEnded, end_tx};
use super::session_rows::SessionSelector;
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::grant::SecretHash;
use crate::domain::session::{IDLE_LIFETIME, Session};
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// At most this many bytes of a browser's name for itself are kept.
const USER_AGENT_BYTES: usize = 256;

/// A session that is to begin.
#[derive(Clone)]
pub struct NewSession {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    /// Names the session to applications.
    pub sid: Uuid,
    pub user_id: Uuid,
    /// How the person proved who they are.
    pub amr: String,
    /// As the browser names itself; cut when it is long.
    pub user_agent: String,
    /// When the person proved who they are.
    pub now: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
}

/// A session as its user sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    pub id: Uuid,
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

impl Store {
    /// Begins a session in place of `old`: a sign-in never keeps the old cookie, which another
    /// party may have planted. A user who authenticates again keeps the session that applications
    /// know. The session of another user ends, with everything that ends with it.
    ///
    /// `None`, and nothing is written, when the user was disabled or got another password than
    /// the one whose hash was `verified`: checking takes a while.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn replace_session(
        &self,
        old: Option<&Session>,
        new: NewSession,
        verified: Option<String>,
    ) -> Result<Option<SessionsEnded>, StoreError> {
        let old = old.map(|old| (old.id, old.sid, old.user.id));
        transaction!(self, |txn| {
            if !may_begin(txn, new.user_id, verified).await? {
                return Ok(None);
            }
            let mut ended = SessionsEnded::default();
            if let Some((id, sid, user_id)) = old {
                if sid == new.sid && user_id == new.user_id {
                    sessions::Entity::delete_by_id(id).exec(txn).await?;
                } else {
                    ended = end_tx(txn, user_id, SessionSelector::One(sid), new.now).await?;
                }
            }
            sessions::Entity::insert(row(new).into_active_model())
                .exec_without_returning(txn)
                .await?;
            Ok(Some(ended))
        })
        .await
    }

    /// A session with its user, and the hash that the cookie's random part has to have. Whether
    /// it is live, the caller asks the session.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn find_session(
        &self,
        id: Uuid,
    ) -> Result<Option<(Session, SecretHash)>, StoreError> {
        let found = fetch_optional(
            sessions::Entity::find_by_id(id)
                .find_also_related(users::Entity)
                .all(self.read()),
        )
        .await?;
        let Some((row, user)) = found else {
            return Ok(None);
        };
        let user = user.ok_or_else(|| corrupt("sessions.user_id", &row.user_id.to_string()))?;
        let secret_hash = hash_of(row.secret_hash)?;
        let session = Session {
            id: row.id,
            sid: row.sid.unwrap_or(row.id),
            amr: row.amr,
            user: User::try_from(user)?,
            auth_time: Timestamp(row.auth_time),
            created_at: Timestamp(row.created_at),
            last_seen_at: Timestamp(row.last_seen_at),
            expires_at: Timestamp(row.expires_at),
        };
        Ok(Some((session, secret_hash)))
    }

    /// Remembers that the session was used; no request waits for it.
    pub fn touch_session(&self, id: Uuid, now: Timestamp) {
        self.hint_touch(move |txn| {
            Box::pin(async move {
                sessions::Entity::update_many()
                    .col_expr(sessions::Column::LastSeenAt, Expr::value(now.millis()))
                    .filter(sessions::Column::Id.eq(id))
                    .filter(sessions::Column::LastSeenAt.lt(now.millis()))
                    .exec(txn)
                    .await?;
                Ok(())
            })
        });
    }

    /// Remembers that an application of the session refreshed its tokens; no request waits for it.
    /// A session that has expired is not revived.
    pub fn touch_session_named(&self, sid: Uuid, now: Timestamp) {
        self.hint_touch(move |txn| {
            Box::pin(async move {
                let idle = now - IDLE_LIFETIME;
                sessions::Entity::update_many()
                    .col_expr(sessions::Column::LastSeenAt, Expr::value(now.millis()))
                    .filter(sessions::Column::Sid.eq(sid))
                    .filter(sessions::Column::LastSeenAt.gt(idle.millis()))
                    .filter(sessions::Column::LastSeenAt.lt(now.millis()))
                    .filter(sessions::Column::ExpiresAt.gt(now.millis()))
                    .exec(txn)
                    .await?;
                Ok(())
            })
        });
    }

    /// A user's sessions, the one used last first. Some may have ended and wait for the sweep.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn list_sessions(&self, user_id: Uuid) -> Result<Vec<SessionRow>, StoreError> {
        let rows: Vec<(Uuid, String, i64, i64)> = sessions::Entity::find()
            .select_only()
            .columns([
                sessions::Column::Id,
                sessions::Column::UserAgent,
                sessions::Column::CreatedAt,
                sessions::Column::LastSeenAt,
            ])
            .filter(sessions::Column::UserId.eq(user_id))
            .order_by_desc(sessions::Column::LastSeenAt)
            .order_by_desc(sessions::Column::Id)
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, user_agent, created_at, last_seen_at)| SessionRow {
                id,
                user_agent,
                created_at: Timestamp(created_at),
                last_seen_at: Timestamp(last_seen_at),
            })
            .collect())
    }
}

/// Whether a session of this user may begin, until this write is done: a transaction that disables
/// the user or sets a password waits for it, and then ends the new session. (On SQLite one write
/// runs at a time.)
async fn may_begin(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    verified: Option<String>,
) -> Result<bool, StoreError> {
    let mut user = users::Entity::find_by_id(user_id)
        .filter(users::Column::DisabledAt.is_null())
        .lock(LockType::Share);
    if let Some(hash) = verified {
        user = user.filter(users::Column::PasswordHash.eq(hash));
    }
    Ok(fetch_optional(user.all(txn)).await?.is_some())
}

fn row(new: NewSession) -> sessions::Model {
    let mut user_agent = new.user_agent;
    user_agent.truncate(user_agent.floor_char_boundary(USER_AGENT_BYTES));
    sessions::Model {
        id: new.id,
        secret_hash: new.secret_hash.to_vec(),
        user_id: new.user_id,
        auth_time: new.now.millis(),
        created_at: new.now.millis(),
        last_seen_at: new.now.millis(),
        expires_at: new.expires_at.millis(),
        user_agent,
        sid: Some(new.sid),
        amr: new.amr,
    }
}
