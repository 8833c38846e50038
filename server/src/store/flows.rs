//! The traces of authorizations, for the application's owner.
//!
//! A trace is a help, never evidence: it is written after the answer, no request waits for it, and
//! a lost one is only counted. A step must hold no secret, code or token. `domain::trace` says how
//! long a trace may get.

use contract::wire::flow::{FlowOutcome, FlowStep};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{BinOper, CaseStatement, Expr, ExprTrait};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

use super::entities::{corrupt, flows, storable};
use super::{Store, StoreError, fetch_optional};
use crate::domain::time::Timestamp;
use crate::domain::trace::{TRACE_BYTES, line, lines};

/// A trace as it begins.
#[derive(Clone, Debug)]
pub struct NewFlow {
    /// Also the id of the code and of the grant that come of it.
    pub id: Uuid,
    /// Absent when the client is unknown.
    pub client_id: Option<String>,
    pub user_id: Option<Uuid>,
    pub now: Timestamp,
    pub outcome: FlowOutcome,
    /// The rule that refused it.
    pub rule: Option<String>,
    pub steps: Vec<FlowStep>,
}

/// A trace as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFlow {
    pub id: Uuid,
    pub client_id: Option<String>,
    pub user_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub outcome: FlowOutcome,
    pub rule: Option<String>,
    pub steps: Vec<FlowStep>,
}

/// A step that is added to a trace.
#[derive(Clone, Debug)]
pub struct FlowUpdate {
    pub id: Uuid,
    pub now: Timestamp,
    /// How the whole stands by now; absent: as it stood.
    pub outcome: Option<FlowOutcome>,
    /// The rule that refused it, if the outcome says so.
    pub rule: Option<&'static str>,
    /// Who it is about, once that is known.
    pub user_id: Option<Uuid>,
    pub step: FlowStep,
}

impl Store {
    /// Begins a trace; no request waits for it. A trace that exists stays as it is.
    pub fn record_flow(&self, new: NewFlow) {
        let client = new.client_id.clone().unwrap_or_default();
        let row = flows::Model {
            id: new.id,
            client_id: new.client_id.filter(|id| storable(id)),
            user_id: new.user_id,
            created_at: new.now.millis(),
            updated_at: new.now.millis(),
            outcome: new.outcome.name().to_owned(),
            rule: new.rule,
            steps: lines(&new.steps),
        };
        self.hint_flow(&client, row.into_active_model());
    }

    /// Adds a step to a trace if there is room for it, and what is known of the whole by now. No
    /// request waits for it, and nothing is read.
    pub fn append_flow(&self, new: FlowUpdate) {
        use flows::Column;

        let line = line(&new.step);
        let room = i32::try_from(TRACE_BYTES.saturating_sub(line.len())).unwrap_or_default();
        let longer = Expr::col(Column::Steps).binary(BinOper::Custom("||"), Expr::value(line));
        let steps = CaseStatement::new()
            .case(Expr::cust("LENGTH(steps)").lte(room), longer)
            .finally(Expr::col(Column::Steps));
        let mut update = flows::Entity::update_many()
            .col_expr(Column::Steps, steps.into())
            .col_expr(Column::UpdatedAt, Expr::value(new.now.millis()))
            .filter(Column::Id.eq(new.id));
        if let Some(outcome) = new.outcome {
            update = update
                .col_expr(Column::Outcome, Expr::value(outcome.name()))
                .col_expr(Column::Rule, Expr::value(new.rule));
        }
        if let Some(user_id) = new.user_id {
            update = update.col_expr(Column::UserId, Expr::value(user_id));
        }
        self.hint_step(move |txn| {
            Box::pin(async move {
                update.exec(txn).await?;
                Ok(())
            })
        });
    }

    /// A trace by its id, the request id that the person saw.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn flow(&self, id: Uuid) -> Result<Option<StoredFlow>, StoreError> {
        let row = fetch_optional(flows::Entity::find_by_id(id).all(self.read())).await?;
        row.map(StoredFlow::try_from).transpose()
    }

    /// The last traces of an application, newest first.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn flows_of(
        &self,
        client_id: &str,
        limit: u64,
    ) -> Result<Vec<StoredFlow>, StoreError> {
        if !storable(client_id) {
            return Ok(Vec::new());
        }
        let rows = flows::Entity::find()
            .filter(flows::Column::ClientId.eq(client_id))
            .order_by_desc(flows::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        rows.into_iter().map(StoredFlow::try_from).collect()
    }
}

impl TryFrom<flows::Model> for StoredFlow {
    type Error = StoreError;

    fn try_from(row: flows::Model) -> Result<Self, StoreError> {
        let steps = row
            .steps
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_str(line).map_err(|_| corrupt("flows.steps", line)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: row.id,
            client_id: row.client_id,
            user_id: row.user_id,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            outcome: FlowOutcome::parse(&row.outcome),
            rule: row.rule,
            steps,
        })
    }
}
