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
use contract::wire::flow::{Flow, FlowStep, RuleText};

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
    let outcome = summary.outcome.clone();
    let title = title(&flow);
    let client_id = flow.client_id;
    let all = flow.steps;
    let texts = flow.rules;
    view! {
        <PageHead title about crumbs actions=move || outcome_chip(&outcome)/>
        <div class="flow">
            <Steps recorded=all.clone() outcome=summary.outcome.clone() chosen/>
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
    let quiet = step.rule.is_none() && step.detail.is_none() && step.parameters.is_empty();
    let refused = step.outcome == "refused";
    let detail = step.detail.clone().filter(|_| rule.is_none());
    view! {
        {(refused || step.received.is_some()).then(|| view! {
            <Differs step=step.clone() client_id/>
        })}
        {rule.map(|rule| the_rule(rule, step.detail.clone()))}
        {detail.map(|detail| view! { <Card title=step.name.clone()><p>{detail}</p></Card> })}
        {(!step.parameters.is_empty()).then(|| view! {
            <Request step=step.clone() public_url/>
        })}
        {quiet.then(|| view! {
            <Card title=step.name.clone()><p class="muted">{what_happened(&step.outcome)}</p></Card>
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

fn what_happened(outcome: &str) -> &'static str {
    match outcome {
        "ok" => "This step passed.",
        "waiting" => "This step has begun and is not finished.",
        _ => "This step was refused.",
    }
}

/// The state of a whole flow in a word or two.
pub fn outcome_chip(outcome: &str) -> AnyView {
    let (tone, words) = match outcome {
        "refused" => (Tone::Bad, "Refused"),
        "denied" => (Tone::Warn, "Denied"),
        "pending" => (Tone::Plain, "Waiting"),
        "issued" => (Tone::Plain, "Code issued"),
        "redeemed" => (Tone::Good, "Completed"),
        "signed out" => (Tone::Good, "Signed out"),
        "registered" => (Tone::Good, "Registered"),
        _ => (Tone::Plain, "Unknown"),
    };
    view! { <Chip tone>{words}</Chip> }.into_any()
}

/// The outcome as a headline.
fn title(flow: &Flow) -> String {
    let refused = flow.steps.iter().find(|step| step.outcome == "refused");
    match (flow.summary.outcome.as_str(), refused) {
        ("refused", Some(step)) => match step.name.as_str() {
            "Authorization request" => "Refused at the first step".to_owned(),
            "Token" | "Refresh" => "Refused at the token endpoint".to_owned(),
            name => format!("Refused at {}", name.to_lowercase()),
        },
        ("refused", None) => "Refused".to_owned(),
        ("denied", _) => "The user declined".to_owned(),
        ("pending", _) => "Waiting for the user".to_owned(),
        ("signed out", _) => "Signed out".to_owned(),
        ("registered", _) => "The application registered itself".to_owned(),
        ("issued", _) => "The code was never exchanged".to_owned(),
        _ => "Completed".to_owned(),
    }
}
