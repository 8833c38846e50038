//! Session rows inside other transactions: which rows a `sid` names, and whether one stands.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, LockType};
use sea_orm::{DatabaseTransaction, QuerySelect};

use super::StoreError;
use super::entities::sessions;

/// Which sessions of a user end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSelector {
    /// The one with this `sid`.
    One(Uuid),
    All,
    /// All but the one with this `sid`.
    AllBut(Uuid),
}

impl SessionSelector {
    /// Whether this column's `sid` is of a session that ends.
    pub(super) fn ends(self, sid: impl ColumnTrait) -> Condition {
        match self {
            Self::One(one) => Condition::all().add(sid.eq(one)),
            Self::All => Condition::all(),
            Self::AllBut(kept) => Condition::all().add(sid.ne(kept)),
        }
    }

    /// Whether a row is of a session that ends. One without a `sid` was written by an older
    /// server: its id takes the place.
    pub(super) fn ends_row(self) -> Condition {
        use sessions::Column;

        let by_id = self.ends(Column::Id).add(Column::Sid.is_null());
        Condition::any().add(self.ends(Column::Sid)).add(by_id)
    }
}

/// Whether a user is signed in with this `sid`, and stays so until this write is done: a
/// transaction that ends the session waits for this write, and then finds what it wrote. (On SQLite
/// one write runs at a time.)
pub(super) async fn is_signed_in(txn: &DatabaseTransaction, sid: Uuid) -> Result<bool, StoreError> {
    // A person who signs in again at this moment replaces the row: the first look has waited for
    // that and finds the old one gone, the second one finds the new one.
    for _ in 0..2 {
        let found: Option<Uuid> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::Id)
            .filter(SessionSelector::One(sid).ends_row())
            .lock(LockType::KeyShare)
            .into_tuple()
            .one(txn)
            .await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
