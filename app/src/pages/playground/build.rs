//! Step 2: the authorization request, built step by step.

use crate::ui::reactive;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::choose::missing;
use super::crypto;
use super::line;
use super::request::{Parameter, address, parameters};
use super::walk::{Proof, Walk};
use crate::ui::{ApiResource, Button, ButtonVariant, Card, Copy, Field, Note, Select, Tone};
use crate::{api, browser};
use contract::routes;
use contract::wire::application::Scope;

const PROMPTS: [(&str, &str); 5] = [
    ("", "Not sent"),
    ("none", "none: never ask, answer at once"),
    ("login", "login: sign in again"),
    ("consent", "consent: ask for consent again"),
    ("select_account", "select_account: choose who"),
];

pub(super) fn build(walk: Walk) -> AnyView {
    let draft = RwSignal::new(None::<Proof>);
    let renew = move |()| {
        spawn_local(async move {
            let proof = Proof::fresh().await;
            let _ = draft.try_set(proof);
        });
    };
    Effect::new(move || renew(()));
    let list = Memo::new(move |_| {
        let proof = draft.get().unwrap_or_default();
        parameters(walk, &proof)
    });
    let authorize = move |()| {
        let Some(proof) = draft.get_untracked() else {
            return;
        };
        walk.clear();
        walk.proof.set(proof);
        // Before the page goes, not after the effects have run.
        walk.save();
        browser::assign(&address(&list.get_untracked()));
    };
    let blocked = Memo::new(
        move |_| match (missing(walk), draft.with(Option::is_some)) {
            ("", false) => "The random values aren't ready yet.",
            (why, _) => why,
        },
    );

    view! {
        <Card title="2. Build the request">
            {(!crypto::is_secure()).then(|| view! { <Insecure walk/> })}
            {other_origin(walk)}
            <Scopes walk/>
            <details class="more">
                <summary>"More parameters"</summary>
                <div class="stack">
                    <Select
                        label="prompt"
                        name="prompt"
                        bind=walk.prompt
                        options=PROMPTS.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec()
                    />
                    <Field
                        label="max_age"
                        name="max_age"
                        bind=walk.max_age
                        inputmode="numeric"
                        hint="Seconds. Empty: not sent."
                    />
                    <Field
                        label="login_hint"
                        name="login_hint"
                        bind=walk.login_hint
                        autocomplete="off"
                        hint="A username or an email address. Empty: not sent."
                    />
                </div>
            </details>
            <Values draft renew=Callback::new(renew)/>
            <Url walk list/>
            <div class="row wrap">
                <Button
                    look=ButtonVariant::Primary
                    on_press=authorize
                    disabled=Signal::derive(move || !blocked.get().is_empty())
                >
                    "Authorize"
                </Button>
                <p class="small muted" aria-live="polite">
                    {reactive(move || { match blocked.get() {
                        "" => "This page goes to the sign-in page and comes back with a code.",
                        why => why,
                    } }.into_any())}
                </p>
            </div>
        </Card>
    }
    .into_any()
}

/// RFC 7636 needs SHA-256, and browsers lend it to secure pages only.
#[component]
fn Insecure(walk: Walk) -> impl IntoView {
    let public_url = walk.public_url.get_value();
    view! {
        <Note tone=Tone::Bad>
            <p>
                "Browsers offer cryptography only on https, localhost and 127.0.0.1, and PKCE needs it. Open the playground at "
                <a href=format!("{public_url}{}", routes::PLAYGROUND) rel="external">{public_url.clone()}</a> "."
            </p>
        </Note>
    }
}

/// The answer goes to the public address, and a tab keeps things by address.
fn other_origin(walk: Walk) -> Option<AnyView> {
    let public_url = walk.public_url.get_value();
    let here = browser::origin();
    (here != public_url).then(|| {
        view! {
            <Note tone=Tone::Warn>
                <p>
                    "You opened this page at " <code>{here}</code>
                    ", but the answer will come to the public URL, which can't see what is kept here. Go to "
                    <a href=format!("{public_url}{}", routes::PLAYGROUND) rel="external">{public_url.clone()}</a>
                    " first."
                </p>
            </Note>
        }
        .into_any()
    })
}

