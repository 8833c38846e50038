//! Applications that register themselves (RFC 7591), and that read, change and delete their
//! registration (RFC 7592).
//!
//! What an application says of itself passes the same form as what a person enters, and never
//! reaches what only a person decides: consent is always asked for, PKCE always required.

use std::time::Duration;

use contract::rules;
use contract::wire::application::NewApplication;
use contract::wire::audit::AuditKind;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::applications::{MadeSecret, make_client_id, make_secret};
use crate::crypto::hash::{credential_hash, equal};
use crate::domain::client::change::{Actor, Editable, permitted};
use crate::domain::client::form::{Known, build_new};
use crate::domain::client::{
    AuthMethod, Client, ClientType, DisplayMetadata, Origin, Secret, Settings,
};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::field_errors::FieldErrors;
use crate::domain::metadata_problems::Problem;
use crate::domain::refusal::Refusal;
use crate::domain::registration::{self, InitialToken};
use crate::domain::time::{Timestamp, seconds};
use crate::error::Error;
use crate::http::PeerAddress;
use crate::limits::network::networks;
use crate::limits::{MAX_SELF_MADE, SHARE};
use crate::state::App;
use crate::store::{AuditEntry, AuditEvent, Registered, Replacement, Room};

/// After which the same registration may pass once more when there are too many.
const RETRY_WHEN_FULL: Duration = Duration::from_hours(1);
/// How often a change starts again when another change was first.
const TRIES: usize = 16;

/// A registration, with what only this answer shows.
pub struct RegistrationResponse {
    pub application: Client,
    /// The registration access token in plain.
    pub token: String,
    /// A secret that was made just now, in plain.
    pub secret: Option<String>,
}

/// What client metadata make of an application, by the rules of the form. `method` applies when the
/// metadata name no way to authenticate. An unknown scope is dropped (RFC 7591 §3.2.1): the answer
/// says which are kept.
///
/// # Errors
/// What [`registration::read`] refuses; `client-metadata-redirect-uri`,
/// `client-metadata-malformed` or `client-metadata-invalid`, which names every member that breaks
/// a rule.
pub fn settings(
    members: &Map<String, Value>,
    method: AuthMethod,
    known: Known<'_>,
) -> Result<(Settings, DisplayMetadata), Refusal> {
    let (mut metadata, mut problems) = registration::read(members, method, known.plain_http)?;
    if let Some(scopes) = &mut metadata.settings.scopes {
        scopes.retain(|name| known.has_scope(name));
    }
    let new = NewApplication {
        name: metadata.name,
        client_id: None,
        settings: metadata.settings,
    };
    let built = build_new(&new, known);
    let errors = built.as_ref().err();
    let found = errors.into_iter().flat_map(FieldErrors::iter).map(problem);
    // Of a member that could not be read there is nothing more to say.
    let more: Vec<_> = found.filter(|p| !problems.is_about(p.member)).collect();
    more.into_iter().for_each(|problem| problems.add(problem));
    problems.or(())?;
    let settings = built.map_err(|_| Refusal::new(&rules::CLIENT_METADATA_INVALID))?;
    Ok((settings, metadata.about))
}

/// What the form found, in the standard's names.
fn problem((field, messages): (&str, &[String])) -> Problem {
    let (name, row) = field.split_once('.').unwrap_or((field, ""));
    let member = Settings::member_of(name).unwrap_or("the application");
    Problem {
        row: row.parse().ok(),
        ..Problem::new(&rules::CLIENT_METADATA_INVALID, member, messages.join(" "))
    }
}

/// The initial access token that a request presents.
///
/// # Errors
/// `registration-token-unknown`; the database fails.
pub async fn initial_token(state: &App, text: &str) -> Result<InitialToken, Error> {
    let unknown = || Refusal::new(&rules::REGISTRATION_TOKEN_UNKNOWN);
    let credential = Credential::parse(CredentialKind::InitialAccess, text).ok_or_else(unknown)?;
    state
        .store
        .initial_token(credential.id)
        .await?
        .filter(|token| equal(&credential_hash(&credential), &token.secret_hash))
        .filter(|token| token.is_live(state.now()))
        .ok_or_else(|| unknown().into())
}

/// Who registers an application.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// A request without a token, from this address.
    Anonymous(PeerAddress),
    /// The holder of the initial access token with this id.
    Token(Uuid),
}

