//! Code to copy for this application.

use crate::ui::reactive;
use leptos::prelude::*;

use super::form::holds;
use super::snippets::{self, Language, Values};
use crate::page_data;
use crate::ui::{Card, Copy, Note, Tone};
use contract::wire::application::Application;
use contract::wire::client::{ClientType, GrantType};

#[component]
pub fn Quickstart(app: RwSignal<Application>) -> impl IntoView {
    let shown = app.get_untracked();
    let language = RwSignal::new(Language::Curl);
    let values = StoredValue::new(Values::new(&shown, &page_data().public_url));
    let holds = |grant| holds(&shown.grant_types, grant);
    let (signs_in, as_itself) = (
        holds(GrantType::AuthorizationCode),
        holds(GrantType::ClientCredentials),
    );
    let no_address = signs_in && shown.redirect_uris.is_empty();
    let confidential = shown.client_type == ClientType::Confidential;
    view! {
        {no_address.then(|| view! {
            <Note tone=Tone::Warn>
                <p>"Register a redirect URI first: it is missing from the code below."</p>
            </Note>
        })}
        <div class="between wraps">
            <div class="pick" role="group" aria-label="Language">
                {Language::ALL.map(|one| view! {
                    <button
                        type="button"
                        class="btn sm"
                        aria-pressed=move || (language.get() == one).to_string()
                        on:click=move |_| language.set(one)
                    >
                        {one.name()}
                    </button>
                }).collect_view()}
            </div>
            {confidential.then(|| view! {
                <p class="small muted">"Pass the secret in the environment as " <code>"CLIENT_SECRET"</code> "."</p>
            })}
        </div>
        {signs_in.then(|| view! {
            <Snippet
                title="Sign a user in"
                code=Signal::derive(move || values.with_value(|v| snippets::sign_in(language.get(), v)))
            />
        })}
        {as_itself.then(|| view! {
            <Snippet
                title="Sign in as the app itself"
                code=Signal::derive(move || values.with_value(|v| snippets::as_itself(language.get(), v)))
            />
        })}
        {(!signs_in && !as_itself).then(|| view! {
            <p class="muted">"There is no sample code for this app's grants yet. You can change its grants in the settings."</p>
        })}
    }
    .into_any()
}

#[component]
fn Snippet(title: &'static str, code: Signal<String>) -> impl IntoView {
    view! {
        <Card
            title
            flush=true
            actions=move || view! { <Copy value=code what=format!("code: {title}")/> }
        >
            // Reachable by keyboard, since long lines scroll.
            <pre class="snippet" tabindex="0" aria-label=title><code>{reactive(move || { code.get() }.into_any())}</code></pre>
        </Card>
    }
    .into_any()
}