#[component]
fn Scopes(walk: Walk) -> impl IntoView {
    let known = ApiResource::new(|| api::get::<Vec<Scope>>(routes::API_SCOPES));
    let offered = Memo::new(move |_| {
        walk.client.with(|app| {
            app.as_ref()
                .map(|app| app.scopes.clone())
                .unwrap_or_default()
        })
    });
    let tick = move |scope: &str, on: bool| {
        walk.scopes.update(|ticked| {
            ticked.retain(|it| it != scope);
            if on {
                ticked.push(scope.to_owned());
            }
            // As the application lists them, whatever the order of the clicks.
            let order = offered.get_untracked();
            ticked.sort_by_key(|it| order.iter().position(|other| other == it));
        });
    };
    let boxes = move || {
        let words = known.get().unwrap_or_default();
        offered
            .get()
            .into_iter()
            .map(|scope| {
                let about = words.iter().find(|it| it.name == scope);
                let about = about.map(|it| it.description.clone()).unwrap_or_default();
                let (shown, ticked) = (scope.clone(), scope.clone());
                view! {
                    <label class="tick-line">
                        <input
                            type="checkbox"
                            prop:checked=move || walk.scopes.with(|list| list.contains(&ticked))
                            on:change=move |event| tick(&scope, event_target_checked(&event))
                        />
                        <span><code>{shown}</code> " " <span class="hint">{about}</span></span>
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset class="ticks">
            <legend>"Scopes"</legend>
            {boxes}
            {reactive(move || { offered.with(Vec::is_empty).then(|| view! {
                <p class="small muted">"Choose an app to see its scopes."</p>
            }) }.into_any())}
        </fieldset>
    }
}

/// The values that must be new for every request.
#[component]
fn Values(draft: RwSignal<Option<Proof>>, renew: Callback<()>) -> impl IntoView {
    let random = move |name: &'static str, why: &'static str, part: fn(&Proof) -> &String| {
        let value = move || draft.with(|it| it.as_ref().map(|it| part(it).clone()));
        let shown = move || line::value(value().unwrap_or_default());
        line::plain(name, shown.into_any(), why)
    };
    view! {
        <section class="stack tight" aria-label="Random values">
            <div class="between">
                <h3>"Random values"</h3>
                <Button small=true on_press=renew>"New values"</Button>
            </div>
            <dl class="parameters">
                {random("state", "Stays here and is compared with what comes back.", |it| &it.state)}
                {random("nonce", "Stays here and is compared with the ID token.", |it| &it.nonce)}
                {random("code_verifier", "Stays here until the code is exchanged. Never in a URL.", |it| &it.verifier)}
                {random("code_challenge", "Base64url of the verifier's SHA-256. This one is sent.", |it| &it.challenge)}
            </dl>
        </section>
    }
}

#[component]
fn Url(walk: Walk, list: Memo<Vec<Parameter>>) -> impl IntoView {
    let public_url = walk.public_url.get_value();
    let whole = Signal::derive(move || {
        list.with(|list| {
            walk.public_url
                .with_value(|url| format!("{url}{}", address(list)))
        })
    });
    let lines = move || {
        list.get()
            .into_iter()
            .map(|it| line::plain(it.name, line::value(it.value), it.why))
            .collect_view()
    };
    view! {
        <section class="stack tight" aria-label="Authorization URL">
            <div class="between">
                <h3>"Authorization URL"</h3>
                <Copy value=whole what="the authorization URL"/>
            </div>
            <p class="mono">"GET " {public_url} {routes::AUTHORIZE}</p>
            <dl class="parameters">{lines}</dl>
            <details class="more">
                <summary>"The whole URL"</summary>
                <pre class="wire-text" tabindex="0">{reactive(move || { whole.get() }.into_any())}</pre>
            </details>
        </section>
    }
}
