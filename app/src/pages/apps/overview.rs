//! What one copies into the program's configuration.

use leptos::prelude::*;

use super::draft::{CODE, Kind, type_name};
use crate::browser::date;
use crate::ui::{Card, Copy, LinkButton, Note, Tone};
use crate::wire::application::Application;
use crate::{page_data, routes};

#[component]
pub fn Overview(app: RwSignal<Application>) -> impl IntoView {
    let base = page_data().public_url;
    let shown = app.get_untracked();
    let kind = format!(
        "{} ({})",
        Kind::of(&shown).title(),
        type_name(shown.client_type)
    );
    let no_address =
        shown.redirect_uris.is_empty() && shown.grant_types.iter().any(|grant| grant == CODE);
    let settings = format!("{}/settings", routes::app(&shown.client_id));
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
                {[
                    ("Issuer", "/o"),
                    ("Metadata", routes::OPENID_CONFIGURATION),
                    ("Authorization", routes::AUTHORIZE),
                    ("Token", routes::TOKEN),
                    ("Userinfo", routes::USERINFO),
                    ("Introspection", routes::INTROSPECT),
                    ("Revocation", routes::REVOKE),
                    ("Keys", routes::JWKS),
                ]
                    .into_iter()
                    .map(|(name, path)| {
                        let copied = format!("{} address", name.to_lowercase());
                        view! { <Fact name value=format!("{base}{path}") copied/> }
                    })
                    .collect_view()}
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
