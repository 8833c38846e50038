//! The traces of authorizations, for the application's owner.
//!
//! A trace is a help, never evidence: it is written after the answer, nobody waits for it, and
//! one that is lost is only counted. A step must hold no secret, code or token.

use contract::wire::flow::FlowStep;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

use super::entities::{corrupt, flows, storable};
use super::{Store, StoreError, only};
use crate::domain::time::Timestamp;

/// In characters. A trace longer than this takes no more steps: a client that refreshes for
/// months keeps its first ones.
const STEPS_LENGTH: i32 = 64 * 1024;

/// A trace as it begins.
#[derive(Clone, Debug)]
pub struct NewFlow {
    /// Also the id of the code and of the grant that come of it.
    pub id: Uuid,
    /// Absent when the client is unknown.
    pub client_id: Option<String>,
    pub user_id: Option<Uuid>,
    pub now: Timestamp,
    /// `pending`, `issued`, `redeemed`, `denied` or `refused`.
    pub outcome: String,
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
    pub outcome: String,
    pub rule: Option<String>,
    pub steps: Vec<FlowStep>,
}

impl Store {
    /// Begins a trace; nobody waits for it. One that has begun stays as it is.
    pub fn record_flow(&self, new: NewFlow) {
        let client = new.client_id.clone().unwrap_or_default();
        let row = flows::Model {
            id: new.id,
            client_id: new.client_id.filter(|id| storable(id)),
            user_id: new.user_id,
            created_at: new.now.millis(),
            updated_at: new.now.millis(),
            outcome: new.outcome,
            rule: new.rule,
            steps: new.steps.iter().map(line).collect(),
        };
        self.hint_flow(&client, row.into_active_model());
    }

    /// Adds a step to a trace, and what is known of the whole by now; `None` leaves that as it
    /// is. Nobody waits for it, and nothing is read.
    pub fn append_flow(
        &self,
        id: Uuid,
        now: Timestamp,
        outcome: Option<&str>,
        rule: Option<&str>,
        user_id: Option<Uuid>,
        step: &FlowStep,
    ) {
        use flows::Column;

        let steps = Expr::col(Column::Steps).binary(BinOper::Custom("||"), Expr::value(line(step)));
        let mut update = flows::Entity::update_many()
            .col_expr(Column::Steps, steps)
            .col_expr(Column::UpdatedAt, Expr::value(now.millis()))
            .filter(Column::Id.eq(id))
            .filter(Expr::cust("LENGTH(steps)").lt(STEPS_LENGTH));
        if let Some(outcome) = outcome {
            update = update.col_expr(Column::Outcome, Expr::value(outcome));
        }
        if let Some(rule) = rule {
            update = update.col_expr(Column::Rule, Expr::value(rule));
        }
        if let Some(user_id) = user_id {
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
        let row = only(flows::Entity::find_by_id(id).all(self.read())).await?;
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

/// A step as a line of JSON. JSON writes line ends inside of texts as `\n`, so a line is a step.
fn line(step: &FlowStep) -> String {
    let mut line = serde_json::to_string(step).unwrap_or_default();
    line.push('\n');
    line
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
            outcome: row.outcome,
            rule: row.rule,
            steps,
        })
    }
}
