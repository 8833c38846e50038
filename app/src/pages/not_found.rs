//! A path that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{LinkButton, Panel, Stage};
use contract::routes;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"There is nothing here"</h1>
                    <p class="muted">"The address may be mistyped, or what it led to is gone."</p>
                </div>
                <LinkButton href=routes::HOME wide=true external=true>"To the start"</LinkButton>
            </Panel>
        </Stage>
    }
}
