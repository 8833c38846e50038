//! One calm column for people on the way to something else: sign-in, consent, refusals.

use leptos::prelude::*;

use super::Mark;

/// The whole page: mark, column, foot.
#[component]
pub fn Stage(
    /// A sentence at the foot.
    #[prop(optional, into)]
    foot: String,
    /// A wider column, for pages that are read.
    #[prop(optional)]
    wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="stage">
            <header><Mark/></header>
            <main class=if wide { "wide" } else { "" }>{children()}</main>
            <footer>{foot}</footer>
        </div>
    }
}

/// The surface in the middle of a stage.
#[component]
pub fn Panel(children: Children) -> impl IntoView {
    view! { <div class="panel stack loose">{children()}</div> }
}
