//! The traces of authorizations, for users who may see the application.

use contract::rules;
use contract::wire::flow::{Flow, FlowSummary, RuleText};
use uuid::Uuid;

use super::applications::{self, By};
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::App;
use crate::store::StoredFlow;

/// So many are listed.
const LIMIT: u64 = 100;

/// The last traces of an application, newest first.
///
/// # Errors
/// `not-found`, also when the application belongs to another user; the database fails.
pub async fn list(state: &App, user: &User, client_id: &str) -> Result<Vec<FlowSummary>, Error> {
    applications::get(state, By::Person(user), client_id).await?;
    state.store.settled().await;
    let flows = state.store.flows_of(client_id, LIMIT).await?;
    Ok(flows.iter().map(summary).collect())
}

/// A trace with its steps. It shows what would have passed, so it is for the application's owner
/// and for administrators only; those of unknown clients are for administrators.
///
/// # Errors
/// `not-found`; the database fails.
pub async fn get(state: &App, user: &User, id: Uuid) -> Result<Flow, Error> {
    let not_found = || Error::from(Refusal::new(&rules::NOT_FOUND));
    // A trace is written beside its request: let it arrive before it is said to be missing.
    state.store.settled().await;
    let flow = state.store.flow(id).await?.ok_or_else(not_found)?;
    let application = match &flow.client_id {
        Some(client_id) => state.store.application(client_id).await?,
        None => None,
    };
    let owned = application.as_ref().is_some_and(|a| a.owner_id == user.id);
    if !owned && !user.is_admin() {
        return Err(not_found());
    }
    Ok(Flow {
        rules: rule_texts(&flow),
        summary: summary(&flow),
        client_id: flow.client_id,
        application_name: application.map(|application| application.settings.name),
        steps: flow.steps,
    })
}

fn summary(flow: &StoredFlow) -> FlowSummary {
    FlowSummary {
        id: flow.id.to_string(),
        outcome: flow.outcome,
        rule: flow.rule.clone(),
        request: flow
            .steps
            .first()
            .map(|step| step.request.clone())
            .unwrap_or_default(),
        created_at: flow.created_at.rfc3339(),
        updated_at: flow.updated_at.rfc3339(),
    }
}

fn rule_texts(flow: &StoredFlow) -> Vec<RuleText> {
    let mut ids: Vec<&str> = flow
        .steps
        .iter()
        .filter_map(|step| step.rule.as_deref())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
        .filter_map(rules::find)
        .map(|rule| RuleText {
            id: rule.id.to_owned(),
            title: rule.title.to_owned(),
            source: rule.source.to_owned(),
            source_url: rule.source_url.to_owned(),
            why: rule.why.to_owned(),
            fix: rule.fix.to_owned(),
        })
        .collect()
}
