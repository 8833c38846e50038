//! Client metadata (RFC 7591 §2): what an application says of itself, at `/o/register` or in a
//! document of its own.
//!
//! Pure: JSON in, the fields of the application form and what is shown to people out. The form
//! decides which values may be kept; here stands only what JSON and the standard add to it.
//! Members that nobody knows are ignored, names in other languages (`client_name#de`) too. To
//! take one more: its line in [`read`], its line in what the endpoint answers.

use contract::rules;
use contract::validate;
use contract::validate::redirect_uri::split;
use contract::wire::application::ApplicationSettings;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::client::{AuthMethod, DisplayMetadata, GrantType, Origin};
use super::grant::SecretHash;
use super::json;
use super::refusal::Refusal;
use super::scope::Scopes;
use super::time::Timestamp;

/// Client metadata are never longer than this (bytes).
pub const MAX_BYTES: usize = 16 * 1024;

/// Characters of a text that is kept as it came.
const TEXT_LENGTH: usize = 200;
/// Characters of an address.
const URI_LENGTH: usize = 2000;
/// Contacts at most.
const CONTACTS: usize = 10;

/// What the metadata say.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientMetadata {
    /// Whatever else is missing, a person reads this.
    pub name: String,
    pub settings: ApplicationSettings,
    pub about: DisplayMetadata,
}

/// An initial access token (RFC 7591 §1.2) as it is kept: whoever holds it may register.
#[derive(Clone, Debug, PartialEq)]
pub struct InitialToken {
    pub id: Uuid,
    /// SHA-256 of its random part.
    pub secret_hash: SecretHash,
    /// Applications that may still be registered with it; absent: any number.
    pub uses_left: Option<i64>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl InitialToken {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.uses_left.is_none_or(|uses| uses > 0) && self.expires_at.is_none_or(|at| now < at)
    }
}

/// The members of a metadata document.
///
/// # Errors
/// `client-metadata-malformed` when it is too long or not one JSON object in UTF-8.
pub fn parse(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.len() > MAX_BYTES {
        return Err(malformed("The document is longer than 16 KiB."));
    }
    json::object(body)
        .map_err(|error| malformed(format!("The body is not one JSON object: {error}.")))
}

/// Reads the members that mean something. Whoever names no way to authenticate uses `method`.
///
/// # Errors
/// `client-metadata-malformed`, `client-metadata-invalid`, `client-metadata-redirect-uri`,
/// `software-statement-unsupported`.
pub fn read(members: &Map<String, Value>, method: AuthMethod) -> Result<ClientMetadata, Refusal> {
    let from = Reader(members);
    if from.value("software_statement").is_some() {
        return Err(Refusal::new(&rules::SOFTWARE_STATEMENT_UNSUPPORTED));
    }
    let redirect_uris = redirect_uris(from)?;
    let grant_types = grant_types(from)?;
    let asked_method = from.text("token_endpoint_auth_method")?;
    let is_public = asked_method.as_deref().unwrap_or(method.name()) == AuthMethod::None.name();
    // RFC 7591 §2: of a web application or a native one; either may register what it needs.
    if from
        .text("application_type")?
        .is_some_and(|kind| kind != "web" && kind != "native")
    {
        return Err(invalid("application_type is web or native."));
    }
    let settings = ApplicationSettings {
        client_type: Some(if is_public { "public" } else { "confidential" }.to_owned()),
        grant_types: Some(grant_types),
        post_logout_redirect_uris: Some(
            from.texts("post_logout_redirect_uris")?.unwrap_or_default(),
        ),
        scopes: scopes(from)?,
        id_token_alg: from.text("id_token_signed_response_alg")?,
        token_endpoint_auth_method: asked_method,
        jwks: from.object("jwks")?,
        jwks_uri: from.text("jwks_uri")?,
        backchannel_logout_uri: from.text("backchannel_logout_uri")?,
        backchannel_logout_session_required: from.flag("backchannel_logout_session_required")?,
        require_pushed_authorization_requests: from
            .flag("require_pushed_authorization_requests")?,
        redirect_uris: Some(redirect_uris),
        ..ApplicationSettings::default()
    };
    let name = from.text("client_name")?;
    let name = name.filter(|name| !name.trim().is_empty());
    let first = settings.redirect_uris.as_deref().and_then(<[_]>::first);
    Ok(ClientMetadata {
        name: name.unwrap_or_else(|| name_from(first.map(String::as_str))),
        settings,
        about: about(from)?,
    })
}

/// Something to call an application that gave no name: where it sends people.
fn name_from(redirect_uri: Option<&str>) -> String {
    let parts = redirect_uri.and_then(split);
    let name = parts.map_or("", |parts| match parts.host() {
        "" => parts.scheme,
        host => host,
    });
    match name.chars().take(100).collect::<String>() {
        name if name.is_empty() => "Unnamed application".to_owned(),
        name => name,
    }
}

