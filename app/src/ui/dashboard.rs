//! The frame of the signed-in pages: where one can go, who is here, the way out.

use leptos::prelude::*;
use leptos_router::components::{A, Outlet};

use super::{Avatar, HeadingSeen, Mark};
use crate::page_data;
use contract::{routes, wire::session::Role};

/// The parent of every dashboard route; stays while the pages in it change.
#[component]
pub fn Dashboard() -> impl IntoView {
    let user = page_data().user;
    let developer = user
        .as_ref()
        .is_some_and(|user| user.role >= Role::Developer);
    let for_developers = developer.then(|| {
        view! {
            <A href=routes::APPS>"Applications"</A>
            <A href=routes::PLAYGROUND>"Playground"</A>
        }
    });
    let who = user.map(|user| {
        let title = format!("{} · {}", user.username, user.email);
        view! {
            <div class="who" title=title>
                <Avatar name=user.username.clone()/>
                <span class="clip">{user.username.clone()}</span>
            </div>
        }
    });
    provide_context(HeadingSeen(StoredValue::new(false)));
    view! {
        // External: the router would scroll to it and leave the focus behind.
        <a class="skip" href="#content" rel="external">"Skip to the content"</a>
        <div class="app">
            <aside class="side">
                <Mark/>
                <nav aria-label="Main">
                    {for_developers}
                    <A href=routes::CONNECTIONS>"Connections"</A>
                    <A href=routes::ACCOUNT>"Account"</A>
                </nav>
                <div class="grow"></div>
                <div class="me">
                    {who}
                    <form method="post" action=routes::LOGOUT>
                        <button class="btn quiet sm">"Sign out"</button>
                    </form>
                </div>
            </aside>
            <main class="page" id="content" tabindex="-1">
                <noscript>
                    <p class="note warn">"This page needs JavaScript. Signing in and giving consent work without it."</p>
                </noscript>
                <Outlet/>
            </main>
        </div>
    }
}
