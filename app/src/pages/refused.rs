//! A refusal that may not travel by redirect. Rendered by the server and left alone after that:
//! no script, no data of the page in the page.

use leptos::prelude::*;

use crate::ui::{Chip, Panel, Stage, Tone};
use contract::{routes, wire::page::RefusedPage};

/// Says what happened to the person who was sent here, and who can mend it.
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
        ..
    } = page;
    let rule_page = routes::rule(&rule);
    let owner = match (&application, traced) {
        (Some(name), true) => {
            let trace = routes::flow(&request_id);
            view! {
                <p class="small muted">
                    "You run "{name.clone()}"? "
                    <a href=trace rel="external">"Open this request in the dashboard"</a>
                    " to see what differs and mend it."
                </p>
            }
            .into_any()
        }
        _ => view! {
            <p class="small muted">
                "You run the application that sent you here? The rule says what to mend."
            </p>
        }
        .into_any(),
    };
    view! {
        <Stage>
            <Panel>
                <div class="stack tight">
                    <div><Chip tone=Tone::Bad>"Refused"</Chip></div>
                    <h1 class="wrap">{title}</h1>
                    <p class="muted">{explanation}</p>
                </div>
                <dl class="refusal">
                    {received.map(|received| view! { <dt>"Received"</dt><dd>{received}</dd> })}
                    <dt>"Rule"</dt>
                    <dd><a href=rule_page rel="external">{rule}</a></dd>
                    {(!request_id.is_empty()).then(|| view! { <dt>"Request"</dt><dd>{request_id}</dd> })}
                </dl>
                {owner}
            </Panel>
        </Stage>
    }
}
