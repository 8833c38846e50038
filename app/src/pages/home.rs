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
        Some(start) => (start, "Continue"),
        None => (routes::LOGIN, "Sign in"),
    };
    view! {
        <Title text="Welcome"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"One account for all your apps"</h1>
                    <p class="muted">
                        "Claviger signs you in, and asks you before an app gets access."
                    </p>
                </div>
                <LinkButton href look=ButtonVariant::Primary wide=true external=true>{words}</LinkButton>
                <p class="small muted">
                    "Building an app? See "<a href=routes::RULES rel="external">"the rules"</a>
                    " that Claviger expects it to follow."
                </p>
            </Panel>
        </Stage>
    }
}
