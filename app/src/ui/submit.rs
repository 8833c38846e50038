//! Sending a form: one at a time, and what came back.

use std::{future::Future, pin::Pin};

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use contract::wire::problem::Problem;

/// State of one form or button. `Copy`, so that closures can hold it.
///
/// ```text
/// let submit = FormAction::new();
/// submit.run(async move { api::post(routes::API_SESSION, &body).await }, |done: SignedIn| …);
/// <Field … errors=submit.errors("name")/>  <ProblemNote problem=submit.problem()/>
/// <Button busy=submit.busy()>…
/// ```
#[derive(Clone, Copy)]
pub struct FormAction {
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
}

impl Default for FormAction {
    fn default() -> Self {
        Self::new()
    }
}

impl FormAction {
    pub fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            problem: RwSignal::new(None),
        }
    }

    /// Sends, unless something is being sent. With errors at fields the cursor goes to the first.
    pub fn run<T: 'static>(
        self,
        call: impl Future<Output = Result<T, Problem>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.start(Box::pin(async move {
            match call.await {
                Ok(value) => {
                    done(value);
                    None
                }
                Err(problem) => Some(problem),
            }
        }));
    }

    /// The part of [`FormAction::run`] that does not depend on what is sent: compiled once.
    fn start(self, call: Pin<Box<dyn Future<Output = Option<Problem>>>>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        spawn_local(async move {
            let problem = call.await;
            // The page may be gone by now.
            let _ = self.busy.try_set(false);
            let at_fields = problem.as_ref().is_some_and(|p| !p.errors.is_empty());
            if problem.is_some() {
                let _ = self.problem.try_set(problem);
            }
            if at_fields {
                request_animation_frame(browser::focus_first_invalid);
            }
        });
    }

    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// What went wrong.
    pub fn problem(self) -> Signal<Option<Problem>> {
        self.problem.into()
    }

    /// What went wrong, unless the fields say it: for a form that is seen as a whole.
    pub fn problem_beside_fields(self) -> Signal<Option<Problem>> {
        Signal::derive(move || {
            self.problem
                .get()
                .filter(|problem| !problem.is_about_fields())
        })
    }

    /// Shows a problem that was found without sending, or takes it away.
    pub fn set_problem(self, problem: Option<Problem>) {
        self.problem.set(problem);
    }

    /// The messages at one field.
    pub fn errors(self, field: &'static str) -> Signal<Vec<String>> {
        Signal::derive(move || {
            self.problem.with(|problem| {
                problem
                    .as_ref()
                    .and_then(|problem| problem.errors.get(field).cloned())
                    .unwrap_or_default()
            })
        })
    }
}
