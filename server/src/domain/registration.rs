//! Client metadata (RFC 7591 §2): what an application says of itself, at `/o/register` or in a
//! document of its own.
//!
//! Pure: JSON in, the fields of the application form and what is shown to people out. The form
//! decides which values may be kept; this module adds only what JSON and the standard need. Unknown
//! members are ignored, and so are names in other languages (`client_name#de`). To add a member:
//! one line in [`read`], one line in what the endpoint answers.

use contract::rules;
use contract::validate;
use contract::validate::redirect_uri::{PlainHttp, split};
use contract::wire::application::ApplicationSettings;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::client::{AuthMethod, ClientType, DisplayMetadata, GrantType, Origin};
use super::grant::SecretHash;
use super::json;
use super::metadata_problems::{Problem, Problems};
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

/// An initial access token (RFC 7591 §1.2) as it is kept: its holder may register applications.
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

/// What the members say, and all that is wrong with them. `method` applies when they name no way to
/// authenticate. A member that breaks a rule is left out of what is said.
///
/// # Errors
/// `software-statement-unsupported`.
pub fn read(
    members: &Map<String, Value>,
    method: AuthMethod,
    http: PlainHttp,
) -> Result<(ClientMetadata, Problems), Refusal> {
    let mut from = Reader {
        members,
        problems: Problems::default(),
    };
    if from.value("software_statement").is_some() {
        return Err(Refusal::new(&rules::SOFTWARE_STATEMENT_UNSUPPORTED));
    }
    let redirect_uris = redirect_uris(&mut from, http);
    let grant_types = grant_types(&mut from);
    let asked_method = from.text("token_endpoint_auth_method");
    let is_public = asked_method.as_deref().unwrap_or(method.name()) == AuthMethod::None.name();
    let client_type = if is_public {
        ClientType::Public
    } else {
        ClientType::Confidential
    };
    // RFC 7591 §2: of a web application or a native one; either may register what it needs.
    if from
        .text("application_type")
        .is_some_and(|kind| kind != "web" && kind != "native")
    {
        from.invalid("application_type", "It is web or native.");
    }
    let settings = ApplicationSettings {
        client_type: Some(client_type.name().to_owned()),
        grant_types: Some(grant_types),
        post_logout_redirect_uris: Some(
            from.texts("post_logout_redirect_uris").unwrap_or_default(),
        ),
        scopes: scopes(&mut from),
        id_token_alg: from.text("id_token_signed_response_alg"),
        token_endpoint_auth_method: asked_method,
        jwks: from.object("jwks"),
        jwks_uri: from.text("jwks_uri"),
        backchannel_logout_uri: from.text("backchannel_logout_uri"),
        backchannel_logout_session_required: from.flag("backchannel_logout_session_required"),
        require_pushed_authorization_requests: from.flag("require_pushed_authorization_requests"),
        redirect_uris: Some(redirect_uris),
        ..ApplicationSettings::default()
    };
    let name = from.text("client_name");
    let name = name.filter(|name| !name.trim().is_empty());
    let first = settings.redirect_uris.as_deref().and_then(<[_]>::first);
    let metadata = ClientMetadata {
        name: name.unwrap_or_else(|| name_from(first.map(String::as_str))),
        about: about(&mut from),
        settings,
    };
    Ok((metadata, from.problems))
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

fn redirect_uris(from: &mut Reader<'_>, http: PlainHttp) -> Vec<String> {
    const NAME: &str = "redirect_uris";
    let uris = from.texts(NAME).unwrap_or_default();
    for (row, uri) in uris.iter().enumerate() {
        if let Err(rule) = validate::redirect_uri::check_with(uri, http) {
            from.problems.add(Problem {
                rule: &rules::CLIENT_METADATA_REDIRECT_URI,
                member: NAME,
                row: Some(row),
                text: rule.title.to_owned(),
                received: Some(uri.clone()),
            });
        }
    }
    uris
}

/// The grants, which have to fit the response types (RFC 7591 §2.1). A client that names none gets
/// `authorization_code` and `refresh_token`.
fn grant_types(from: &mut Reader<'_>) -> Vec<String> {
    let code = GrantType::AuthorizationCode.name();
    let mut grants = from
        .texts("grant_types")
        .unwrap_or_else(|| vec![code.to_owned(), GrantType::RefreshToken.name().to_owned()]);
    // RFC 7591 §2: the server may leave out what this client may not hold; its response says what
    // is left.
    let asked = grants.len();
    grants.retain(|name| {
        GrantType::parse(name).is_none_or(|grant| Origin::Registration.allows_grant(grant))
    });
    if grants.is_empty() && asked > 0 {
        from.invalid(
            "grant_types",
            "A client that registers itself acts for people only. It may hold \
             authorization_code, refresh_token and the device grant.",
        );
        return grants;
    }
    let Some(responses) = from.texts("response_types") else {
        return grants;
    };
    if responses.iter().any(|name| name != "code") {
        from.invalid("response_types", "The only one that there is is code.");
        return grants;
    }
    let holds_code = grants.iter().any(|grant| grant == code);
    if holds_code == responses.is_empty() {
        let text = "They don't fit response_types: authorization_code and code belong together.";
        from.invalid("grant_types", text);
    }
    grants
}

fn scopes(from: &mut Reader<'_>) -> Option<Vec<String>> {
    let text = from.text("scope")?;
    match Scopes::parse(&text) {
        Ok(scopes) => Some(scopes.to_vec()),
        Err(refusal) => {
            from.invalid("scope", refusal.rule.title);
            None
        }
    }
}

/// What is shown to people. None of it was checked, so none of it may have an effect.
fn about(from: &mut Reader<'_>) -> DisplayMetadata {
    let contacts = from.texts("contacts").unwrap_or_default();
    if contacts.len() > CONTACTS {
        from.invalid("contacts", format!("At most {CONTACTS}."));
    } else if !contacts.iter().all(|contact| is_short(contact)) {
        from.invalid("contacts", SHORT);
    }
    DisplayMetadata {
        client_uri: from.page("client_uri"),
        logo_uri: from.page("logo_uri"),
        tos_uri: from.page("tos_uri"),
        policy_uri: from.page("policy_uri"),
        contacts,
        software_id: from.short("software_id"),
        software_version: from.short("software_version"),
    }
}

const SHORT: &str = "At most 200 characters that can be seen.";

fn is_short(text: &str) -> bool {
    text.chars().count() <= TEXT_LENGTH && !text.chars().any(char::is_control)
}

/// Members by name; `null` is the same as none (RFC 7592 §2.2), and so is an empty text. What
/// breaks a rule is noted, and counts as none.
struct Reader<'a> {
    members: &'a Map<String, Value>,
    problems: Problems,
}

