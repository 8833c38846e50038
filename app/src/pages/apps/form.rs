//! What is typed into the forms of an application, and what of it is sent.
//!
//! One value a field; [`only_changes`] leaves out what is as it was, so that two people who
//! change different settings don't undo each other's work.

use leptos::prelude::*;
use serde_json::Value;

use crate::ui::rows::{Messages, RowList};
use contract::wire::application::{Application, ApplicationPatch, ApplicationSettings};
use contract::wire::client::{ClientType, GrantType};

/// What an application is, in the words of its developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Web,
    App,
    Service,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Web, Self::App, Self::Service];

    pub fn title(self) -> &'static str {
        match self {
            Self::Web => "Web application with a server",
            Self::App => "Browser or mobile app",
            Self::Service => "Machine to machine",
        }
    }

    /// For a narrow column.
    pub fn short(self) -> &'static str {
        match self {
            Self::Web => "Web",
            Self::App => "Browser or mobile",
            Self::Service => "Machine to machine",
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::Web => "Users sign in; your server keeps the secret.",
            Self::App => {
                "Users sign in; the code runs in their browser or on their device, where nothing stays secret."
            }
            Self::Service => "No user involved; your program signs in as itself.",
        }
    }

    pub fn client_type(self) -> ClientType {
        match self {
            Self::Web | Self::Service => ClientType::Confidential,
            Self::App => ClientType::Public,
        }
    }

    pub fn grants(self) -> Vec<String> {
        let grants: &[GrantType] = match self {
            Self::Web | Self::App => &[GrantType::AuthorizationCode, GrantType::RefreshToken],
            Self::Service => &[GrantType::ClientCredentials],
        };
        let names = grants.iter().map(|grant| grant.name().to_owned());
        names.collect()
    }

    pub fn scopes(self) -> Vec<String> {
        let scopes: &[&str] = match self {
            Self::Web | Self::App => &["openid", "profile", "email", "offline_access", "read"],
            Self::Service => &["read"],
        };
        scopes.iter().map(|&scope| scope.to_owned()).collect()
    }

    /// What an application that exists is called.
    pub fn of(app: &Application) -> Self {
        let alone = [GrantType::ClientCredentials, GrantType::RefreshToken].map(GrantType::name);
        let signs_in = app
            .grant_types
            .iter()
            .any(|grant| !alone.contains(&grant.as_str()));
        match app.client_type {
            ClientType::Public => Self::App,
            ClientType::Confidential if signs_in => Self::Web,
            ClientType::Confidential => Self::Service,
        }
    }
}

/// Whether an application holds a grant.
pub fn holds(grants: &[String], grant: GrantType) -> bool {
    grants.iter().any(|held| held == grant.name())
}

/// Every field as it stands in the form.
#[derive(Clone, Copy)]
pub struct ApplicationForm {
    pub name: RwSignal<String>,
    pub grant_types: RwSignal<Vec<String>>,
    pub redirect_uris: RowList,
    pub post_logout_redirect_uris: RowList,
    pub allowed_origins: RowList,
    pub scopes: RwSignal<Vec<String>>,
    pub require_pkce: RwSignal<bool>,
    pub skip_consent: RwSignal<bool>,
    pub access_token_lifetime: RwSignal<String>,
    pub refresh_token_lifetime: RwSignal<String>,
    pub refresh_reuse_window: RwSignal<String>,
    pub id_token_alg: RwSignal<String>,
    pub access_token_format: RwSignal<String>,
    /// Empty: header and body are both taken.
    pub token_endpoint_auth_method: RwSignal<String>,
    /// A JWK Set as JSON text; empty for none.
    pub keys: RwSignal<String>,
    pub jwks_uri: RwSignal<String>,
    pub backchannel_logout_uri: RwSignal<String>,
    pub backchannel_logout_session_required: RwSignal<bool>,
    pub require_pushed_requests: RwSignal<bool>,
}

