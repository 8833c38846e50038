//! An answer on its way back to an application by a form (OAuth 2.0 Form Post Response Mode §2).
//! Rendered by the server. A script sends it at once; without one the person presses the button.

use leptos::prelude::*;

use crate::ui::{Panel, Stage};
use contract::wire::page::FormPostPage;

#[component]
pub fn FormPostView(page: FormPostPage, nonce: String) -> impl IntoView {
    let FormPostPage {
        action,
        host,
        parameters,
    } = page;
    let fields = parameters
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <Stage>
            <Panel>
                <div class="stack tight">
                    <h1>"Back to the app"</h1>
                    <p class="muted">"You'll be sent to "<b class="wrap">{host}</b>"."</p>
                </div>
                <form method="post" action=action>
                    {fields}
                    <button type="submit" class="btn primary wide">"Continue"</button>
                </form>
            </Panel>
        </Stage>
        <script nonce=nonce>"document.forms[0].submit()"</script>
    }
}
