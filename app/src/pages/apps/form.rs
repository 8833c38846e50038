//! What is typed into the forms of an application, and what of it is sent.
//!
//! One value a field, for every setting that `contract` lists; [`only_changes`] leaves out what is
//! as it was. To add a setting: its row there, and its component on a page.

use leptos::prelude::*;
use serde_json::{Map, Value};

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

/// A box to tick.
type Flag = RwSignal<bool>;
/// Something typed, or chosen from a list.
type Text = RwSignal<String>;
/// Addresses, a row each.
type Rows = RowList;
/// Several values of a few.
type Several = RwSignal<Vec<String>>;
/// The form does not show it.
#[derive(Clone, Copy)]
pub struct NoField;

/// One field of the form. `Shown` is what the API shows of the setting, `Sent` what it takes.
trait FormField<Shown, Sent>: Copy {
    /// With nothing typed yet, if there is no application.
    fn of(shown: Option<&Shown>) -> Self;

    /// What is sent; `Err` says what is wrong with what was typed.
    fn value(self) -> Result<Option<Sent>, &'static str>;

    /// Notes what is sent now: the server's messages count the rows of it.
    fn note_sent(self) {}
}

impl FormField<bool, bool> for Flag {
    fn of(shown: Option<&bool>) -> Self {
        Self::new(shown.copied().unwrap_or_default())
    }

    fn value(self) -> Result<Option<bool>, &'static str> {
        Ok(Some(self.get()))
    }
}

impl FormField<String, String> for Text {
    fn of(shown: Option<&String>) -> Self {
        Self::new(shown.cloned().unwrap_or_default())
    }

    fn value(self) -> Result<Option<String>, &'static str> {
        Ok(Some(self.with(|typed| typed.trim().to_owned())))
    }
}

/// Nothing is typed where there is nothing.
impl FormField<Option<String>, String> for Text {
    fn of(shown: Option<&Option<String>>) -> Self {
        <Self as FormField<String, String>>::of(shown.and_then(Option::as_ref))
    }

    fn value(self) -> Result<Option<String>, &'static str> {
        <Self as FormField<String, String>>::value(self)
    }
}

/// Seconds.
impl FormField<i64, i64> for Text {
    fn of(shown: Option<&i64>) -> Self {
        Self::new(shown.map(i64::to_string).unwrap_or_default())
    }

    fn value(self) -> Result<Option<i64>, &'static str> {
        let seconds = self.with(|typed| typed.trim().parse().ok());
        seconds.map(Some).ok_or("Enter whole seconds.")
    }
}

/// A JWK Set as JSON text; empty for none.
impl FormField<Option<Value>, Value> for Text {
    fn of(shown: Option<&Option<Value>>) -> Self {
        let keys = shown.and_then(Option::as_ref);
        Self::new(keys.map(Value::to_string).unwrap_or_default())
    }

    fn value(self) -> Result<Option<Value>, &'static str> {
        let keys = self.with(|typed| keys(typed));
        keys.map(Some)
            .ok_or("Enter a JWK Set: a JSON object with the member keys.")
    }
}

impl FormField<Vec<String>, Vec<String>> for Several {
    fn of(shown: Option<&Vec<String>>) -> Self {
        Self::new(shown.cloned().unwrap_or_default())
    }

    fn value(self) -> Result<Option<Vec<String>>, &'static str> {
        Ok(Some(self.get()))
    }
}

impl FormField<Vec<String>, Vec<String>> for Rows {
    fn of(shown: Option<&Vec<String>>) -> Self {
        Self::new(shown.map_or(&[], Vec::as_slice))
    }

    fn value(self) -> Result<Option<Vec<String>>, &'static str> {
        Ok(Some(self.values()))
    }

    fn note_sent(self) {
        self.send();
    }
}

impl<Shown, Sent> FormField<Shown, Sent> for NoField {
    fn of(_: Option<&Shown>) -> Self {
        Self
    }

    fn value(self) -> Result<Option<Sent>, &'static str> {
        Ok(None)
    }
}

/// Defines the form: a field for every setting that there is.
macro_rules! form {
    ($(
        $(#[$about_shown:meta])* $field:ident: $shown:ty =>
        $(#[$about_sent:meta])* $sent:ty, in $kind:ident;
    )*) => {
        /// Every field as it stands in the form.
        #[derive(Clone, Copy)]
        pub struct ApplicationForm {
            pub name: RwSignal<String>,
            $(pub $field: $kind,)*
        }

        impl ApplicationForm {
            /// A form with nothing typed yet.
            pub fn new(kind: Kind) -> Self {
                let form = Self {
                    name: RwSignal::new(String::new()),
                    $($field: <$kind as FormField<$shown, $sent>>::of(None),)*
                };
                form.preset(kind);
                form
            }

            pub fn of(app: &Application) -> Self {
                Self {
                    name: RwSignal::new(app.name.clone()),
                    $($field: <$kind as FormField<$shown, $sent>>::of(Some(&app.$field)),)*
                }
            }

            /// Notes what is sent now: the server's messages count the rows of it.
            pub fn send(self) {
                $(<$kind as FormField<$shown, $sent>>::note_sent(self.$field);)*
            }

            /// Everything that stands in the form; `Err` names the fields that can't be read.
            pub fn values(self) -> Result<ApplicationPatch, Messages> {
                let mut errors = Messages::new();
                let settings = ApplicationSettings {
                    $($field: <$kind as FormField<$shown, $sent>>::value(self.$field)
                        .unwrap_or_else(|message| {
                            let messages = vec![message.to_owned()];
                            errors.insert(stringify!($field).to_owned(), messages);
                            None
                        }),)*
                    disabled: None,
                };
                let name = Some(self.name.with(|name| name.trim().to_owned()));
                if errors.is_empty() {
                    Ok(ApplicationPatch { name, settings })
                } else {
                    Err(errors)
                }
            }
        }
    };
}

contract::client_settings!(form);

impl ApplicationForm {
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
}

/// What differs from the application as it is.
pub fn only_changes(all: ApplicationPatch, app: &Application) -> ApplicationPatch {
    ApplicationPatch {
        name: all.name.filter(|name| *name != app.name),
        settings: all.settings.changed_from(app),
    }
}

/// A JWK Set as it was typed; `None` when it is no JSON object.
fn keys(typed: &str) -> Option<Value> {
    if typed.trim().is_empty() {
        // To the server an empty object takes the keys away.
        return Some(Value::Object(Map::new()));
    }
    serde_json::from_str(typed)
        .ok()
        .filter(|value: &Value| value.as_object().is_some_and(|set| !set.is_empty()))
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
    let sample = serde_json::json!({
        "client_id": "acme-photos",
        "name": "Acme Photos",
        "client_type": "confidential",
        "grant_types": Kind::Web.grants(),
        "redirect_uris": ["https://photos.acme.example/callback"],
        "post_logout_redirect_uris": [],
        "allowed_origins": [],
        "scopes": ["openid", "read"],
        "optional_scopes": ["email"],
        "require_pkce": true,
        "skip_consent": false,
        "access_token_format": "opaque",
        "access_token_lifetime": 3600,
        "refresh_token_lifetime": 2_592_000,
        "refresh_reuse_window": 30,
        "id_token_alg": "RS256",
        "origin": "dashboard",
        "created_at": "2026-11-12T10:00:00Z",
        "updated_at": "2026-11-12T10:00:00Z",
        "owner": "ada",
    });
    serde_json::from_value(sample).unwrap()
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