fn redirect_uris(from: Reader<'_>) -> Result<Vec<String>, Refusal> {
    let uris = from.texts("redirect_uris")?.unwrap_or_default();
    for (row, uri) in uris.iter().enumerate() {
        validate::redirect_uri::check(uri).map_err(|rule| {
            Refusal::new(&rules::CLIENT_METADATA_REDIRECT_URI)
                .detail(format!("redirect_uris, number {}: {}", row + 1, rule.title))
                .received(uri.clone())
        })?;
    }
    Ok(uris)
}

/// The grants, which have to fit the response types (RFC 7591 §2.1). Whoever names none signs
/// people in and stays signed in.
fn grant_types(from: Reader<'_>) -> Result<Vec<String>, Refusal> {
    let code = GrantType::AuthorizationCode.name();
    let mut grants = from
        .texts("grant_types")?
        .unwrap_or_else(|| vec![code.to_owned(), GrantType::RefreshToken.name().to_owned()]);
    // RFC 7591 §2: the server may leave out what this client may not hold; its response says what
    // is left.
    let asked = grants.len();
    grants.retain(|name| {
        GrantType::parse(name).is_none_or(|grant| Origin::Registration.allows_grant(grant))
    });
    if grants.is_empty() && asked > 0 {
        return Err(invalid(
            "grant_types: a client that registers itself acts for people only. It may hold \
             authorization_code, refresh_token and the device grant.",
        ));
    }
    let Some(responses) = from.texts("response_types")? else {
        return Ok(grants);
    };
    if let Some(other) = responses.iter().find(|name| *name != "code") {
        return Err(
            invalid("response_types: the only one that there is is code.").received(other.clone()),
        );
    }
    let holds_code = grants.iter().any(|grant| grant == code);
    if holds_code == responses.is_empty() {
        return Err(invalid(
            "grant_types and response_types don't fit: authorization_code and code belong together.",
        ));
    }
    Ok(grants)
}

fn scopes(from: Reader<'_>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = from.text("scope")? else {
        return Ok(None);
    };
    let scopes =
        Scopes::parse(&text).map_err(|_| invalid("scope holds characters of no scope."))?;
    Ok(Some(scopes.to_vec()))
}

/// What is shown to people. None of it was checked by anybody, so nothing in it may do anything.
fn about(from: Reader<'_>) -> Result<DisplayMetadata, Refusal> {
    let contacts = from.texts("contacts")?.unwrap_or_default();
    if contacts.len() > CONTACTS {
        return Err(invalid(format!("contacts: at most {CONTACTS}.")));
    }
    for contact in &contacts {
        short("contacts", contact)?;
    }
    Ok(DisplayMetadata {
        client_uri: from.page("client_uri")?,
        logo_uri: from.page("logo_uri")?,
        tos_uri: from.page("tos_uri")?,
        policy_uri: from.page("policy_uri")?,
        contacts,
        software_id: from.short("software_id")?,
        software_version: from.short("software_version")?,
    })
}

fn short(name: &str, text: &str) -> Result<(), Refusal> {
    if text.chars().count() > TEXT_LENGTH || text.chars().any(char::is_control) {
        return Err(invalid(format!(
            "{name}: at most {TEXT_LENGTH} characters that can be seen."
        )));
    }
    Ok(())
}

/// Members by name; `null` is the same as none (RFC 7592 §2.2), and so is an empty text.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Map<String, Value>);

impl<'a> Reader<'a> {
    fn value(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(self, name: &str) -> Result<Option<String>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(malformed(format!("{name} is not a text."))),
        }
    }

    fn texts(self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let wrong = || malformed(format!("{name} is not a list of texts."));
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let list = value.as_array().ok_or_else(wrong)?;
        list.iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn flag(self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(malformed(format!("{name} is neither true nor false."))),
        }
    }

    fn object(self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            // To the form an empty object means that the one before is taken away.
            Some(Value::Object(members)) if members.is_empty() => {
                Err(malformed(format!("{name} is empty.")))
            }
            Some(value @ Value::Object(_)) => Ok(Some(value.clone())),
            Some(_) => Err(malformed(format!("{name} is not an object."))),
        }
    }

    fn short(self, name: &str) -> Result<Option<String>, Refusal> {
        let text = self.text(name)?;
        if let Some(text) = &text {
            short(name, text)?;
        }
        Ok(text)
    }

    /// The address of a page or a picture. Only `http` and `https`: a script in a link would run.
    fn page(self, name: &str) -> Result<Option<String>, Refusal> {
        let text = self.text(name)?;
        let fits = |uri: &str| {
            uri.len() <= URI_LENGTH
                && uri.bytes().all(|b| b.is_ascii_graphic())
                && split(uri).is_some_and(|parts| {
                    (parts.is_https() || parts.is_http()) && !parts.host().is_empty()
                })
        };
        match text {
            Some(uri) if !fits(&uri) => {
                Err(invalid(format!("{name} is not an http or https URL.")).received(uri))
            }
            text => Ok(text),
        }
    }
}

fn malformed(detail: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(&rules::CLIENT_METADATA_MALFORMED).detail(detail)
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(&rules::CLIENT_METADATA_INVALID).detail(detail)
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
