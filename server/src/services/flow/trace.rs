//! The trace of a flow: what the owner of the application reads when it fails.
//!
//! Written beside the request, never in its way: a trace that can't be queued is dropped and
//! counted. It holds no secret, no code and no token; those appear as fingerprints.

use contract::wire::flow::{FlowParameter, FlowStep};
use uuid::Uuid;

use crate::crypto::hash::fingerprint;
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::domain::time::Timestamp;
use crate::http::params::Params;
use crate::state::App;
use crate::store::NewFlow;

/// Values longer than this are cut.
const MAX_VALUE: usize = 500;

/// Kept as fingerprints: whoever holds one of these could use it, or guess at it.
const SECRET: [&str; 18] = [
    "actor_token",
    "assertion",
    "client_secret",
    "client_assertion",
    "code",
    "code_challenge",
    "code_verifier",
    "device_code",
    "id_token_hint",
    "nonce",
    "password",
    "refresh_token",
    "request",
    "request_uri",
    "state",
    "subject_token",
    "token",
    "user_code",
];

/// What has happened so far in this request.
#[derive(Debug)]
pub struct Trace {
    id: Uuid,
    client_id: Option<String>,
    user_id: Option<Uuid>,
    outcome: &'static str,
    rule: Option<&'static str>,
    steps: Vec<FlowStep>,
    /// Whether the flow has its row already.
    resumed: bool,
}

impl Trace {
    /// A flow that starts with this request.
    pub fn begin(id: Uuid) -> Self {
        Self {
            id,
            client_id: None,
            user_id: None,
            outcome: "pending",
            rule: None,
            steps: Vec::new(),
            resumed: false,
        }
    }

    /// A flow that an earlier request began.
    pub fn resume(id: Uuid) -> Self {
        Self {
            resumed: true,
            ..Self::begin(id)
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

    /// How the flow stands now: `pending`, `issued`, `redeemed`, `denied`.
    pub fn outcome(&mut self, outcome: &'static str) {
        self.outcome = outcome;
    }

    /// A step that went well, or that waits.
    pub fn step(&mut self, name: &str, request: &str, outcome: &'static str, now: Timestamp) {
        self.steps.push(FlowStep {
            name: name.to_owned(),
            request: request.to_owned(),
            outcome: outcome.to_owned(),
            at: now.millis(),
            ..FlowStep::default()
        });
    }

    /// Adds the parameters of the request to the last step.
    pub fn parameters(&mut self, params: &Params, refusal: Option<&Refusal>) {
        if let Some(step) = self.steps.last_mut() {
            step.parameters = describe(params, refusal);
        }
    }

    /// Says of the last step that names in its `scope` were ignored, since nobody knows them.
    pub fn ignored_scopes(&mut self, names: &[String]) {
        if let Some(step) = self.steps.last_mut().filter(|_| !names.is_empty()) {
            let names: Vec<_> = names
                .iter()
                .take(20)
                .map(|name| scope::shown(name))
                .collect();
            let text = format!(
                "Nobody here knows these scopes, so they were ignored: {}.",
                names.join(" ")
            );
            step.detail = Some(cut(&text));
        }
    }

    /// A step that broke a rule: it is the last one.
    pub fn refused(&mut self, name: &str, request: &str, refusal: &Refusal, now: Timestamp) {
        self.outcome = "refused";
        self.rule = Some(refusal.rule.id);
        self.steps.push(FlowStep {
            name: name.to_owned(),
            request: request.to_owned(),
            outcome: "refused".to_owned(),
            at: now.millis(),
            rule: Some(refusal.rule.id.to_owned()),
            detail: refusal.detail.as_deref().map(str::to_owned),
            expected: refusal.expected.clone(),
            received: refusal.received.as_deref().map(cut),
            parameters: Vec::new(),
        });
    }

    /// Queues what happened. A flow without a known client belongs to nobody and is not kept.
    pub fn write(self, state: &App, now: Timestamp) {
        if self.resumed {
            for step in &self.steps {
                state.store.append_flow(
                    self.id,
                    now,
                    Some(self.outcome),
                    self.rule,
                    self.user_id,
                    step,
                );
            }
        } else if self.client_id.is_some() {
            state.store.record_flow(NewFlow {
                id: self.id,
                client_id: self.client_id,
                user_id: self.user_id,
                now,
                outcome: self.outcome.to_owned(),
                rule: self.rule.map(str::to_owned),
                steps: self.steps,
            });
        }
    }
}

fn describe(params: &Params, refusal: Option<&Refusal>) -> Vec<FlowParameter> {
    let guilty = refusal.map(|refusal| guilty_parameter(refusal.rule.id));
    params
        .iter()
        .take(40)
        .map(|(name, value)| FlowParameter {
            name: cut(name),
            value: if SECRET.contains(&name) && !value.is_empty() {
                fingerprint(value)
            } else {
                cut(value)
            },
            check: match guilty {
                Some(Some(guilty)) if name == guilty => "refused",
                Some(_) if refusal.is_some() && !checked_before(name, guilty.flatten()) => {
                    "not reached"
                }
                _ => "ok",
            }
            .to_owned(),
        })
        .collect()
}

/// The parameters in the order in which `/o/authorize` looks at them.
const ORDER: [&str; 11] = [
    "client_id",
    "request_uri",
    "redirect_uri",
    "response_mode",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "resource",
    "prompt",
    "max_age",
];

fn checked_before(name: &str, guilty: Option<&str>) -> bool {
    let place = |name: &str| ORDER.iter().position(|n| *n == name);
    match (place(name), guilty.and_then(place)) {
        (Some(name), Some(guilty)) => name < guilty,
        _ => false,
    }
}

/// Which parameter a rule is about.
fn guilty_parameter(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "pushed-request-required" | "pushed-request-nested" => return None,
        _ if rule.starts_with("pushed-request") || rule.starts_with("request-uri") => "request_uri",
        _ if rule.starts_with("redirect-uri") => "redirect_uri",
        _ if rule.starts_with("post-logout-redirect-uri") => "post_logout_redirect_uri",
        _ if rule.starts_with("logout-client") => "client_id",
        _ if rule.starts_with("logout-hint") => "id_token_hint",
        _ if rule.starts_with("response-type") => "response_type",
        _ if rule.starts_with("response-mode") => "response_mode",
        _ if rule.starts_with("pkce-method") => "code_challenge_method",
        _ if rule.starts_with("pkce-verifier") => "code_verifier",
        _ if rule.starts_with("pkce") => "code_challenge",
        _ if rule.starts_with("scope") => "scope",
        _ if rule.starts_with("resource") => "resource",
        _ if rule.starts_with("prompt") => "prompt",
        _ if rule.starts_with("max-age") => "max_age",
        _ if rule.starts_with("client-auth") => "client_secret",
        _ if rule.starts_with("client") => "client_id",
        _ if rule.starts_with("code-redirect-uri") => "redirect_uri",
        _ if rule.starts_with("code") => "code",
        _ if rule.starts_with("device-code") => "device_code",
        _ if rule.starts_with("refresh-token") => "refresh_token",
        _ if rule.starts_with("grant-type") => "grant_type",
        _ if rule.starts_with("id-token-hint") => "id_token_hint",
        _ => return None,
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
