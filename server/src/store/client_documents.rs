//! Applications whose client id is the address of their metadata, and when that was read.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{DatabaseTransaction, Set};

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::{applications, client_documents, storable};
use super::instance::bump_generation;
use super::room::{self, Inserted, Room};
use super::{Store, StoreError, fetch_optional};
use crate::domain::client::{Client, DisplayMetadata, Origin, Settings};
use crate::domain::freshness::Freshness;
use crate::domain::time::Timestamp;

/// What a document says that it did not say before.
#[derive(Clone, Debug)]
pub struct Changed {
    pub settings: Settings,
    pub about: DisplayMetadata,
    /// The `updated_at` of the application that the change is based on.
    pub seen: Timestamp,
    pub audit: AuditEntry,
}

impl Store {
    /// When the document of a client was read.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn client_document(&self, client_id: &str) -> Result<Option<Freshness>, StoreError> {
        if !storable(client_id) {
            return Ok(None);
        }
        let row = fetch_optional(client_documents::Entity::find_by_id(client_id).all(self.read()))
            .await?;
        Ok(row.map(|row| Freshness {
            fetched_at: Timestamp(row.fetched_at),
            fresh_until: Timestamp(row.fresh_until),
            failures: row.failures,
            retry_at: Timestamp(row.retry_at),
        }))
    }

    /// Takes in an application that came by its document, while there is room. Of two servers that do so at once, the first one's row stays.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_document(
        &self,
        application: &Client,
        freshness: Freshness,
        room: Room,
        audit: AuditEntry,
    ) -> Result<Inserted, StoreError> {
        let client_id = application.client_id.clone();
        let mut row = applications::row(application.clone());
        self.write(move |txn| {
            Box::pin(async move {
                let left = room::look(txn, Origin::Document, &room).await?;
                if left != Inserted::Done {
                    return Ok(left);
                }
                row.registered_from = Set(room.from);
                let inserted = applications::Entity::insert(row)
                    .on_conflict(
                        OnConflict::column(applications::Column::ClientId)
                            .do_nothing()
                            .to_owned(),
                    )
                    .exec_without_returning(txn)
                    .await?;
                if inserted > 0 {
                    audit_tx(txn, audit).await?;
                }
                note(txn, client_id, freshness).await?;
                bump_generation(txn).await?;
                Ok(Inserted::Done)
            })
        })
        .await
    }

    /// Notes a read of the document, and what it says now if that is new. Writes neither if the
    /// application has changed since it was seen. Does not change whether the application is
    /// disabled, nor since when it exists. Returns whether the read was noted.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn update_document(
        &self,
        client_id: &str,
        freshness: Freshness,
        changed: Option<Changed>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use applications::Column;

        let client_id = client_id.to_owned();
        self.write(move |txn| {
            Box::pin(async move {
                if let Some(changed) = changed {
                    let about = applications::about(&changed.about);
                    let updated = applications::Entity::update_many()
                        .set(applications::settings(changed.settings))
                        .col_expr(Column::About, Expr::value(about))
                        .col_expr(Column::UpdatedAt, Expr::value(now.millis()))
                        .filter(Column::ClientId.eq(client_id.as_str()))
                        .filter(Column::Origin.eq(Origin::Document.name()))
                        .filter(Column::UpdatedAt.eq(changed.seen.millis()))
                        .exec(txn)
                        .await?;
                    if updated.rows_affected == 0 {
                        return Ok(false);
                    }
                    audit_tx(txn, changed.audit).await?;
                    bump_generation(txn).await?;
                }
                // Deleted meanwhile: there is nothing to note.
                let there = applications::Entity::find_by_id(client_id.as_str())
                    .count(txn)
                    .await?;
                if there > 0 {
                    note(txn, client_id, freshness).await?;
                }
                Ok(true)
            })
        })
        .await
    }
}

async fn note(
    txn: &DatabaseTransaction,
    client_id: String,
    freshness: Freshness,
) -> Result<(), StoreError> {
    use client_documents::Column;

    let row = client_documents::ActiveModel {
        client_id: Set(client_id),
        fetched_at: Set(freshness.fetched_at.millis()),
        fresh_until: Set(freshness.fresh_until.millis()),
        failures: Set(freshness.failures),
        retry_at: Set(freshness.retry_at.millis()),
    };
    let columns = [
        Column::FetchedAt,
        Column::FreshUntil,
        Column::Failures,
        Column::RetryAt,
    ];
    client_documents::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::ClientId)
                .update_columns(columns)
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}
