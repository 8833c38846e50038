//! Authorization codes: written once, consumed once.

use sea_orm::sea_query::{Expr, InsertStatement, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseBackend,
    DatabaseTransaction, DbErr, EntityTrait, Iterable, QueryFilter,
};
use uuid::Uuid;

use super::columns::{hash_of, scopes_of, split_words};
use super::consent_rows::{remember_tx, stand};
use super::entities::{authorization_codes, consents, sessions, users};
use super::grants::insert_family;
use super::session_rows::is_signed_in;
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::consent::{Consent, ConsentAnswer};
use crate::domain::grant::{AccessToken, AuthorizationCode, Grant, RefreshToken};
use crate::domain::pkce::CodeChallenge;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// What issuing a code has come to; but for the first, nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueCodeOutcome {
    Issued,
    /// This flow has its code already.
    AlreadyIssued,
    /// The session that the code would belong to has ended: nothing may come of it any more, and
    /// nothing would ever end what did.
    SessionEnded,
    /// The person has taken back what they had let the application do.
    ConsentWithdrawn,
}

/// The consent on which a code is issued.
#[derive(Clone, Debug)]
pub enum ConsentBasis {
    /// The user is not asked about this application.
    Skipped,
    /// The user gave it before, for each resource server; all must be unchanged since the read.
    Stored(Vec<Consent>),
    /// They gave it just now, and it is remembered.
    Fresh(ConsentAnswer),
}

fn code_of(row: authorization_codes::Model) -> Result<AuthorizationCode, StoreError> {
    Ok(AuthorizationCode {
        id: row.id,
        secret_hash: hash_of(row.secret_hash)?,
        client_id: row.client_id,
        user_id: row.user_id,
        session_id: row.session_id,
        redirect_uri: row.redirect_uri,
        redirect_uri_sent: row.redirect_uri_sent,
        scopes: scopes_of(&row.scopes),
        nonce: row.nonce,
        code_challenge: row.code_challenge.map(CodeChallenge::from_stored),
        auth_time: Timestamp(row.auth_time),
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        consumed_at: row.consumed_at.map(Timestamp),
        resources: split_words(&row.resources),
        amr: row.amr,
    })
}

