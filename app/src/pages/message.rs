//! A page about one thing that is done or can't be done. Rendered by the server, no script.

use leptos::prelude::*;

use crate::ui::{Panel, Stage};
use contract::wire::page::MessagePage;

#[component]
pub fn MessageView(page: MessagePage) -> impl IntoView {
    view! {
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>{page.title}</h1>
                    <p class="muted">{page.text}</p>
                </div>
            </Panel>
        </Stage>
    }
}
