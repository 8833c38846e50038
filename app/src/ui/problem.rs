//! A failure of the API, in words, with the way to the rule behind it.

use crate::ui::reactive;
use leptos::prelude::*;

use super::{Note, Tone};
use contract::{routes, wire::problem::Problem};

/// Says nothing while there is no problem. Stands in the page from the start, so that a screen
/// reader hears what appears in it.
#[component]
pub fn ProblemNote(#[prop(into)] problem: Signal<Option<Problem>>) -> impl IntoView {
    view! {
        <div role="alert" class="alert">
            {reactive(move || { problem.get().map(shown) }.into_any())}
        </div>
    }
}

fn shown(problem: Problem) -> AnyView {
    let rule = problem.rule().to_owned();
    let known = contract::rules::find(&rule).is_some();
    let Problem {
        title,
        status,
        detail,
        request_id,
        ..
    } = problem;
    let words = (!detail.is_empty() && detail != title).then_some(detail);
    let request =
        (status >= 500 && !request_id.is_empty()).then(|| format!("Request {request_id}"));
    view! {
        <Note tone=Tone::Bad>
            <b>{title}</b>
            {words.map(|words| view! { <p>{words}</p> })}
            {known.then(|| view! {
                <p class="small"><a href=routes::rule(&rule) rel="external">"What this rule says"</a></p>
            })}
            {request.map(|request| view! { <p class="small faint mono">{request}</p> })}
        </Note>
    }
    .into_any()
}
