//! The logo: a keyhole under an arch, and the name.

use leptos::prelude::*;

use contract::routes;

/// Leads home, with a full load: home depends on who is signed in.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <a class="mark" href=routes::HOME rel="external">
            <svg viewBox="0 0 26 26" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">
                <path d="M4 23V12a9 9 0 0 1 18 0v11"/>
                <circle cx="13" cy="12" r="3"/>
                <path d="M13 15v7m0-3h3"/>
            </svg>
            "Claviger"
        </a>
    }
}
