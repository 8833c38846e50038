//! Consent rows inside other transactions: codes and devices check and write them.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{DatabaseTransaction, IntoActiveModel, QuerySelect};

use super::entities::consents;
use super::{StoreError, only};
use crate::domain::consent::{Consent, ConsentAnswer};

/// Whether a person's consent is still the one that was read, and will be until this write is
/// done: whoever changes it or takes it back waits, and then finds what was written. (On SQLite
/// one write runs at a time.)
pub(super) async fn stands(
    txn: &DatabaseTransaction,
    consent: &Consent,
) -> Result<bool, StoreError> {
    let key = (consent.user_id, consent.client_id.clone());
    let found = consents::Entity::find_by_id(key)
        .lock(LockType::Share)
        .all(txn)
        .await?;
    Ok(found
        .iter()
        .any(|row| row.scopes == consent.scopes.to_string()))
}

/// Remembers an answer, beside those of before as they stand now: what was taken back a moment
/// ago does not come again.
pub(super) async fn remember_in(
    txn: &DatabaseTransaction,
    answer: ConsentAnswer,
) -> Result<(), StoreError> {
    use consents::Column;

    let first = Consent::after(None, answer.clone());
    // Of two first answers at once, the second one waits here and then finds the first.
    let inserted = consents::Entity::insert(consents::Model::from(first).into_active_model())
        .on_conflict(
            OnConflict::columns([Column::UserId, Column::ClientId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    if inserted == 1 {
        return Ok(());
    }
    let key = (answer.user_id, answer.client_id.clone());
    let before = consents::Entity::find_by_id(key).lock_exclusive();
    let before = only(before.all(txn)).await?.map(Consent::from);
    let consent = Consent::after(before, answer);
    consents::Entity::insert(consents::Model::from(consent).into_active_model())
        .on_conflict(
            OnConflict::columns([Column::UserId, Column::ClientId])
                .update_columns([Column::Scopes, Column::Declined, Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}
