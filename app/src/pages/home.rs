//! The front door: who is signed in goes on, who is not signs in.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    browser, page_data,
    ui::{ButtonVariant, LinkButton, Panel, Stage},
};
use contract::{
    routes,
    wire::session::{Role, User},
};

/// Where this person's day begins.
pub fn start(user: &User) -> &'static str {
    if user.role >= Role::Developer {
        routes::APPS
    } else {
        routes::CONNECTIONS
    }
}

#[component]
pub fn HomePage() -> impl IntoView {
    let start = page_data().user.as_ref().map(start);
    browser::effect(move || {
        if let Some(start) = start {
            browser::assign(start);
        }
    });
    let (href, words) = match start {
        Some(start) => (start, "Go on"),
        None => (routes::LOGIN, "Sign in"),
    };
    view! {
        <Title text="Welcome"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"One key to your applications"</h1>
                    <p class="muted">
                        "Claviger signs you in and asks you before an application may act for you."
                    </p>
                </div>
                <LinkButton href look=ButtonVariant::Primary wide=true external=true>{words}</LinkButton>
                <p class="small muted">
                    "You build an application? "<a href=routes::RULES rel="external">"The rules"</a>
                    " say what Claviger expects of it."
                </p>
            </Panel>
        </Stage>
    }
}
