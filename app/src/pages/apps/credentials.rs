//! Secrets: the live ones, a new one beside them, and the end of one.
//!
//! Changing a secret without an outage takes both steps: make a new one, put it into use, watch
//! `Last used` of the old one, revoke it.

use crate::ui::reactive;
use leptos::prelude::*;

use super::secret::SecretOnce;
use crate::api;
use crate::browser::{focus_soon, millis, now};
use crate::ui::{
    Button, ButtonVariant, Card, Chip, Confirm, Day, Dialog, FormAction, ProblemNote, Tone, When,
};
use contract::routes;
use contract::wire::application::{Application, NewSecret, Secret};
use contract::wire::client::ClientType;

/// A secret that has been unused for so many days may be forgotten.
const QUIET_DAYS: i64 = 7;

#[component]
pub fn Credentials(app: RwSignal<Application>) -> impl IntoView {
    let public = app.with_untracked(|app| app.client_type == ClientType::Public);
    if public {
        return view! {
            <Card title="No secret">
                <p class="muted">
                    "This is a public application: its code runs where everyone can read it, so it has no secret. PKCE protects its codes instead."
                </p>
            </Card>
        }
        .into_any();
    }
    let making = FormAction::new();
    let retiring = FormAction::new();
    let fresh = RwSignal::new(None::<String>);
    let show = RwSignal::new(false);
    let chosen = RwSignal::new(None::<Secret>);
    let ask = RwSignal::new(false);
    // Shown once: what is closed is gone.
    Effect::new(move || {
        if !show.get() {
            fresh.set(None);
        }
    });
    let make = move |()| {
        let path = secrets_of(app);
        making.run(
            async move { api::post(&path, &()).await },
            move |made: NewSecret| {
                fresh.set(Some(made.client_secret));
                show.set(true);
                refresh(app);
            },
        );
    };
    let retire = move |()| {
        let Some(secret) = chosen.get_untracked() else {
            return;
        };
        let path = format!("{}/{}", secrets_of(app), secret.id);
        retiring.run(async move { api::delete(&path).await }, move |()| {
            app.update(|app| app.secrets.retain(|one| one.id != secret.id));
            ask.set(false);
            // The button that asked goes with its line.
            focus_soon("#secrets");
        });
    };
    let on_retire = Callback::new(move |secret| {
        retiring.set_problem(None);
        chosen.set(Some(secret));
        ask.set(true);
    });
    let warning = Signal::derive(move || {
        let hint = chosen.get().map(|secret| secret.hint).unwrap_or_default();
        format!(
            "The secret that ends in {hint} stops working at once. Anything that still uses it can no longer get tokens."
        )
    });
    view! {
        <Card
            title="Secrets"
            anchor="secrets"
            flush=true
            actions=move || view! {
                <Button small=true busy=making.busy() on_press=make>"Add a secret"</Button>
            }
        >
            <ProblemNote problem=making.problem()/>
            {reactive(move || { app.with(|app| table(&app.secrets, on_retire)) }.into_any())}
        </Card>
        <p class="small muted">
            "To change a secret without downtime: add a new one, deploy it, and revoke the old one once it is no longer used."
        </p>
        <Dialog
            open=show
            title="Your new secret"
            only_sight="Have you copied the secret? It can't be shown again. Press Escape once more to close."
            children=move || view! {
                {fresh.get().map(|secret| view! { <SecretOnce secret/> })}
                <div class="row end">
                    <Button look=ButtonVariant::Primary on_press=move |()| show.set(false)>
                        "I have copied it"
                    </Button>
                </div>
            }
        />
        <Confirm
            open=ask
            title="Revoke this secret?"
            text=warning
            action="Revoke secret"
            on_confirm=retire
            busy=retiring.busy()
            problem=retiring.problem()
        />
    }
    .into_any()
}

fn secrets_of(app: RwSignal<Application>) -> String {
    app.with_untracked(|app| format!("{}/secrets", routes::api_application(&app.client_id)))
}

/// The answer to a new secret does not say its hint: ask for the application again.
fn refresh(app: RwSignal<Application>) {
    let path = app.with_untracked(|app| routes::api_application(&app.client_id));
    leptos::task::spawn_local(async move {
        if let Ok(new) = api::get::<Application>(&path).await {
            let _ = app.try_set(new);
        }
    });
}

fn table(secrets: &[Secret], on_retire: Callback<Secret>) -> AnyView {
    let only = secrets.len() < 2;
    let rows = secrets
        .iter()
        .map(|secret| row(secret, only, on_retire))
        .collect_view();
    view! {
        <table class="cards">
            <thead>
                <tr>
                    <th scope="col">"Secret"</th>
                    <th scope="col">"Created"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {only.then(|| view! {
            <p class="foot small muted">
                "The only secret can't be revoked: the app could no longer authenticate."
            </p>
        })}
    }
    .into_any()
}

fn row(secret: &Secret, only: bool, on_retire: Callback<Secret>) -> AnyView {
    let used = match &secret.last_used_at {
        None => view! { <span class="muted">"never"</span> }.into_any(),
        Some(time) => match unused_days(time) {
            Some(days) => {
                view! { <Chip tone=Tone::Warn>{format!("unused for {days} days")}</Chip> }
                    .into_any()
            }
            None => view! { <When at=time.clone()/> }.into_any(),
        },
    };
    let expires = match &secret.expires_at {
        None => "never".into_any(),
        Some(time) => view! { <When at=time.clone()/> }.into_any(),
    };
    let this = secret.clone();
    view! {
        <tr>
            <td class="mono full">{format!("clv_cs_…{}", secret.hint)}</td>
            <td class="muted" data-l="Created"><Day at=secret.created_at.clone()/></td>
            <td data-l="Last used">{used}</td>
            <td class="muted" data-l="Expires">{expires}</td>
            <td class="num act">
                <Button
                    small=true
                    disabled=only
                    label=format!("Revoke the secret that ends in {}", secret.hint)
                    on_press=move |()| on_retire.run(this.clone())
                >
                    "Revoke"
                </Button>
            </td>
        </tr>
    }
    .into_any()
}

/// For how many days it has not been used, if they are many.
fn unused_days(time: &str) -> Option<i64> {
    let days = (now() - millis(time)?) / 86_400_000;
    (days >= QUIET_DAYS).then_some(days)
}
