//! A refusal that may not travel by redirect. Rendered by the server and left alone after that:
//! no script, no data of the page in the page.

use leptos::prelude::*;

use super::message::ways_on;
use crate::ui::{ButtonVariant, Panel, Stage};
use contract::{routes, rules, wire::page::RefusedPage};

/// Says what happened to the person who was sent here; the norm and the way to fix it are folded,
/// for the people who run the application.
#[component]
pub fn RefusedView(page: RefusedPage) -> impl IntoView {
    let RefusedPage {
        rule,
        title,
        explanation,
        application,
        received,
        request_id,
        traced,
        links,
        ..
    } = page;
    let rule_page = routes::rule(&rule);
    let norm = rules::find(&rule).map(|rule| view! { <p>{rule.title}</p> });
    let trace = traced.then(|| {
        let trace = routes::flow(&request_id);
        view! {
            <p class="small">
                <a href=trace rel="external">"Open this request in the dashboard"</a>
                " to see what differs and fix it."
            </p>
        }
    });
    let runners = match application {
        Some(name) => format!("For the people who run {name}"),
        None => "For the people who run it".to_owned(),
    };
    view! {
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1 class="wrap">{title}</h1>
                    <p class="muted">{explanation}</p>
                </div>
                {ways_on(links, ButtonVariant::Plain)}
                <details class="more">
                    <summary class="wrap">{runners}</summary>
                    <div class="stack">
                        {norm}
                        <dl class="refusal">
                            {received.map(|received| view! { <dt>"Received"</dt><dd>{received}</dd> })}
                            <dt>"Rule"</dt>
                            <dd><a href=rule_page rel="external">{rule}</a></dd>
                            {(!request_id.is_empty()).then(|| view! { <dt>"Request"</dt><dd>{request_id}</dd> })}
                        </dl>
                        {trace}
                    </div>
                </details>
            </Panel>
        </Stage>
    }
}
