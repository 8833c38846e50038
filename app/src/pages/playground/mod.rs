//! The playground: an OAuth consumer inside the page, for learning the flow and for trying an
//! application before a line of its code is written.
//!
//! Everything happens in the browser, with the same endpoints and the same rights as any other
//! client: no request may use the person's cookies where a client would not have them, and
//! nothing may be shown that did not go over the wire. Secrets and tokens stay in the tab's
//! sessionStorage.
//!
//! A walk has two pages: `/playground` chooses an application and builds the request,
//! `/playground/callback` shows what came back and uses it. To add an action: a button and a
//! function in `actions.rs`.

mod actions;
mod build;
mod callback;
mod choose;
mod claims;
mod crypto;
mod encode;
mod entry;
mod exchange;
mod id_token;
mod jose;
mod line;
mod request;
mod secret;
mod tokens;
mod walk;

use crate::ui::reactive;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::ui::{Button, Loading, PageHead};
use crate::{browser, page_data};
use contract::routes;
use walk::Walk;

const STEPS: [&str; 5] = ["Choose", "Build", "Callback", "Tokens", "Use"];

/// Both pages of the walk.
#[component]
pub fn PlaygroundPage() -> impl IntoView {
    let walk = Walk::new(page_data().public_url);
    let path = use_location().pathname.get_untracked();
    let is_back = path.starts_with(routes::PLAYGROUND_CALLBACK);
    Effect::new(move || {
        walk.load();
        if is_back {
            callback::receive(walk);
        }
    });
    Effect::new(move || walk.save());

    view! {
        <PageHead
            title="Playground"
            about="Walk through the code flow as your app does it, and see every request on the way."
            actions=move || view! { <Button on_press=start_over>"Start over"</Button> }
        />
        <Steps walk is_back/>
        <p class="visually-hidden" role="status">{reactive(move || { walk.said.get() }.into_any())}</p>
        <div class="stack loose playground">
            {reactive(move || { {
                if !walk.ready.get() {
                    view! { <Loading/> }.into_any()
                } else if is_back {
                    view! {
                        {callback::answer(walk)}
                        {tokens::tokens(walk)}
                        {id_token::id_token(walk)}
                        {actions::actions(walk)}
                    }
                        .into_any()
                } else {
                    view! {
                        {choose::choose(walk)}
                        {build::build(walk)}
                    }
                        .into_any()
                }
            } }.into_any())}
        </div>
    }
}

fn start_over(_: ()) {
    Walk::forget();
    browser::assign(routes::PLAYGROUND);
}

#[component]
fn Steps(walk: Walk, is_back: bool) -> impl IntoView {
    let current = Memo::new(
        move |_| match (is_back, walk.tokens.with(Option::is_some)) {
            (true, true) => 4,
            (true, false) => 2,
            (false, _) if walk.client.with(Option::is_some) => 1,
            (false, _) => 0,
        },
    );
    let steps = STEPS
        .into_iter()
        .enumerate()
        .map(|(at, words)| {
            view! {
                <li
                    aria-current=move || (current.get() == at).then_some("step")
                    class:done=move || at < current.get()
                >
                    {words}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="walk" aria-label="Steps">{steps}</ol> }
}
