//! Consent rows inside other transactions: codes and devices check and write them.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{DatabaseTransaction, IntoActiveModel, QuerySelect};

use super::entities::consents::{self, Column, Entity};
use super::{StoreError, fetch_optional};
use crate::domain::consent::{Consent, ConsentAnswer};

/// Whether a person's consents are still those that were read, and will be until this write is
/// done: who changes one or takes it back waits, and then finds what was written. (On SQLite one
/// write runs at a time.)
pub(super) async fn stand(
    txn: &DatabaseTransaction,
    consents: &[Consent],
) -> Result<bool, StoreError> {
    for consent in consents {
        let found = Entity::find_by_id(key_of(consent))
            .lock(LockType::Share)
            .all(txn)
            .await?;
        let scopes = consent.scopes.to_string();
        if !found.iter().any(|row| row.scopes == scopes) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn key_of(consent: &Consent) -> (Uuid, String, String, String) {
    (
        consent.user_id,
        consent.client_id.clone(),
        consent.resource.clone(),
        consent.shown.clone(),
    )
}

/// Remembers an answer for each resource server that it names, beside those of before as they
/// stand now: what was taken back a moment ago does not come again.
pub(super) async fn remember_tx(
    txn: &DatabaseTransaction,
    answer: &ConsentAnswer,
) -> Result<(), StoreError> {
    for resource in answer.resource_keys() {
        remember_one(txn, &resource, answer).await?;
    }
    Ok(())
}

async fn remember_one(
    txn: &DatabaseTransaction,
    resource: &str,
    answer: &ConsentAnswer,
) -> Result<(), StoreError> {
    if resource.is_empty() {
        // An answer from before its page was kept ends with the first one that knows its page.
        let old = (
            answer.user_id,
            answer.client_id.clone(),
            String::new(),
            String::new(),
        );
        Entity::delete_by_id(old).exec(txn).await?;
    }
    let first = Consent::after(None, resource, answer);
    let key = key_of(&first);
    // Of two first answers at once, the second one waits here and then finds the first.
    let inserted = Entity::insert(consents::Model::from(first).into_active_model())
        .on_conflict(same_row().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    if inserted == 1 {
        return Ok(());
    }
    let before = Entity::find_by_id(key).lock_exclusive();
    let before = fetch_optional(before.all(txn)).await?.map(Consent::from);
    let consent = Consent::after(before, resource, answer);
    Entity::insert(consents::Model::from(consent).into_active_model())
        .on_conflict(
            same_row()
                .update_columns([Column::Scopes, Column::Declined, Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

fn same_row() -> OnConflict {
    OnConflict::columns([
        Column::UserId,
        Column::ClientId,
        Column::Resource,
        Column::Shown,
    ])
}
