//! The trace of a flow: what the owner of the application reads when it fails.
//!
//! Written beside the request, never in its way: a trace that can't be queued is dropped and
//! counted, and so are those that strangers cause past what a client has in a minute. It holds
//! no secret, no code and no token; those appear as fingerprints.

use contract::wire::flow::{FactName, FlowFact, FlowOutcome, FlowStep, StepName, StepOutcome};
use uuid::Uuid;

use super::checks::Checks;
use crate::domain::redact::redact;
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::domain::time::Timestamp;
use crate::http::params::Params;
use crate::state::App;
use crate::store::{FlowUpdate, NewFlow};

/// What has happened so far in this request.
#[derive(Debug)]
pub struct Trace {
    id: Uuid,
    client_id: Option<String>,
    user_id: Option<Uuid>,
    /// Absent: as it was before.
    outcome: Option<FlowOutcome>,
    rule: Option<&'static str>,
    steps: Vec<FlowStep>,
    /// Whether the flow has its row already.
    resumed: bool,
}

impl Trace {
    /// A flow that starts with this request.
    pub fn begin(id: Uuid) -> Self {
        Self {
            outcome: Some(FlowOutcome::Pending),
            resumed: false,
            ..Self::resume(id)
        }
    }

    /// A flow that an earlier request began.
    pub const fn resume(id: Uuid) -> Self {
        Self {
            id,
            client_id: None,
            user_id: None,
            outcome: None,
            rule: None,
            steps: Vec::new(),
            resumed: true,
        }
    }

    /// Under which the owner finds it.
    pub const fn id(&self) -> Uuid {
        self.id
    }

    pub fn client(&mut self, client_id: &str) {
        self.client_id = Some(client_id.to_owned());
    }

    pub fn user(&mut self, id: Uuid) {
        self.user_id = Some(id);
    }

    /// How the flow stands now.
    pub fn outcome(&mut self, outcome: FlowOutcome) {
        self.outcome = Some(outcome);
    }

    /// The flow stands as it stood before, whatever became of this request.
    pub fn leave_outcome(&mut self) {
        self.outcome = None;
        self.rule = None;
    }

    /// A step that went well, or that waits.
    pub fn step(&mut self, name: StepName, request: &str, outcome: StepOutcome, now: Timestamp) {
        self.steps.push(FlowStep {
            name,
            request: redact(request).into_owned(),
            outcome,
            at: now.millis(),
            ..FlowStep::default()
        });
    }

    /// Adds to the last step what came of it. A secret goes in as its fingerprint.
    pub fn fact(&mut self, name: FactName, value: impl Into<String>) {
        let value = value.into();
        if let Some(step) = self.steps.last_mut().filter(|_| !value.is_empty()) {
            step.facts.push(FlowFact {
                name,
                value: redact(&value).into_owned(),
            });
        }
    }

    /// Adds the parameters of the request to the last step.
    pub fn parameters(&mut self, checks: Checks, params: &Params, refusal: Option<&Refusal>) {
        if let Some(step) = self.steps.last_mut() {
            step.parameters = checks.describe(params, refusal);
        }
    }

    /// Adds to the last step that unknown names in its `scope` were ignored.
    pub fn ignored_scopes(&mut self, names: &[String]) {
        if let Some(step) = self.steps.last_mut().filter(|_| !names.is_empty()) {
            let names: Vec<_> = names
                .iter()
                .take(20)
                .map(|name| scope::shown(name))
                .collect();
            let text = format!(
                "This server knows none of these scopes, so they were ignored: {}.",
                names.join(" ")
            );
            step.detail = Some(redact(&text).into_owned());
        }
    }

    /// A step that broke a rule: it is the last one.
    pub fn refused(&mut self, name: StepName, request: &str, refusal: &Refusal, now: Timestamp) {
        self.outcome = Some(FlowOutcome::Refused);
        self.rule = Some(refusal.rule.id);
        self.step(name, request, StepOutcome::Refused, now);
        if let Some(step) = self.steps.last_mut() {
            step.rule = Some(refusal.rule.id.to_owned());
            step.detail = refusal.detail.as_deref().map(str::to_owned);
            step.expected = refusal.expected.clone();
            step.received = refusal.received.clone();
        }
    }

    /// Whether strangers can cause traces like it as often as they like: it was refused, or begins
    /// before a user is signed in.
    fn is_cheap(&self) -> bool {
        let refused = |step: &FlowStep| step.outcome == StepOutcome::Refused;
        self.user_id.is_none() && (!self.resumed || self.steps.iter().any(refused))
    }

    /// Queues what happened. A flow without a known client has no owner and is not kept.
    pub fn write(self, state: &App, now: Timestamp) {
        if !self.resumed && self.client_id.is_none() {
            return;
        }
        if self.is_cheap()
            && !state
                .limits
                .traces
                .take(self.client_id.as_deref().unwrap_or(""), now)
        {
            metrics::counter!("claviger_traces_dropped_total").increment(1);
            return;
        }
        if self.resumed {
            for step in self.steps {
                state.store.append_flow(FlowUpdate {
                    id: self.id,
                    now,
                    outcome: self.outcome,
                    rule: self.rule,
                    user_id: self.user_id,
                    step,
                });
            }
        } else {
            state.store.record_flow(NewFlow {
                id: self.id,
                client_id: self.client_id,
                user_id: self.user_id,
                now,
                outcome: self.outcome.unwrap_or_default(),
                rule: self.rule.map(str::to_owned),
                steps: self.steps,
            });
        }
    }
}