impl ApplicationForm {
    /// A form with nothing typed yet.
    pub fn new(kind: Kind) -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            name: text(),
            grant_types: RwSignal::new(kind.grants()),
            redirect_uris: RowList::new(&[]),
            post_logout_redirect_uris: RowList::new(&[]),
            allowed_origins: RowList::new(&[]),
            scopes: RwSignal::new(kind.scopes()),
            require_pkce: RwSignal::new(true),
            skip_consent: RwSignal::new(false),
            access_token_lifetime: text(),
            refresh_token_lifetime: text(),
            refresh_reuse_window: text(),
            id_token_alg: text(),
            access_token_format: text(),
            token_endpoint_auth_method: text(),
            keys: text(),
            jwks_uri: text(),
            backchannel_logout_uri: text(),
            backchannel_logout_session_required: RwSignal::new(false),
            require_pushed_requests: RwSignal::new(false),
        }
    }

    /// What suits this kind.
    pub fn preset(self, kind: Kind) {
        self.grant_types.set(kind.grants());
        self.scopes.set(kind.scopes());
    }

    /// Whether people sign in, so that they must come back to somewhere; tracked.
    pub fn signs_in(self) -> bool {
        self.grant_types
            .with(|all| holds(all, GrantType::AuthorizationCode))
    }

    pub fn of(app: &Application) -> Self {
        let text = |text: &Option<String>| RwSignal::new(text.clone().unwrap_or_default());
        let keys = app.jwks.as_ref().map(|keys| keys.to_string());
        Self {
            name: RwSignal::new(app.name.clone()),
            grant_types: RwSignal::new(app.grant_types.clone()),
            redirect_uris: RowList::new(&app.redirect_uris),
            post_logout_redirect_uris: RowList::new(&app.post_logout_redirect_uris),
            allowed_origins: RowList::new(&app.allowed_origins),
            scopes: RwSignal::new(app.scopes.clone()),
            require_pkce: RwSignal::new(app.require_pkce),
            skip_consent: RwSignal::new(app.skip_consent),
            access_token_lifetime: RwSignal::new(app.access_token_lifetime.to_string()),
            refresh_token_lifetime: RwSignal::new(app.refresh_token_lifetime.to_string()),
            refresh_reuse_window: RwSignal::new(app.refresh_reuse_window.to_string()),
            id_token_alg: RwSignal::new(app.id_token_alg.clone()),
            access_token_format: RwSignal::new(app.access_token_format.clone()),
            token_endpoint_auth_method: text(&app.token_endpoint_auth_method),
            keys: text(&keys),
            jwks_uri: text(&app.jwks_uri),
            backchannel_logout_uri: text(&app.backchannel_logout_uri),
            backchannel_logout_session_required: RwSignal::new(
                app.backchannel_logout_session_required,
            ),
            require_pushed_requests: RwSignal::new(app.require_pushed_authorization_requests),
        }
    }

    /// Notes what is sent now: the server's messages count the rows of it.
    pub fn send(self) {
        self.redirect_uris.send();
        self.post_logout_redirect_uris.send();
        self.allowed_origins.send();
    }

    /// Everything that stands in the form; `Err` names the fields that can't be read.
    pub fn values(self) -> Result<ApplicationPatch, Messages> {
        let mut errors = Messages::new();
        let mut seconds = |field: &str, typed: RwSignal<String>| {
            let value = typed.with(|typed| typed.trim().parse::<i64>().ok());
            if value.is_none() {
                errors.insert(field.to_owned(), vec!["Enter whole seconds.".to_owned()]);
            }
            value
        };
        let text = |typed: RwSignal<String>| Some(typed.with(|typed| typed.trim().to_owned()));
        let mut settings = ApplicationSettings {
            access_token_lifetime: seconds("access_token_lifetime", self.access_token_lifetime),
            refresh_token_lifetime: seconds("refresh_token_lifetime", self.refresh_token_lifetime),
            refresh_reuse_window: seconds("refresh_reuse_window", self.refresh_reuse_window),
            grant_types: Some(self.grant_types.get()),
            redirect_uris: Some(self.redirect_uris.values()),
            post_logout_redirect_uris: Some(self.post_logout_redirect_uris.values()),
            allowed_origins: Some(self.allowed_origins.values()),
            scopes: Some(self.scopes.get()),
            require_pkce: Some(self.require_pkce.get()),
            skip_consent: Some(self.skip_consent.get()),
            id_token_alg: Some(self.id_token_alg.get()),
            access_token_format: text(self.access_token_format),
            token_endpoint_auth_method: text(self.token_endpoint_auth_method),
            jwks_uri: text(self.jwks_uri),
            backchannel_logout_uri: text(self.backchannel_logout_uri),
            backchannel_logout_session_required: Some(
                self.backchannel_logout_session_required.get(),
            ),
            require_pushed_authorization_requests: Some(self.require_pushed_requests.get()),
            ..ApplicationSettings::default()
        };
        match self.keys.with(|typed| keys(typed)) {
            Some(keys) => settings.jwks = Some(keys),
            None => {
                let message = "Enter a JWK Set: a JSON object with the member keys.".to_owned();
                errors.insert("jwks".to_owned(), vec![message]);
            }
        }
        let name = Some(self.name.with(|name| name.trim().to_owned()));
        if errors.is_empty() {
            Ok(ApplicationPatch { name, settings })
        } else {
            Err(errors)
        }
    }
}

