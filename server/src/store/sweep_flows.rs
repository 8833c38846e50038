//! Which traces are kept: those of two weeks, and of an application's many the newest.
//!
//! A flood of one application's traces must not push out another one's: each keeps its newest
//! [`FlowLimits::guaranteed`] however many there are in all.

use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query};
use sea_orm::{QueryOrder, QuerySelect};

use super::entities::flows;
use super::{Store, StoreError, fetch_optional, transaction};

/// How long traces are kept.
pub(super) const TRACES_KEPT: Duration = Duration::from_hours(14 * 24);
/// Rows in one write.
const BATCH: u64 = 500;

/// How many traces are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowLimits {
    /// Of one application.
    pub of_client: u64,
    /// Of one application when there are too many in all.
    pub guaranteed: u64,
    /// Past so many in all, those that are not guaranteed go, the oldest first.
    pub all: u64,
}

impl Default for FlowLimits {
    fn default() -> Self {
        Self {
            of_client: 1000,
            guaranteed: 200,
            all: 100_000,
        }
    }
}

impl Store {
    /// Deletes the oldest traces of an application that has too many: a batch of them. Zero when
    /// no application has.
    pub(super) async fn sweep_flows_of_a_client(&self, most: u64) -> Result<u64, StoreError> {
        let of_client = |id: &str| flows::Column::ClientId.eq(id);
        let many: Vec<Option<String>> = flows::Entity::find()
            .select_only()
            .column(flows::Column::ClientId)
            .filter(flows::Column::ClientId.is_not_null())
            .group_by(flows::Column::ClientId)
            .having(flows::Column::Id.count().gt(most))
            .limit(1)
            .into_tuple()
            .all(self.read())
            .await?;
        let Some(client_id) = many.into_iter().next().flatten() else {
            return Ok(0);
        };
        let ids = || {
            flows::Entity::find()
                .select_only()
                .column(flows::Column::Id)
                .filter(of_client(&client_id))
        };
        let newest: Vec<Uuid> = ids()
            .order_by_desc(flows::Column::Id)
            .offset(most.saturating_sub(1))
            .limit(1)
            .into_tuple()
            .all(self.read())
            .await?;
        let Some(first_kept) = newest.first().copied() else {
            return Ok(0);
        };
        let oldest: Vec<Uuid> = ids()
            .filter(flows::Column::Id.lt(first_kept))
            .order_by_asc(flows::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(self.read())
            .await?;
        let Some(last) = oldest.last().copied() else {
            return Ok(0);
        };
        let range = Condition::all()
            .add(of_client(&client_id))
            .add(flows::Column::Id.lte(last));
        transaction!(self, |txn| {
            let deleted = flows::Entity::delete_many().filter(range).exec(txn).await?;
            Ok(deleted.rows_affected)
        })
        .await
    }

    /// Of all the traces the first of the newest; `None` while there are not too many.
    pub(super) async fn first_flow_of_the_newest(
        &self,
        all: u64,
    ) -> Result<Option<Uuid>, StoreError> {
        let newest = flows::Entity::find()
            .select_only()
            .column(flows::Column::Id)
            .order_by_desc(flows::Column::Id)
            .offset(all.saturating_sub(1))
            .limit(1)
            .into_tuple()
            .all(self.read());
        fetch_optional(newest).await.map_err(StoreError::from)
    }
}

/// Traces of which their application has so many that are newer.
pub(super) fn newer_ones(guaranteed: u64) -> Condition {
    let newer = Alias::new("newer");
    let column = |column: flows::Column| Expr::col((newer.clone(), column));
    let beyond = Query::select()
        .expr(Expr::value(1))
        .from_as(flows::Entity, newer.clone())
        .and_where(column(flows::Column::ClientId).equals((flows::Entity, flows::Column::ClientId)))
        .and_where(column(flows::Column::Id).gt(Expr::col((flows::Entity, flows::Column::Id))))
        .limit(1)
        .offset(guaranteed.saturating_sub(1))
        .to_owned();
    Condition::all().add(Expr::exists(beyond))
}
