//! The parts of one page. Each has an address of its own, so these are links and not buttons.

use leptos::prelude::*;
use leptos_router::components::A;

/// `label` says to a screen reader whose parts these are.
#[component]
pub fn Tabs(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! { <nav class="tabs" aria-label=label>{children()}</nav> }
}

/// One of them; `aria-current` is set when this is the address, exactly.
#[component]
pub fn Tab(#[prop(into)] href: String, children: Children) -> impl IntoView {
    view! { <A href exact=true>{children()}</A> }
}
