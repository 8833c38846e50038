//! The secret of a confidential application: typed in, or made for the walk.

use crate::ui::reactive;
use leptos::prelude::*;

use super::walk::Walk;
use crate::api;
use crate::ui::{Button, Field, FormAction, ProblemNote};
use contract::routes;
use contract::wire::application::NewSecret;

/// Nothing for a public application.
pub(super) fn secret_field(walk: Walk) -> AnyView {
    let make = FormAction::new();
    let press = move |()| {
        let path = format!("{}/{}/secrets", routes::API_APPLICATIONS, walk.client_id());
        make.run(
            // A POST without settings: the server makes the secret.
            async move { api::post::<NewSecret>(&path, &serde_json::json!({})).await },
            move |made| {
                walk.secret.set(made.client_secret);
                walk.said.set("A new secret is filled in.".to_owned());
            },
        );
    };
    let is_needed = Memo::new(move |_| walk.client.with(Option::is_some) && !walk.is_public());
    let field = move || {
        is_needed.get().then(|| {
            view! {
                <form class="stack tight secret" on:submit=move |event| event.prevent_default()>
                    <Field
                        label="Client secret"
                        name="client-secret"
                        kind="password"
                        bind=walk.secret
                        mono=true
                        autocomplete="off"
                        hint="Needed to exchange the code. Kept in this tab only, until you start over; sent only to this server."
                    />
                    {reactive(move || { walk.secret.with(String::is_empty).then(|| view! {
                        <p class="small muted">
                            "Don't have it? A secret is shown only once, but an app can have several."
                        </p>
                        <div>
                            <Button small=true on_press=press busy=make.busy()>"Add a secret"</Button>
                        </div>
                    }) }.into_any())}
                    <ProblemNote problem=make.problem()/>
                </form>
            }
        })
    };
    field.into_any()
}
