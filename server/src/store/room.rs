//! How many applications strangers may bring: in all, and from one network.

use sea_orm::DatabaseTransaction;
use sea_orm::entity::prelude::*;

use super::StoreError;
use super::entities::applications;
use crate::domain::client::Origin;

/// What there is room for.
#[derive(Clone, Debug)]
pub struct Room {
    /// Applications of one origin.
    pub all: u64,
    /// Those of them that one network brought.
    pub share: u64,
    /// The network of this one. `None`: it came with an initial access token, which an
    /// administrator answers for.
    pub from: Option<String>,
}

/// What became of an application for which there may be no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    Done,
    /// There are as many such applications as there may be.
    Full,
    /// One network has brought as many as it may.
    ShareTaken,
}

/// Whether one more may come; [`Inserted::Done`] when it may.
pub(super) async fn look(
    txn: &DatabaseTransaction,
    origin: Origin,
    room: &Room,
) -> Result<Inserted, StoreError> {
    use applications::Column;

    let there = applications::Entity::find().filter(Column::Origin.eq(origin.name()));
    if there.clone().count(txn).await? >= room.all {
        return Ok(Inserted::Full);
    }
    let Some(from) = &room.from else {
        return Ok(Inserted::Done);
    };
    let of_network = there.filter(Column::RegisteredFrom.eq(from.as_str()));
    if of_network.count(txn).await? >= room.share {
        return Ok(Inserted::ShareTaken);
    }
    Ok(Inserted::Done)
}
