//! A page about one thing that is done or can't be done. Rendered by the server, no script.

use leptos::prelude::*;

use crate::ui::{ButtonVariant, LinkButton, Panel, Stage};
use contract::{
    routes,
    wire::page::{MessagePage, PageLink},
};

#[component]
pub fn MessageView(page: MessagePage) -> impl IntoView {
    let rule = page.rule.map(|rule| {
        let page = routes::rule(&rule);
        view! { <p class="small muted">"Why? "<a href=page rel="external">{rule}</a></p> }
    });
    view! {
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1 class="wrap">{page.title}</h1>
                    <p class="muted wrap">{page.text}</p>
                </div>
                {ways_on(page.links, ButtonVariant::Primary)}
                {rule}
            </Panel>
        </Stage>
    }
}

/// The links, one below the other; the first one looks like `first`.
pub(super) fn ways_on(links: Vec<PageLink>, first: ButtonVariant) -> AnyView {
    if links.is_empty() {
        return ().into_any();
    }
    let links = links
        .into_iter()
        .enumerate()
        .map(|(index, PageLink { href, text })| {
            let look = if index == 0 {
                first
            } else {
                ButtonVariant::Plain
            };
            view! { <LinkButton href look wide=true external=true>{text}</LinkButton> }
        })
        .collect_view();
    view! { <div class="stack">{links}</div> }.into_any()
}
