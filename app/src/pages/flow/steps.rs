//! The steps of a flow from top to bottom: those that were recorded, and those still to come.

use leptos::prelude::*;

use crate::browser::clock;
use contract::wire::flow::{FlowOutcome, FlowStep, StepName, StepOutcome};

/// What an authorization goes through (RFC 6749 §4.1).
const PLAN: [StepName; 5] = [
    StepName::AuthorizationRequest,
    StepName::SignIn,
    StepName::Consent,
    StepName::Code,
    StepName::Token,
];

/// The step that tells most: the refused one, else the last.
pub fn telling(steps: &[FlowStep]) -> Option<usize> {
    steps
        .iter()
        .position(|step| step.outcome == StepOutcome::Refused)
        .or_else(|| steps.len().checked_sub(1))
}

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// A recorded step by its place.
    Recorded(usize),
    /// A step that was not recorded.
    Blank(StepName),
    /// The same, and a later one was.
    Skipped(StepName),
}

/// The plan with the recorded steps in it; what is not in the plan follows. A flow that begins
/// at the token endpoint has no plan. A step that waited and then went on is one step.
fn lines(steps: &[FlowStep]) -> Vec<Line> {
    let over = |at: usize| {
        let later = &steps[at + 1..];
        steps[at].outcome == StepOutcome::Waiting
            && later.iter().any(|step| step.name == steps[at].name)
    };
    let recorded: Vec<usize> = (0..steps.len()).filter(|&at| !over(at)).collect();
    let planned = steps.first().is_none_or(|step| step.name == PLAN[0]);
    if !planned {
        return recorded.into_iter().map(Line::Recorded).collect();
    }
    let is = |at: usize, name: StepName| steps[at].name == name;
    let mut lines = Vec::new();
    for (place, name) in PLAN.into_iter().enumerate() {
        let found = recorded.iter().filter(|&&at| is(at, name)).copied();
        let before = lines.len();
        lines.extend(found.map(Line::Recorded));
        if lines.len() == before {
            let later = &PLAN[place + 1..];
            let went_on = recorded
                .iter()
                .any(|&at| later.iter().any(|name| is(at, *name)));
            lines.push(if went_on {
                Line::Skipped(name)
            } else {
                Line::Blank(name)
            });
        }
    }
    let others = recorded
        .iter()
        .filter(|&&at| !PLAN.contains(&steps[at].name));
    lines.extend(others.copied().map(Line::Recorded));
    lines
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
    outcome: FlowOutcome,
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let start = recorded.first().map_or(0, |step| step.at);
    let over = matches!(outcome, FlowOutcome::Refused | FlowOutcome::Denied);
    let blank = move |name: StepName, why: &'static str| {
        view! {
            <li>
                <div class="step">
                    <span class="dot none"></span>
                    <span class="muted">{name.name()}</span>
                    <small class="faint">{why}</small>
                </div>
            </li>
        }
        .into_any()
    };
    let items = lines(&recorded)
        .into_iter()
        .map(|line| match line {
            Line::Blank(name) => blank(name, if over { "not reached" } else { "" }),
            Line::Skipped(name) => blank(name, "not needed"),
            Line::Recorded(at) => item(recorded[at].clone(), at, start, chosen),
        })
        .collect_view();
    view! { <ol class="steps" aria-label="Steps">{items}</ol> }.into_any()
}

fn item(step: FlowStep, at: usize, start: i64, chosen: RwSignal<Option<usize>>) -> AnyView {
    let (dot, words) = match step.outcome {
        StepOutcome::Ok => ("dot good", "passed"),
        StepOutcome::Refused => ("dot bad", "refused"),
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
                    <b>{step.name.name()}</b>
                    <span class="visually-hidden">{format!(", {words}")}</span>
                    {(!step.request.is_empty()).then(|| view! {
                        <small class="muted">{step.request}</small>
                    })}
                    <small class="faint">{clock(step.at)}</small>
                </span>
                <small class="faint" title="After the first step">
                    {format!("+{}", after(step.at - start))}
                </small>
            </button>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(names: &[StepName]) -> Vec<FlowStep> {
        let step = |&name: &StepName| FlowStep {
            name,
            ..FlowStep::default()
        };
        names.iter().map(step).collect()
    }

    #[test]
    fn what_was_not_needed_stands_between_and_what_was_not_reached_after() {
        let lines = lines(&steps(&[StepName::AuthorizationRequest, StepName::Consent]));
        assert_eq!(
            lines,
            [
                Line::Recorded(0),
                Line::Skipped(StepName::SignIn),
                Line::Recorded(1),
                Line::Blank(StepName::Code),
                Line::Blank(StepName::Token),
            ]
        );
    }

    #[test]
    fn a_step_that_waited_and_went_on_is_one_step() {
        let mut all = steps(&[
            StepName::AuthorizationRequest,
            StepName::SignIn,
            StepName::SignIn,
            StepName::Code,
        ]);
        all[1].outcome = StepOutcome::Waiting;
        assert_eq!(lines(&all)[1], Line::Recorded(2));
        assert_eq!(lines(&all).len(), 5);
        assert_eq!(lines(&all[..2])[1], Line::Recorded(1));
    }

    #[test]
    fn steps_outside_the_plan_are_shown_too() {
        let all = [
            StepName::AuthorizationRequest,
            StepName::SignIn,
            StepName::Consent,
            StepName::Code,
            StepName::Token,
            StepName::Token,
            StepName::Revocation,
        ];
        assert_eq!(lines(&steps(&all)).len(), all.len());
        assert_eq!(lines(&steps(&[StepName::Token])), [Line::Recorded(0)]);
    }

    #[test]
    fn the_refused_step_tells_most() {
        let mut all = steps(&[
            StepName::AuthorizationRequest,
            StepName::Token,
            StepName::Token,
        ]);
        assert_eq!(telling(&all), Some(2));
        all[1].outcome = StepOutcome::Refused;
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
