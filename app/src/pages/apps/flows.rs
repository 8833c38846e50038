//! The application's recent authorizations, newest first.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::pages::flow::outcome_chip;
use crate::ui::{ApiResource, Empty, Log, When};
use contract::routes;
use contract::wire::flow::FlowSummary;

#[component]
pub fn Flows(flows: ApiResource<Vec<FlowSummary>>) -> impl IntoView {
    view! { <Log title="Recent flows" records=flows none=none_yet table/> }.into_any()
}

fn none_yet() -> AnyView {
    view! {
        <Empty
            title="No flows yet"
            text="Each time a user is sent here to sign in, a line appears: what was asked for, how far it went, and the rule that stopped it."
        />
    }
    .into_any()
}

fn table(flows: Vec<FlowSummary>) -> AnyView {
    let rows = flows
        .into_iter()
        .map(|flow| {
            view! {
                <tr>
                    <td class="full">
                        <A href=routes::flow(&flow.id)>
                            <When at=flow.created_at/>
                        </A>
                        <div class="mono faint clip hide-sm">{flow.id.clone()}</div>
                    </td>
                    <td class="mono muted wrap" data-l="Request">{flow.request}</td>
                    <td data-l="Outcome">{outcome_chip(flow.outcome)}</td>
                    <td data-l="Rule">{flow.rule.map(|rule| {
                        view! { <a href=routes::rule(&rule) rel="external" class="small wrap">{rule.clone()}</a> }
                    })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="cards">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Request"</th>
                    <th scope="col">"Outcome"</th>
                    <th scope="col">"Rule"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