/// Registers an application, and takes one use of the initial access token, or one of what the
/// address may register.
///
/// # Errors
/// What [`settings`] refuses; `registration-quota`, `registration-token-unknown`; the database
/// fails.
pub async fn register(
    state: &App,
    members: &Map<String, Value>,
    by: By,
) -> Result<RegistrationResponse, Error> {
    let servers = state.fresh_resource_servers().await?;
    let known = Known {
        servers: &servers,
        plain_http: state.plain_http,
    };
    let (settings, about) = settings(members, AuthMethod::ClientSecretBasic, known)?;
    let now = state.now();
    let (token, room) = match by {
        By::Token(id) => (Some(id), room(None)),
        By::Anonymous(from) => {
            state
                .limits
                .registrations
                .take(from.0, None, now)
                .map_err(|wait| Refusal::new(&rules::REGISTRATION_QUOTA).retry_after(wait))?;
            (None, room(Some(from)))
        }
    };
    let credential = state.random.credential(CredentialKind::Registration, now);
    let (plain, secret) = apart(
        settings
            .uses_secret()
            .then(|| make_secret(state, &state.client_secrets, now)),
    );
    let mut application = Client {
        client_id: make_client_id(state),
        // No owner: who registered is not known.
        owner_id: Uuid::nil(),
        owner: String::new(),
        settings,
        secrets: Vec::new(),
        origin: Origin::Registration,
        about,
        registration_token_hash: Some(credential_hash(&credential)),
        disabled_at: None,
        last_used_at: None,
        created_at: now,
        updated_at: now,
    };
    let name = application.settings.name.clone();
    let detail = token.map_or(name.clone(), |id| format!("{name}, by initial token {id}"));
    let client_id = &application.client_id;
    let audit = entry(state, client_id, AuditKind::ApplicationRegistered, detail);
    let done = state
        .store
        .register_application(&application, secret.clone(), token, room, now, audit)
        .await?;
    match done {
        Registered::Done => {}
        Registered::TokenSpent => {
            return Err(Refusal::new(&rules::REGISTRATION_TOKEN_UNKNOWN).into());
        }
        Registered::Full => {
            return Err(Refusal::new(&rules::REGISTRATION_QUOTA)
                .retry_after(seconds(RETRY_WHEN_FULL))
                .into());
        }
        Registered::ShareTaken => {
            return Err(Refusal::new(&rules::REGISTRATION_QUOTA)
                .detail("Your network has registered as many applications as one network may.")
                .retry_after(seconds(RETRY_WHEN_FULL))
                .into());
        }
    }
    application.secrets.extend(secret);
    state.store.forget();
    Ok(RegistrationResponse {
        application,
        token: credential.reveal(),
        secret: plain,
    })
}

/// The room for an application that comes from this address: no network fills it alone.
pub(super) fn room(from: Option<PeerAddress>) -> Room {
    Room {
        all: MAX_SELF_MADE,
        share: SHARE,
        from: from.map(|from| networks(from.0).share.to_string()),
    }
}

/// Takes one of the changes that an application may make to its registration.
///
/// # Errors
/// `registration-update-quota`.
pub fn take_update(state: &App, client_id: &str, from: PeerAddress) -> Result<(), Refusal> {
    let updates = &state.limits.registration_updates;
    updates
        .take(from.0, Some(client_id), state.now())
        .map_err(|wait| Refusal::new(&rules::REGISTRATION_UPDATE_QUOTA).retry_after(wait))
}

/// The application whose registration access token this is. An application that was disabled
/// has none that counts.
///
/// # Errors
/// `registration-access-denied`; the database fails.
pub async fn find(state: &App, client_id: &str, credential: &Credential) -> Result<Client, Error> {
    let found = state.store.application(client_id).await?;
    let hash = credential_hash(credential);
    found
        .filter(|application| {
            application.origin == Origin::Registration
                && application.is_enabled()
                && application
                    .registration_token_hash
                    .is_some_and(|known| equal(&hash, &known))
        })
        .ok_or_else(|| Refusal::new(&rules::REGISTRATION_ACCESS_DENIED).into())
}

