//! Surfaces of the dashboard, and the head of its pages.

use crate::browser;
use crate::ui::reactive;
use leptos::{html, prelude::*};
use leptos_meta::Title;

/// A surface with a heading.
#[component]
pub fn Card(
    #[prop(optional, into)] title: Option<String>,
    /// Id of the heading, for [`crate::browser::focus_soon`].
    #[prop(optional)]
    anchor: Option<&'static str>,
    /// Buttons at the right of the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    /// No padding: for a table or a list that reaches the edges.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    let head = title.map(|title| {
        view! {
            <header>
                <h2 id=anchor tabindex=anchor.map(|_| "-1")>{title}</h2>
                <div class="row">{actions.run()}</div>
            </header>
        }
    });
    view! {
        <section class="card">
            {head}
            <div class=if flush { "flush" } else { "body stack" }>{children()}</div>
        </section>
    }
}

/// Whether the frame has shown a heading yet. Each one after the first is that of a page to which
/// the router went: it takes the focus that went with the page before, so that a screen reader
/// begins there.
#[derive(Clone, Copy)]
pub struct HeadingSeen(pub StoredValue<bool>);

/// Title and first sentence of a page. `crumbs` lead up: `(words, address)`.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    about: Signal<String>,
    #[prop(optional)] crumbs: Vec<(String, String)>,
    /// A picture before the title.
    #[prop(optional, into)]
    lead: ViewFn,
    /// Buttons at the right.
    #[prop(optional, into)]
    actions: ViewFn,
) -> impl IntoView {
    let crumbs = (!crumbs.is_empty()).then(|| {
        let links = crumbs
            .into_iter()
            .map(|(words, href)| view! { <li><a href=href>{words}</a></li> })
            .collect_view();
        view! { <nav class="crumb" aria-label="Where you are"><ol>{links}</ol></nav> }
    });
    let heading = NodeRef::<html::H1>::new();
    if let Some(HeadingSeen(seen)) = use_context() {
        browser::effect(move || {
            if heading.get().is_none() {
                return;
            }
            if seen.get_value() {
                browser::focus_if_lost("h1");
            }
            seen.set_value(true);
        });
    }
    view! {
        <Title text=move || title.get()/>
        <div class="page-head">
            {crumbs}
            <div class="between">
                {lead.run()}
                <div class="grow">
                    <h1 node_ref=heading tabindex="-1">{reactive(move || { title.get() }.into_any())}</h1>
                    <p class="muted">{reactive(move || { about.get() }.into_any())}</p>
                </div>
                <div class="row">{actions.run()}</div>
            </div>
        </div>
    }
}
