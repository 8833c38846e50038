//! A path that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{LinkButton, Panel, Stage};
use contract::routes;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Page not found"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"Page not found"</h1>
                    <p class="muted">"The address may be mistyped, or the page is gone."</p>
                </div>
                <LinkButton href=routes::HOME wide=true external=true>"Go to the home page"</LinkButton>
            </Panel>
        </Stage>
    }
}