impl<'a> Reader<'a> {
    fn malformed(&mut self, member: &'static str, text: &'static str) {
        let rule = &rules::CLIENT_METADATA_MALFORMED;
        self.problems.add(Problem::new(rule, member, text));
    }

    fn invalid(&mut self, member: &'static str, text: impl Into<String>) {
        let rule = &rules::CLIENT_METADATA_INVALID;
        self.problems.add(Problem::new(rule, member, text));
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            _ => {
                self.malformed(name, "It is not a text.");
                None
            }
        }
    }

    fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        let list = self.value(name)?.as_array();
        let texts = list.and_then(|list| {
            let texts = list.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.malformed(name, "It is not a list of texts.");
        }
        texts
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        let flag = self.value(name)?.as_bool();
        if flag.is_none() {
            self.malformed(name, "It is neither true nor false.");
        }
        flag
    }

    fn object(&mut self, name: &'static str) -> Option<Value> {
        match self.value(name)? {
            // To the form an empty object means that the one before is taken away.
            Value::Object(members) if members.is_empty() => self.malformed(name, "It is empty."),
            value @ Value::Object(_) => return Some(value.clone()),
            _ => self.malformed(name, "It is not an object."),
        }
        None
    }

    fn short(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        if is_short(&text) {
            return Some(text);
        }
        self.invalid(name, SHORT);
        None
    }

    /// The address of a page or a picture. Only `http` and `https`: a script in a link would run.
    fn page(&mut self, name: &'static str) -> Option<String> {
        let uri = self.text(name)?;
        let fits = uri.len() <= URI_LENGTH
            && uri.bytes().all(|b| b.is_ascii_graphic())
            && split(&uri).is_some_and(|parts| {
                (parts.is_https() || parts.is_http()) && !parts.host().is_empty()
            });
        if fits {
            return Some(uri);
        }
        self.invalid(name, "It is not an http or https URL.");
        None
    }
}

fn malformed(detail: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(&rules::CLIENT_METADATA_MALFORMED).detail(detail)
}

/// RFC 7592 §2.2: the update names its own client id, its current secret if any, and nothing
/// that the server issues.
///
/// # Errors
/// `registration-update-mismatch`.
pub fn check_update(
    members: &Map<String, Value>,
    client_id: &str,
    is_current_secret: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    let wrong =
        |detail: String| Err(Refusal::new(&rules::REGISTRATION_UPDATE_MISMATCH).detail(detail));
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    // `null` is the same as nothing.
    let sent = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
    if text("client_id") != Some(client_id) {
        return wrong("client_id has to be there, and the one of this registration.".to_owned());
    }
    if sent("client_secret") && !is_current_secret(text("client_secret").unwrap_or_default()) {
        return wrong("client_secret is not the current one.".to_owned());
    }
    for issued in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        if sent(issued) {
            return wrong(format!("{issued} is issued by the server only."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