/// Replaces a registration: what is left out gets its default (RFC 7592 §2.2). The registration
/// access token is replaced with it.
///
/// # Errors
/// `registration-access-denied`, `registration-update-mismatch`; what [`settings`] refuses; the
/// database fails.
pub async fn replace(
    state: &App,
    client_id: &str,
    credential: &Credential,
    members: &Map<String, Value>,
) -> Result<RegistrationResponse, Error> {
    let servers = state.fresh_resource_servers().await?;
    let known = Known {
        servers: &servers,
        plain_http: state.plain_http,
    };
    for _ in 0..TRIES {
        let mut application = find(state, client_id, credential).await?;
        let is_current = |secret: &str| {
            let live = application
                .secrets
                .iter()
                .filter(|known| known.is_live(state.now()));
            let live = live.map(|known| (known.hash.as_slice(), ()));
            state.client_secrets.find(secret, live).is_some()
        };
        registration::check_update(members, client_id, is_current)?;
        let (asked, about) = settings(members, AuthMethod::ClientSecretBasic, known)?;
        // Who held a secret that others know, or codes without one, stays what it was.
        if asked.client_type != application.settings.client_type {
            return Err(Refusal::new(&rules::CLIENT_METADATA_INVALID)
                .detail(
                    "token_endpoint_auth_method: a client with and one without authentication \
                     can't become each other. Register another one.",
                )
                .into());
        }
        let settings = by_itself(&application, asked);
        let seen = application.updated_at;
        // Later than the last change even on a clock that stands still: `seen` tells them apart.
        let now = state.now().max(Timestamp(seen.millis() + 1));
        let has_secret = application.secrets.iter().any(|known| known.is_live(now));
        let made = settings.uses_secret() && !has_secret;
        let (plain, secret) = apart(made.then(|| make_secret(state, &state.client_secrets, now)));
        let new_credential = state.random.credential(CredentialKind::Registration, now);
        let token_hash = credential_hash(&new_credential);
        let replacement = Replacement {
            settings: settings.clone(),
            about: about.clone(),
            token_hash,
            secret: secret.clone(),
        };
        let name = settings.name.clone();
        let audit = entry(
            state,
            client_id,
            AuditKind::ApplicationRegistrationChanged,
            name,
        );
        let done = state
            .store
            .replace_registration(
                client_id,
                credential_hash(credential),
                seen,
                replacement,
                now,
                audit,
            )
            .await?;
        if done {
            state.store.forget();
            application.settings = settings;
            application.about = about;
            application.registration_token_hash = Some(token_hash);
            application.updated_at = now;
            application.secrets.extend(secret);
            return Ok(RegistrationResponse {
                application,
                token: new_credential.reveal(),
                secret: plain,
            });
        }
    }
    Err(Refusal::new(&rules::SERVER_BUSY).into())
}

/// Deletes a registration; all that the application holds ends.
///
/// # Errors
/// `registration-access-denied`; the database fails.
pub async fn delete(state: &App, client_id: &str, credential: &Credential) -> Result<(), Error> {
    let application = find(state, client_id, credential).await?;
    let name = application.settings.name;
    let audit = entry(state, client_id, AuditKind::ApplicationUnregistered, name);
    let token_hash = credential_hash(credential);
    let deleted = state
        .store
        .delete_registration(client_id, token_hash, state.now(), audit)
        .await?;
    if !deleted {
        return Err(Refusal::new(&rules::REGISTRATION_ACCESS_DENIED).into());
    }
    state.store.forget();
    Ok(())
}

/// The settings of a client that changes itself.
pub(super) fn by_itself(client: &Client, asked: Settings) -> Settings {
    let before = Editable::of(client);
    let mut settings = asked.over(&before.settings);
    // RFC 9700 §2.1.1: nothing else protects the code of a client without a secret.
    settings.require_pkce |= settings.client_type == ClientType::Public;
    let asked = Editable {
        settings,
        ..before.clone()
    };
    // What only an administrator decides is what it was.
    permitted(Actor::Itself, &before, asked).map_or(before.settings, |after| after.settings)
}

fn apart(made: Option<MadeSecret>) -> (Option<String>, Option<Secret>) {
    made.map(|made| (made.plain, made.secret)).unzip()
}

/// What the audit log says of it.
fn entry(state: &App, client_id: &str, kind: AuditKind, detail: String) -> AuditEntry {
    state.audit_entry(AuditEvent {
        kind,
        actor_id: None,
        user_id: None,
        client_id: Some(client_id.to_owned()),
        detail,
    })
}
