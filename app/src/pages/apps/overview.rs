//! What one copies into the program's configuration.

use leptos::prelude::*;

use super::form::{CODE, DEVICE, Kind, type_name};
use crate::browser::date;
use crate::page_data;
use crate::ui::{Card, Copy, LinkButton, Note, Tone};
use contract::routes;
use contract::wire::application::Application;

#[component]
pub fn Overview(app: RwSignal<Application>) -> impl IntoView {
    let base = page_data().public_url;
    let shown = app.get_untracked();
    let kind = format!(
        "{} ({})",
        Kind::of(&shown).title(),
        type_name(shown.client_type)
    );
    let holds = |grant: &str| shown.grant_types.iter().any(|held| held == grant);
    let no_address = shown.redirect_uris.is_empty() && holds(CODE);
    let settings = format!("{}/settings", routes::app(&shown.client_id));
    // With the grant that they are for, if they are not for everybody.
    let endpoints = [
        ("Issuer", "/o", None),
        ("Metadata", routes::OPENID_CONFIGURATION, None),
        ("Authorization", routes::AUTHORIZE, Some(CODE)),
        ("Pushed requests", routes::PAR, Some(CODE)),
        (
            "Device authorization",
            routes::DEVICE_AUTHORIZATION,
            Some(DEVICE),
        ),
        ("Token", routes::TOKEN, None),
        ("Userinfo", routes::USERINFO, None),
        ("Introspection", routes::INTROSPECT, None),
        ("Revocation", routes::REVOKE, None),
        ("Sign-out", routes::END_SESSION, None),
        ("Keys", routes::JWKS, None),
    ];
    let endpoints = endpoints
        .into_iter()
        .filter(|(_, _, grant)| grant.is_none_or(holds))
        .map(|(name, path, _)| {
            let copied = format!("{} address", name.to_lowercase());
            view! { <Fact name value=format!("{base}{path}") copied/> }
        })
        .collect_view();
    let origin = match shown.origin.as_str() {
        "registration" => Some("It registered itself. Nobody has checked what it says."),
        "document" => Some("Read from its metadata document. Nobody has checked what it says."),
        _ => None,
    };
    view! {
        {shown.disabled.then(disabled)}
        {no_address.then(|| view! {
            <Note tone=Tone::Warn>
                <b>"Nobody can sign in yet."</b>
                <p>"No redirect URI is registered, so there is no place to send people back to."</p>
                <div><LinkButton href=settings small=true>"Add a redirect URI"</LinkButton></div>
            </Note>
        })}
        <Card title="Client">
            <dl class="facts">
                <Fact name="Client ID" value=shown.client_id copied="client ID"/>
                <Fact name="Kind" value=kind/>
                <Fact name="Owner" value=shown.owner/>
                {origin.map(|text| view! { <Fact name="Origin" value=text.to_owned()/> })}
                <Fact name="Created" value=date(&shown.created_at)/>
            </dl>
        </Card>
        <Card title="Endpoints">
            <p class="muted small">
                "Most libraries need the issuer only: they find the rest in its metadata."
            </p>
            <dl class="facts">
                {endpoints}
            </dl>
        </Card>
    }
    .into_any()
}

fn disabled() -> AnyView {
    view! {
        <Note tone=Tone::Bad>
            <b>"This application is disabled."</b>
            <p>"Nobody can sign in to it, and none of its tokens counts. Its settings say more."</p>
        </Note>
    }
    .into_any()
}

/// One line: name, value, and a copy button when `copied` says what is copied.
#[component]
fn Fact(
    name: &'static str,
    value: String,
    #[prop(optional, into)] copied: String,
) -> impl IntoView {
    let literal = !copied.is_empty();
    view! {
        <div>
            <dt>{name}</dt>
            <dd class=if literal { "mono" } else { "" }>{value.clone()}</dd>
            {literal.then(|| view! { <dd><Copy value what=copied/></dd> })}
        </div>
    }
    .into_any()
}
