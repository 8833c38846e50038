//! `/flows/{id}`: how far one authorization went, and what stopped it.
//!
//! Shows what the trace holds and nothing else: secrets and codes are fingerprints in it already.

pub mod differs;
pub mod request;
pub mod steps;

use crate::ui::reactive;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::browser::ago;
use crate::ui::{ApiResource, Card, Chip, LinkButton, PageHead, Tone};
use crate::{api, page_data};
use contract::routes;
use contract::wire::flow::{
    Flow, FlowFact, FlowOutcome, FlowStep, RuleText, StepName, StepOutcome,
};

use differs::Differs;
use request::Request;
use steps::Steps;

#[component]
pub fn FlowPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let public_url = page_data().public_url;
    let flow = ApiResource::new(move || {
        let path = routes::api_flow(&id.get());
        async move { api::get::<Flow>(&path).await }
    });
    view! {
        {move || flow.problem().map(|problem| view! {
            <PageHead
                title=if problem.status == 404 { "No such flow" } else { "Flow" }
                crumbs=vec![("Applications".to_owned(), routes::APPS.to_owned())]
                actions=|| view! { <LinkButton href=routes::APPS>"Back to applications"</LinkButton> }
            />
        })}
        {flow.view(move |flow| page(flow, public_url.clone()))}
    }
    .into_any()
}

fn page(flow: Flow, public_url: String) -> AnyView {
    let chosen = RwSignal::new(steps::telling(&flow.steps));
    let application = flow.application_name.clone().or(flow.client_id.clone());
    let mut crumbs = vec![("Applications".to_owned(), routes::APPS.to_owned())];
    if let Some((name, client_id)) = application.clone().zip(flow.client_id.clone()) {
        let page = routes::app(&client_id);
        crumbs.push((name, page.clone()));
        crumbs.push(("Flows".to_owned(), format!("{page}/flows")));
    }
    let summary = &flow.summary;
    let about = [
        application.unwrap_or_else(|| "Unknown application".to_owned()),
        ago(&summary.created_at),
        format!("request {}", summary.id),
    ]
    .join(" · ");
    let outcome = summary.outcome;
    let title = title(&flow);
    let client_id = flow.client_id;
    let all = flow.steps;
    let texts = flow.rules;
    view! {
        <PageHead title about crumbs actions=move || outcome_chip(outcome)/>
        <div class="flow">
            <Steps recorded=all.clone() outcome chosen/>
            <div class="stack loose" aria-live="polite">
                {reactive(move || { {
                    let step = chosen.get().and_then(|at| all.get(at).cloned());
                    step.map(|step| {
                        let text = texts.iter().find(|text| Some(&text.id) == step.rule.as_ref());
                        shown(step, text.cloned(), client_id.clone(), public_url.clone())
                    })
                } }.into_any())}
            </div>
        </div>
    }
    .into_any()
}

fn shown(
    step: FlowStep,
    rule: Option<RuleText>,
    client_id: Option<String>,
    public_url: String,
) -> AnyView {
    let quiet = step.rule.is_none()
        && step.detail.is_none()
        && step.parameters.is_empty()
        && step.facts.is_empty();
    let refused = step.outcome == StepOutcome::Refused;
    let name = step.name.name();
    let facts = step.facts.clone();
    let detail = step.detail.clone().filter(|_| rule.is_none());
    view! {
        {(refused || step.received.is_some()).then(|| view! {
            <Differs step=step.clone() client_id/>
        })}
        {rule.map(|rule| the_rule(rule, step.detail.clone()))}
        {detail.map(|detail| view! { <Card title=name><p>{detail}</p></Card> })}
        {(!step.parameters.is_empty()).then(|| view! {
            <Request step=step.clone() public_url/>
        })}
        {(!facts.is_empty()).then(|| what_came(facts))}
        {quiet.then(|| view! {
            <Card title=name><p class="muted">{what_happened(step.outcome)}</p></Card>
        })}
    }
    .into_any()
}

fn the_rule(rule: RuleText, detail: Option<String>) -> AnyView {
    let detail = detail.filter(|detail| *detail != rule.title);
    let page = routes::rule(&rule.id);
    let source = if rule.source_url.is_empty() {
        rule.source.into_any()
    } else {
        view! { <a href=rule.source_url rel="external noreferrer">{rule.source}</a> }.into_any()
    };
    view! {
        <Card
            title="The rule"
            actions=move || view! { <a class="small" href=page.clone() rel="external">"Read more"</a> }
        >
            <div class="rule stack tight">
                <b>{rule.title}</b>
                {detail.map(|detail| view! { <p>{detail}</p> })}
                <p class="muted">{rule.why}</p>
                <p class="small faint">{source}</p>
            </div>
            <div class="stack tight">
                <h3>"How to fix it"</h3>
                <p class="muted">{rule.fix}</p>
            </div>
        </Card>
    }
    .into_any()
}

