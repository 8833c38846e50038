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
    // The fields say the rest.
    if problem.is_about_fields() {
        return view! { <Note tone=Tone::Bad><b>{nothing_saved(problem.errors.len())}</b></Note> }
            .into_any();
    }
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
                <p class="small"><a href=routes::rule(&rule) rel="external">"Why?"</a></p>
            })}
            {request.map(|request| view! { <p class="small faint mono">{request}</p> })}
        </Note>
    }
    .into_any()
}

fn nothing_saved(fields: usize) -> String {
    const NUMBERS: [&str; 9] = [
        "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine",
    ];
    let count = fields
        .checked_sub(1)
        .and_then(|at| NUMBERS.get(at))
        .map_or_else(|| fields.to_string(), |word| (*word).to_owned());
    if fields == 1 {
        format!("Nothing was saved. {count} field needs a look.")
    } else {
        format!("Nothing was saved. {count} fields need a look.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_counted_in_words() {
        for (fields, words) in [
            (1, "Nothing was saved. One field needs a look."),
            (2, "Nothing was saved. Two fields need a look."),
            (12, "Nothing was saved. 12 fields need a look."),
        ] {
            assert_eq!(nothing_saved(fields), words);
        }
    }
}
