//! What goes into the app's configuration.

use leptos::prelude::*;

use super::form::{Kind, holds};
use crate::page_data;
use crate::ui::{Card, Copy, Day, LinkButton, Note, Tone};
use contract::routes;
use contract::wire::application::Application;
use contract::wire::client::{GrantType, Origin};

#[component]
pub fn Overview(app: RwSignal<Application>) -> impl IntoView {
    let base = page_data().public_url;
    let shown = app.get_untracked();
    let kind = format!(
        "{} ({})",
        Kind::of(&shown).title(),
        shown.client_type.name()
    );
    let holds = |grant| holds(&shown.grant_types, grant);
    let no_address = shown.redirect_uris.is_empty() && holds(GrantType::AuthorizationCode);
    let settings = format!("{}/settings", routes::app(&shown.client_id));
    // With the grant that they are for, if they are not for all.
    let endpoints = [
        ("Issuer", "/o", None),
        ("Metadata", routes::OPENID_CONFIGURATION, None),
        (
            "Authorization",
            routes::AUTHORIZE,
            Some(GrantType::AuthorizationCode),
        ),
        (
            "Pushed requests",
            routes::PAR,
            Some(GrantType::AuthorizationCode),
        ),
        (
            "Device authorization",
            routes::DEVICE_AUTHORIZATION,
            Some(GrantType::DeviceCode),
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
            let copied = format!("{} URL", name.to_lowercase());
            view! { <Fact name value=format!("{base}{path}") copied/> }
        })
        .collect_view();
    let origin = match Origin::parse(&shown.origin) {
        Some(Origin::Registration) => {
            Some("It registered itself. What it says hasn't been checked.")
        }
        Some(Origin::Document) => {
            Some("Read from its metadata document. What it says hasn't been checked.")
        }
        Some(Origin::Dashboard) | None => None,
    };
    view! {
        {shown.disabled.then(disabled)}
        {no_address.then(|| view! {
            <Note tone=Tone::Warn>
                <b>"Sign-in doesn't work yet."</b>
                <p>"No redirect URI is registered, so there is nowhere to send users back to."</p>
                <div><LinkButton href=settings small=true>"Add a redirect URI"</LinkButton></div>
            </Note>
        })}
        <Card title="Client">
            <dl class="facts">
                <Fact name="Client ID" value=shown.client_id copied="client ID"/>
                <Fact name="Kind" value=kind/>
                <Fact name="Owner" value=shown.owner/>
                {origin.map(|text| view! { <Fact name="Origin" value=text.to_owned()/> })}
                <div><dt>"Created"</dt><dd><Day at=shown.created_at/></dd></div>
            </dl>
        </Card>
        <Card title="Endpoints">
            <p class="muted small">
                "Most libraries need only the issuer and find the rest in its metadata."
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
            <p>"Its tokens don't work and users can't sign in to it. You can change that in its settings."</p>
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
