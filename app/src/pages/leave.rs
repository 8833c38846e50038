//! The way to an app that has a scheme of its own. The browser hands the address to the system and
//! stays on this page, so it says that everything is done. Rendered by the server, no script.

use leptos::prelude::*;

use crate::ui::{ButtonVariant, LinkButton, Panel, Stage};

/// `to` holds the answer to the application: this page is rendered once and kept nowhere.
#[component]
pub fn LeaveView(to: String) -> impl IntoView {
    view! {
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"Back to the app"</h1>
                    <p class="muted">
                        "You are done here. If the app did not open by itself, open it now. You can close this page then."
                    </p>
                </div>
                <LinkButton href=to look=ButtonVariant::Primary wide=true external=true>"Open the app"</LinkButton>
            </Panel>
        </Stage>
    }
}
