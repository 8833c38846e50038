//! A secret that was made just now: shown once, kept nowhere.

use leptos::prelude::*;

use crate::ui::{CopyValue, Note, Tone};

/// The secret, and what to do with it.
#[component]
pub fn SecretOnce(secret: String) -> impl IntoView {
    view! {
        <Note tone=Tone::Warn>
            <b>"Copy the secret now."</b>
            <p>"Claviger keeps only a hash of it, so it can't be shown again."</p>
        </Note>
        <div class="stack tight">
            <p class="label">"Client secret"</p>
            <CopyValue value=secret what="client secret"/>
        </div>
    }
    .into_any()
}
