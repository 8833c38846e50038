//! Data of the API, and what stands in its place meanwhile.

use std::{future::Future, pin::Pin, sync::Arc};

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Button, ProblemNote};
use crate::browser;
use contract::wire::problem::Problem;

type Fetch<T> = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T, Problem>>>> + Send + Sync>;

/// Something that the page fetches. The server renders it as loading; the browser asks once the
/// page is taken over, again when a signal that `fetch` reads before its first await changes,
/// and on [`ApiResource::reload`].
///
/// ```ignore
/// let apps = ApiResource::new(|| api::get::<Vec<Application>>(routes::API_APPLICATIONS));
/// view! { {apps.view(|apps| view! { <AppTable apps/> }.into_any())} }
/// ```
pub struct ApiResource<T: Send + Sync + 'static> {
    state: RwSignal<Option<Result<T, Problem>>>,
    fetch: StoredValue<Fetch<T>>,
}

impl<T: Send + Sync + 'static> Clone for ApiResource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for ApiResource<T> {}

impl<T: Clone + Send + Sync + 'static> ApiResource<T> {
    /// `fetch` makes the call's future; owned values only, since it outlives the closure.
    pub fn new<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Problem>> + 'static,
    {
        let fetch: Fetch<T> = Arc::new(move || Box::pin(fetch()));
        let remote = Self {
            state: RwSignal::new(None),
            fetch: StoredValue::new(fetch),
        };
        browser::effect(move || remote.load(true));
        remote
    }

    fn load(self, anew: bool) {
        let Some(fetch) = self.fetch.try_get_value() else {
            return;
        };
        let answer = fetch();
        if anew {
            self.state.set(None);
        }
        spawn_local(async move {
            let answer = answer.await;
            // The page may be gone by now.
            let _ = self.state.try_set(Some(answer));
        });
    }

    /// Asks again; what is shown stays until the answer is there.
    pub fn reload(self) {
        self.load(false);
    }

    /// The data, once it is there; tracked.
    pub fn get(self) -> Option<T> {
        self.state.get().and_then(Result::ok)
    }

    /// The failure; tracked.
    pub fn problem(self) -> Option<Problem> {
        self.state.get().and_then(Result::err)
    }

    /// Puts in what a change answered with, without asking again.
    pub fn set(self, value: T) {
        self.state.set(Some(Ok(value)));
    }

    /// Loading, the failure with `Try again`, or what `ready` makes of the data.
    pub fn view(self, ready: impl Fn(T) -> AnyView + Send + Sync + 'static) -> AnyView {
        shown(
            Box::new(move || Some(self.state.get()?.map(&ready))),
            Callback::new(move |()| self.load(true)),
        )
    }
}

type Look = Box<dyn Fn() -> Option<Result<AnyView, Problem>> + Send + Sync>;

/// The part of [`ApiResource::view`] that does not depend on what is shown: compiled once.
fn shown(look: Look, again: Callback<()>) -> AnyView {
    (move || match look() {
        None => view! { <Loading/> }.into_any(),
        Some(Ok(view)) => view,
        Some(Err(problem)) => failed(problem, again),
    })
    .into_any()
}

fn failed(problem: Problem, again: Callback<()>) -> AnyView {
    // What isn't there won't be there the next time.
    if problem.status == 404 {
        return view! { <p class="muted">"It may have been deleted, or it isn't yours."</p> }
            .into_any();
    }
    view! {
        <div class="stack failed">
            <ProblemNote problem=Some(problem)/>
            <div><Button on_press=again>"Try again"</Button></div>
        </div>
    }
    .into_any()
}

/// Grey lines where something is about to be.
#[component]
pub fn Loading(#[prop(default = 3)] lines: usize) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="visually-hidden">"Loading"</span>
            {(0..lines).map(|_| view! { <span class="bar" aria-hidden="true"></span> }).collect_view()}
        </div>
    }
}

/// A list with nothing in it: what it is for, and how to begin.
#[component]
pub fn Empty(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    /// Buttons that begin.
    #[prop(optional, into)]
    actions: ViewFn,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p class="muted">{text}</p>
            <div class="row">{actions.run()}</div>
        </div>
    }
}