/// What differs from the application as it is.
pub fn only_changes(all: ApplicationPatch, app: &Application) -> ApplicationPatch {
    let s = all.settings;
    ApplicationPatch {
        name: changed(all.name, &app.name),
        settings: ApplicationSettings {
            grant_types: s.grant_types.filter(|new| !same_set(new, &app.grant_types)),
            redirect_uris: changed(s.redirect_uris, &app.redirect_uris),
            post_logout_redirect_uris: changed(
                s.post_logout_redirect_uris,
                &app.post_logout_redirect_uris,
            ),
            allowed_origins: changed(s.allowed_origins, &app.allowed_origins),
            scopes: s.scopes.filter(|new| !same_set(new, &app.scopes)),
            require_pkce: changed(s.require_pkce, &app.require_pkce),
            skip_consent: changed(s.skip_consent, &app.skip_consent),
            access_token_lifetime: changed(s.access_token_lifetime, &app.access_token_lifetime),
            refresh_token_lifetime: changed(s.refresh_token_lifetime, &app.refresh_token_lifetime),
            refresh_reuse_window: changed(s.refresh_reuse_window, &app.refresh_reuse_window),
            id_token_alg: changed(s.id_token_alg, &app.id_token_alg),
            access_token_format: changed(s.access_token_format, &app.access_token_format),
            token_endpoint_auth_method: changed_text(
                s.token_endpoint_auth_method,
                &app.token_endpoint_auth_method,
            ),
            jwks: s
                .jwks
                .filter(|new| *new != app.jwks.clone().unwrap_or_else(no_keys)),
            jwks_uri: changed_text(s.jwks_uri, &app.jwks_uri),
            backchannel_logout_uri: changed_text(
                s.backchannel_logout_uri,
                &app.backchannel_logout_uri,
            ),
            backchannel_logout_session_required: changed(
                s.backchannel_logout_session_required,
                &app.backchannel_logout_session_required,
            ),
            require_pushed_authorization_requests: changed(
                s.require_pushed_authorization_requests,
                &app.require_pushed_authorization_requests,
            ),
            ..ApplicationSettings::default()
        },
    }
}

/// To the server an empty object takes the keys away.
fn no_keys() -> Value {
    Value::Object(serde_json::Map::new())
}

/// A JWK Set as it was typed; `None` when it is no JSON object.
fn keys(typed: &str) -> Option<Value> {
    if typed.trim().is_empty() {
        return Some(no_keys());
    }
    serde_json::from_str(typed)
        .ok()
        .filter(|value: &Value| value.as_object().is_some_and(|set| !set.is_empty()))
}

/// Nothing is typed where there is nothing.
fn changed_text(new: Option<String>, old: &Option<String>) -> Option<String> {
    new.filter(|new| new != old.as_deref().unwrap_or_default())
}

fn changed<T: PartialEq>(new: Option<T>, old: &T) -> Option<T> {
    new.filter(|new| new != old)
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.contains(one))
}

/// `5400` as `1 hour 30 minutes`.
pub fn span(seconds: i64) -> String {
    if seconds <= 0 {
        return "0 seconds".to_owned();
    }
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, length) in [
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
        ("second", 1),
    ] {
        let count = left / length;
        left %= length;
        if count > 0 {
            words.push(format!(
                "{count} {unit}{}",
                if count == 1 { "" } else { "s" }
            ));
        }
    }
    words.join(" ")
}

#[cfg(test)]
pub fn sample() -> Application {
    Application {
        client_id: "acme-photos".into(),
        name: "Acme Photos".into(),
        client_type: ClientType::Confidential,
        grant_types: Kind::Web.grants(),
        redirect_uris: vec!["https://photos.acme.example/callback".into()],
        post_logout_redirect_uris: vec![],
        allowed_origins: vec![],
        scopes: vec!["openid".into(), "read".into()],
        optional_scopes: vec!["email".into()],
        require_pkce: true,
        skip_consent: false,
        access_token_format: "opaque".into(),
        access_token_lifetime: 3600,
        refresh_token_lifetime: 2_592_000,
        refresh_reuse_window: 30,
        id_token_alg: "RS256".into(),
        token_endpoint_auth_method: None,
        jwks: None,
        jwks_uri: None,
        backchannel_logout_uri: None,
        backchannel_logout_session_required: false,
        require_pushed_authorization_requests: false,
        resources: None,
        origin: "dashboard".into(),
        disabled: false,
        last_used_at: None,
        created_at: "2026-11-12T10:00:00Z".into(),
        updated_at: "2026-11-12T10:00:00Z".into(),
        owner: "ada".into(),
        secrets: vec![],
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
