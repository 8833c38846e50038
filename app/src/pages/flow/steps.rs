//! The steps of a flow from top to bottom: those that were recorded, and those still to come.

use leptos::prelude::*;

use crate::wire::flow::FlowStep;

/// What an authorization goes through (RFC 6749 §4.1).
const PLAN: [&str; 5] = ["Authorization request", "Sign-in", "Consent", "Code", "Token"];

/// The step that tells most: the refused one, else the last.
pub fn telling(steps: &[FlowStep]) -> Option<usize> {
    steps
        .iter()
        .position(|step| step.outcome == "refused")
        .or_else(|| steps.len().checked_sub(1))
}

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// A recorded step by its place.
    Recorded(usize),
    /// A step that was not recorded.
    Blank(&'static str),
}

/// The plan with the recorded steps in it; what is not in the plan follows. A flow that begins
/// at the token endpoint has no plan.
fn lines(steps: &[FlowStep]) -> Vec<Line> {
    let planned = steps.first().is_none_or(|step| step.name == PLAN[0]);
    if !planned {
        return (0..steps.len()).map(Line::Recorded).collect();
    }
    let of = |name: &'static str| {
        let found: Vec<_> = (0..steps.len())
            .filter(|&at| steps[at].name == name)
            .map(Line::Recorded)
            .collect();
        if found.is_empty() { vec![Line::Blank(name)] } else { found }
    };
    let others = (0..steps.len())
        .filter(|&at| !PLAN.contains(&steps[at].name.as_str()))
        .map(Line::Recorded);
    PLAN.into_iter().flat_map(of).chain(others).collect()
}

/// How long after the first step: `0 ms`, `1.2 s`, `3 min`.
fn after(milliseconds: i64) -> String {
    match milliseconds {
        ..1000 => format!("{} ms", milliseconds.max(0)),
        1000..10_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        10_000..120_000 => format!("{} s", milliseconds / 1000),
        120_000..7_200_000 => format!("{} min", milliseconds / 60_000),
        _ => format!("{} h", milliseconds / 3_600_000),
    }
}

#[component]
pub fn Steps(
    recorded: Vec<FlowStep>,
    /// Of the whole flow.
    outcome: String,
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let start = recorded.first().map_or(0, |step| step.at);
    let over = matches!(outcome.as_str(), "refused" | "denied");
    let blank = move |name: &'static str| {
        view! {
            <li>
                <div class="step">
                    <span class="dot none"></span>
                    <span class="muted">{name}</span>
                    <small class="faint">{if over { "not reached" } else { "" }}</small>
                </div>
            </li>
        }
        .into_any()
    };
    let items = lines(&recorded)
        .into_iter()
        .map(|line| match line {
            Line::Blank(name) => blank(name),
            Line::Recorded(at) => item(recorded[at].clone(), at, start, chosen),
        })
        .collect_view();
    view! { <ol class="steps" aria-label="Steps">{items}</ol> }.into_any()
}

fn item(step: FlowStep, at: usize, start: i64, chosen: RwSignal<Option<usize>>) -> AnyView {
    let (dot, words) = match step.outcome.as_str() {
        "ok" => ("dot good", "passed"),
        "refused" => ("dot bad", "refused"),
        _ => ("dot wait", "waiting"),
    };
    let current = move || chosen.get() == Some(at);
    view! {
        <li aria-current=move || current().then_some("step")>
            <button
                type="button"
                class="step"
                aria-pressed=move || current().to_string()
                on:click=move |_| chosen.set(Some(at))
            >
                <span class=dot></span>
                <span>
                    <b>{step.name}</b>
                    <span class="visually-hidden">{format!(", {words}")}</span>
                    {(!step.request.is_empty()).then(|| view! {
                        <small class="muted">{step.request}</small>
                    })}
                </span>
                <small class="faint">{after(step.at - start)}</small>
            </button>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(names: &[&str]) -> Vec<FlowStep> {
        names
            .iter()
            .map(|&name| FlowStep { name: name.into(), outcome: "ok".into(), ..FlowStep::default() })
            .collect()
    }

    #[test]
    fn what_was_not_reached_stands_after_what_was() {
        let lines = lines(&steps(&["Authorization request", "Consent"]));
        assert_eq!(
            lines,
            [
                Line::Recorded(0),
                Line::Blank("Sign-in"),
                Line::Recorded(1),
                Line::Blank("Code"),
                Line::Blank("Token"),
            ]
        );
    }

    #[test]
    fn steps_outside_the_plan_are_shown_too() {
        let all = ["Authorization request", "Sign-in", "Consent", "Code", "Token", "Token", "Refresh"];
        assert_eq!(lines(&steps(&all)).len(), all.len());
        assert_eq!(lines(&steps(&["Token"])), [Line::Recorded(0)]);
    }

    #[test]
    fn the_refused_step_tells_most() {
        let mut all = steps(&["Authorization request", "Token", "Token"]);
        assert_eq!(telling(&all), Some(2));
        all[1].outcome = "refused".into();
        assert_eq!(telling(&all), Some(1));
        assert_eq!(telling(&[]), None);
    }

    #[test]
    fn distances_in_short() {
        for (milliseconds, words) in [
            (-5, "0 ms"),
            (999, "999 ms"),
            (1250, "1.2 s"),
            (61_000, "61 s"),
            (300_000, "5 min"),
            (7_200_000, "2 h"),
        ] {
            assert_eq!(after(milliseconds), words);
        }
    }
}