async fn consume(txn: &DatabaseTransaction, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let done = authorization_codes::Entity::update_many()
        .col_expr(
            authorization_codes::Column::ConsumedAt,
            Expr::value(now.millis()),
        )
        .filter(authorization_codes::Column::Id.eq(id))
        .filter(authorization_codes::Column::ConsumedAt.is_null())
        .exec(txn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Inserts a code if its flow has none yet, its session still stands and so do the consents that
/// are `remembered`, if it is issued by any.
async fn insert_code(
    txn: &DatabaseTransaction,
    code: AuthorizationCode,
    remembered: &[Consent],
) -> Result<IssueCodeOutcome, StoreError> {
    let session_id = code.session_id;
    let row = code_row(code);
    // On SQLite one write runs at a time, so one statement may look at everything. Elsewhere the
    // rows of session and consent have to be held.
    let sqlite = txn.get_database_backend() == DatabaseBackend::Sqlite;
    if sqlite {
        let insert = insert_where_allowed(&row, session_id, remembered)?;
        if txn.execute(&insert).await?.rows_affected() == 1 {
            return Ok(IssueCodeOutcome::Issued);
        }
    }
    if !is_signed_in(txn, session_id).await? {
        return Ok(IssueCodeOutcome::SessionEnded);
    }
    if !stand(txn, remembered).await? {
        return Ok(IssueCodeOutcome::ConsentWithdrawn);
    }
    if sqlite {
        return Ok(IssueCodeOutcome::AlreadyIssued);
    }
    let inserted = authorization_codes::Entity::insert(row)
        .on_conflict(once())
        .exec_without_returning(txn)
        .await?;
    Ok(if inserted == 0 {
        IssueCodeOutcome::AlreadyIssued
    } else {
        IssueCodeOutcome::Issued
    })
}

/// A flow has one code.
fn once() -> OnConflict {
    OnConflict::column(authorization_codes::Column::Id)
        .do_nothing()
        .to_owned()
}

/// `INSERT … SELECT … WHERE EXISTS` the session, and the consents if the code comes of them.
fn insert_where_allowed(
    row: &authorization_codes::ActiveModel,
    session_id: Uuid,
    remembered: &[Consent],
) -> Result<InsertStatement, StoreError> {
    let one = || Query::select().expr(Expr::value(1)).to_owned();
    let session = one()
        .from(sessions::Entity)
        .and_where(sessions::Column::Sid.eq(session_id))
        .to_owned();
    let mut values = Query::select();
    let mut columns = Vec::new();
    for column in authorization_codes::Column::iter() {
        if let Some(value) = row.get(column).into_value() {
            columns.push(column);
            values.expr(Expr::value(value));
        }
    }
    values.and_where(Expr::exists(session));
    for consent in remembered {
        let consent = one()
            .from(consents::Entity)
            .and_where(consents::Column::UserId.eq(consent.user_id))
            .and_where(consents::Column::ClientId.eq(consent.client_id.as_str()))
            .and_where(consents::Column::Resource.eq(consent.resource.as_str()))
            .and_where(consents::Column::Shown.eq(consent.shown.as_str()))
            .and_where(consents::Column::Scopes.eq(consent.scopes.to_string()))
            .to_owned();
        values.and_where(Expr::exists(consent));
    }
    let insert = Query::insert()
        .into_table(authorization_codes::Entity)
        .columns(columns)
        .select_from(values)
        .map_err(|error| StoreError::Db(DbErr::Custom(error.to_string())))?
        .on_conflict(once())
        .to_owned();
    Ok(insert)
}

fn code_row(code: AuthorizationCode) -> authorization_codes::ActiveModel {
    authorization_codes::ActiveModel {
        id: Set(code.id),
        secret_hash: Set(code.secret_hash.to_vec()),
        client_id: Set(code.client_id),
        user_id: Set(code.user_id),
        session_id: Set(code.session_id),
        redirect_uri: Set(code.redirect_uri),
        redirect_uri_sent: Set(code.redirect_uri_sent),
        scopes: Set(code.scopes.to_string()),
        nonce: Set(code.nonce),
        code_challenge: Set(code.code_challenge.map(|c| c.as_str().to_owned())),
        auth_time: Set(code.auth_time.millis()),
        created_at: Set(code.created_at.millis()),
        expires_at: Set(code.expires_at.millis()),
        consumed_at: Set(code.consumed_at.map(Timestamp::millis)),
        resources: Set(code.resources.join(" ")),
        amr: Set(code.amr),
    }
}

impl Store {
    /// Writes a code, and the consent that it comes from if the person gave it just now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn issue_code(
        &self,
        code: AuthorizationCode,
        leave: ConsentBasis,
    ) -> Result<IssueCodeOutcome, StoreError> {
        let remembered = match leave {
            ConsentBasis::Skipped => Vec::new(),
            ConsentBasis::Stored(consents) => consents,
            ConsentBasis::Fresh(answer) => return self.issue_code_and_remember(code, answer).await,
        };
        self.write_statement(move |txn| {
            Box::pin(async move { insert_code(txn, code, &remembered).await })
        })
        .await
    }

    async fn issue_code_and_remember(
        &self,
        code: AuthorizationCode,
        answer: ConsentAnswer,
    ) -> Result<IssueCodeOutcome, StoreError> {
        transaction!(self, |txn| {
            let issued = insert_code(txn, code, &[]).await?;
            if issued == IssueCodeOutcome::Issued {
                remember_tx(txn, &answer).await?;
            }
            Ok(issued)
        })
        .await
    }

    /// A code and whose it is, by one question.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_code(
        &self,
        id: Uuid,
    ) -> Result<Option<(AuthorizationCode, Option<User>)>, StoreError> {
        fetch_optional(
            authorization_codes::Entity::find_by_id(id)
                .find_also_related(users::Entity)
                .all(self.read()),
        )
        .await?
        .map(|(code, user)| Ok((code_of(code)?, user.map(User::try_from).transpose()?)))
        .transpose()
    }

    /// Consumes a code and writes what it becomes, in one transaction. `false`, and nothing
    /// written, when another request was first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn redeem_code(
        &self,
        now: Timestamp,
        grant: Grant,
        access: AccessToken,
        refresh: Option<RefreshToken>,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            if !consume(txn, grant.id, now).await? {
                return Ok(false);
            }
            insert_family(txn, grant, access, refresh).await?;
            Ok(true)
        })
        .await
    }

    /// Consumes a code without giving anything for it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn burn_code(&self, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        self.write_statement(move |txn| Box::pin(consume(txn, id, now)))
            .await
    }
}
