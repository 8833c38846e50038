//! Small facts about this installation: whether it was set up, and the generation of its
//! configuration.
//!
//! Every change that another server may have cached (applications, secrets, keys, passwords)
//! calls [`bump_generation`] in its own transaction. A server that sees a new generation drops
//! its caches; so the number must never be bumped outside the transaction of the change.
//!
//! To add a fact: a constant with its name here.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction};

use super::entities::{corrupt, instance};
use super::{Store, StoreError, fetch_optional, transaction};

/// Counts the changes of the configuration.
pub(super) const GENERATION: &str = "generation";
/// There is a user who can sign in: the setup link is no longer good.
pub(super) const SETUP_COMPLETED: &str = "setup_completed";
/// The server that makes the first signing keys holds this row.
pub(super) const FIRST_KEYS: &str = "first_keys";
/// Held while a server adds the next key.
pub(super) const ROTATION: &str = "key_rotation";

impl Store {
    /// A fact by its name.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn get(&self, name: &str) -> Result<Option<String>, StoreError> {
        find(self.read(), name).await
    }

    /// Writes a fact unless it is there already, and returns the one that is stored: of several
    /// servers that start at once, all get the same.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn set_if_absent(&self, name: &str, value: &str) -> Result<String, StoreError> {
        if let Some(stored) = self.get(name).await? {
            return Ok(stored);
        }
        let (name, value) = (name.to_owned(), value.to_owned());
        transaction!(self, |txn| {
            insert_if_absent(txn, &name, &value).await?;
            Ok(find(txn, &name).await?.unwrap_or(value))
        })
        .await
    }

    /// How often the configuration has changed.
    ///
    /// # Errors
    /// [`StoreError::Db`], or [`StoreError::Corrupt`] when it is no number.
    pub async fn generation(&self) -> Result<i64, StoreError> {
        let Some(text) = self.get(GENERATION).await? else {
            return Ok(0);
        };
        text.parse()
            .map_err(|_| corrupt("instance.generation", &text))
    }
}

/// Says to every server that what it has cached may have changed.
///
/// # Errors
/// [`StoreError::Db`].
pub(super) async fn bump_generation(txn: &DatabaseTransaction) -> Result<(), StoreError> {
    let next = Expr::cust("CAST(CAST(instance.value AS BIGINT) + 1 AS TEXT)");
    instance::Entity::insert(row(GENERATION, "1"))
        .on_conflict(
            OnConflict::column(instance::Column::Name)
                .value(instance::Column::Value, next)
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Whether this call wrote the fact. On PostgreSQL a second server waits here until the first
/// one's transaction has ended.
pub(super) async fn insert_if_absent(
    txn: &DatabaseTransaction,
    name: &str,
    value: &str,
) -> Result<bool, StoreError> {
    let inserted = instance::Entity::insert(row(name, value))
        .on_conflict(
            OnConflict::column(instance::Column::Name)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(inserted > 0)
}

/// Writes a fact in place of what stood there.
pub(super) async fn set_fact(
    txn: &impl ConnectionTrait,
    name: &str,
    value: &str,
) -> Result<(), DbErr> {
    instance::Entity::insert(row(name, value))
        .on_conflict(
            OnConflict::column(instance::Column::Name)
                .update_column(instance::Column::Value)
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Lets one transaction at a time past this point, over all servers, until it ends.
pub(super) async fn lock(txn: &DatabaseTransaction, name: &str) -> Result<(), StoreError> {
    insert_if_absent(txn, name, "").await?;
    // An update holds the row until the end of the transaction.
    instance::Entity::update_many()
        .col_expr(instance::Column::Value, Expr::value(""))
        .filter(instance::Column::Name.eq(name))
        .exec(txn)
        .await?;
    Ok(())
}

async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<String>, StoreError> {
    let row = fetch_optional(instance::Entity::find_by_id(name).all(db)).await?;
    Ok(row.map(|row| row.value))
}

fn row(name: &str, value: &str) -> instance::ActiveModel {
    instance::ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.to_owned()),
    }
}