/// What the trace tells beside the request.
fn what_came(facts: Vec<FlowFact>) -> AnyView {
    let rows = facts
        .into_iter()
        .map(|fact| {
            view! {
                <div>
                    <dt>{fact.name.words()}</dt>
                    <dd class="mono">{fact.value}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <Card title="What came of it"><dl class="facts">{rows}</dl></Card> }.into_any()
}

fn what_happened(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Ok => "This step passed.",
        StepOutcome::Waiting => "This step has begun and is not finished.",
        StepOutcome::Refused => "This step was refused.",
        StepOutcome::Unknown => "What became of this step is not known.",
    }
}

/// The state of a whole flow in a word or two.
pub fn outcome_chip(outcome: FlowOutcome) -> AnyView {
    let (tone, words) = match outcome {
        FlowOutcome::Refused => (Tone::Bad, "Refused"),
        FlowOutcome::Denied => (Tone::Warn, "Denied"),
        FlowOutcome::Pending => (Tone::Plain, "Waiting"),
        FlowOutcome::Issued => (Tone::Plain, "Code issued"),
        FlowOutcome::Redeemed => (Tone::Good, "Completed"),
        FlowOutcome::SignedOut => (Tone::Good, "Signed out"),
        FlowOutcome::Registered => (Tone::Good, "Registered"),
        FlowOutcome::Unknown => (Tone::Plain, "Unknown"),
    };
    view! { <Chip tone>{words}</Chip> }.into_any()
}

/// The outcome as a headline. Of a refusal: where, and by which rule.
fn title(flow: &Flow) -> String {
    match flow.summary.outcome {
        FlowOutcome::Refused => refused(flow),
        FlowOutcome::Denied => "The user declined".to_owned(),
        FlowOutcome::Pending => "Waiting for the user".to_owned(),
        FlowOutcome::SignedOut => "Signed out".to_owned(),
        FlowOutcome::Registered => "The application registered itself".to_owned(),
        FlowOutcome::Issued => "The code was never exchanged".to_owned(),
        FlowOutcome::Redeemed => "Completed".to_owned(),
        FlowOutcome::Unknown => "Flow".to_owned(),
    }
}

fn refused(flow: &Flow) -> String {
    let is = |step: &&FlowStep| step.outcome == StepOutcome::Refused;
    // The same step that is opened first.
    let Some(step) = flow.steps.iter().find(is) else {
        return "Refused".to_owned();
    };
    let rule = flow
        .rules
        .iter()
        .find(|r| Some(&r.id) == step.rule.as_ref());
    let rule = rule.map(|rule| format!(": {}", rule.title.trim_end_matches('.')));
    let place = place(step.name).map(|place| format!(" at the {place} endpoint"));
    [Some("Refused".to_owned()), place, rule]
        .into_iter()
        .flatten()
        .collect()
}

const fn place(step: StepName) -> Option<&'static str> {
    Some(match step {
        StepName::AuthorizationRequest => "authorization",
        StepName::PushedRequest => "pushed authorization request",
        StepName::DeviceRequest => "device authorization",
        StepName::Token | StepName::PolledTooFast => "token",
        StepName::Introspection => "introspection",
        StepName::Revocation => "revocation",
        StepName::LogoutRequest => "logout",
        StepName::Registration => "registration",
        StepName::SignIn
        | StepName::Consent
        | StepName::Decision
        | StepName::Code
        | StepName::Logout
        | StepName::Request => return None,
    })
}

#[cfg(test)]
mod tests {
    use contract::wire::flow::FlowSummary;

    use super::*;

    fn flow(outcome: FlowOutcome, name: StepName) -> Flow {
        Flow {
            summary: FlowSummary {
                id: String::new(),
                outcome,
                rule: Some("a".to_owned()),
                request: String::new(),
                created_at: String::new(),
                updated_at: String::new(),
            },
            client_id: None,
            application_name: None,
            rules: vec![RuleText {
                id: "a".to_owned(),
                title: "The code_verifier must fit.".to_owned(),
                source: String::new(),
                source_url: String::new(),
                why: String::new(),
                fix: String::new(),
            }],
            steps: vec![FlowStep {
                name,
                outcome: StepOutcome::Refused,
                rule: Some("a".to_owned()),
                ..FlowStep::default()
            }],
        }
    }

    #[test]
    fn the_headline_of_a_refusal_is_its_place_and_its_rule() {
        for (name, headline) in [
            (
                StepName::Token,
                "Refused at the token endpoint: The code_verifier must fit",
            ),
            (
                StepName::AuthorizationRequest,
                "Refused at the authorization endpoint: The code_verifier must fit",
            ),
            (StepName::Decision, "Refused: The code_verifier must fit"),
        ] {
            assert_eq!(title(&flow(FlowOutcome::Refused, name)), headline);
        }
        let redeemed = flow(FlowOutcome::Redeemed, StepName::Token);
        assert_eq!(title(&redeemed), "Completed");
    }
}
