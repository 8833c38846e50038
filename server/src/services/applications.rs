//! Registering applications, changing them, and their secrets.
//!
//! An application belongs to whoever registered it; administrators see everybody's. For anybody
//! else it is not there: whether an id is taken is nobody's business.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::rules;
use contract::wire::application::{ApplicationPatch, NewApplication};
use contract::wire::session::Role;
use uuid::Uuid;

use super::application_form::{FieldErrors, build, build_new};
use super::form::FormFailure;
use crate::domain::client::{Client, Secret};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::App;
use crate::store::{AuditEvent, RetireSecret};

/// How often a change starts again when somebody else was faster.
const TRIES: usize = 16;

/// A secret in plain, for the one answer that shows it, and what is kept of it.
pub struct MadeSecret {
    pub plain: String,
    pub secret: Secret,
}

/// Makes a secret; nothing is stored yet.
pub fn make_secret(state: &App, now: Timestamp) -> MadeSecret {
    let made = state.client_secrets.generate(&state.random);
    MadeSecret {
        plain: made.plain,
        secret: Secret {
            id: state.random.uuid(now),
            hash: made.hash,
            hint: made.hint,
            created_at: now,
            last_used_at: None,
            expires_at: None,
        },
    }
}

/// 128 random bits; never with a hyphen first, which the command line would take for a flag.
pub fn make_client_id(state: &App) -> String {
    loop {
        let id = URL_SAFE_NO_PAD.encode(state.random.bytes::<16>());
        if !id.starts_with('-') {
            return id;
        }
    }
}

/// Registers an application of `owner`; one that authenticates with a secret gets its first one,
/// in plain only here.
///
/// # Errors
/// `role-required`; every field that breaks a rule; the database fails.
pub async fn create(
    state: &App,
    owner: &User,
    new: &NewApplication,
) -> Result<(Client, Option<String>), FormFailure> {
    if owner.role < Role::Developer {
        return Err(Refusal::new(&rules::ROLE_REQUIRED).into());
    }
    let known = state.fresh_resource_servers().await?;
    let (settings, mut errors) = apart(build_new(new, &known));
    may_skip_consent(owner, new.settings.skip_consent, false, &mut errors);
    let Some(settings) = settings.filter(|_| errors.is_empty()) else {
        return Err(errors.into());
    };
    let now = state.now();
    let client_id = new
        .client_id
        .clone()
        .unwrap_or_else(|| make_client_id(state));
    let mut application = Client::new(client_id, owner, settings, now);
    let made = application.uses_secret().then(|| make_secret(state, now));
    let (plain, secret) = made.map(|made| (made.plain, made.secret)).unzip();
    state
        .store
        .insert_application(&application, secret.clone())
        .await?;
    application.secrets.extend(secret);
    changed(
        state,
        owner,
        &application.client_id,
        "application added",
        "",
    );
    Ok((application, plain))
}

/// The applications that this person may see, by name.
///
/// # Errors
/// The database fails.
pub async fn list(state: &App, user: &User) -> Result<Vec<Client>, Error> {
    let owner = (!user.is_admin()).then_some(user.id);
    Ok(state.store.applications_of(owner).await?)
}

/// One application, as it stands in the database now.
///
/// # Errors
/// `not-found`, also when it is somebody else's; the database fails.
pub async fn get(state: &App, user: &User, client_id: &str) -> Result<Client, Error> {
    state
        .store
        .application(client_id)
        .await?
        .filter(|application| user.is_admin() || application.owner_id == user.id)
        .ok_or_else(|| Refusal::new(&rules::NOT_FOUND).into())
}

/// Changes what the patch names, all of it or nothing. Two changes at once both count: the one
/// that comes second is made on top of the first.
///
/// # Errors
/// `not-found`; every field that breaks a rule; the database fails.
pub async fn update(
    state: &App,
    user: &User,
    client_id: &str,
    patch: &ApplicationPatch,
) -> Result<Client, FormFailure> {
    let known = state.fresh_resource_servers().await?;
    for _ in 0..TRIES {
        let mut application = get(state, user, client_id).await?;
        let before = &application.settings;
        let built = build(patch.name.as_deref(), &patch.settings, Some(before), &known);
        let (settings, mut errors) = apart(built);
        let asked = patch.settings.skip_consent;
        may_skip_consent(user, asked, before.skip_consent, &mut errors);
        let disable = patch
            .settings
            .disabled
            .filter(|disable| *disable == application.is_enabled());
        may_enable(user, disable, &mut errors);
        let Some(settings) = settings.filter(|_| errors.is_empty()) else {
            return Err(errors.into());
        };
        if settings == *before && disable.is_none() {
            return Ok(application);
        }
        let seen = application.updated_at;
        // Later than the last change even on a clock that stands still: `seen` tells them apart.
        let now = state.now().max(Timestamp(seen.millis() + 1));
        let done = state
            .store
            .change_application(
                client_id,
                settings.clone(),
                disable.map(|disable| disable.then_some(now)),
                seen,
                now,
            )
            .await?;
        if done {
            if settings != *before {
                changed(state, user, client_id, "application changed", "");
            }
            if let Some(disable) = disable {
                let kind = disabled_event(disable);
                changed(state, user, client_id, kind, "");
                application.disabled_at = disable.then_some(now);
            }
            application.settings = settings;
            application.updated_at = now;
            return Ok(application);
        }
    }
    Err(Refusal::new(&rules::SERVER_BUSY).into())
}

/// Deletes an application and ends everything that it was given.
///
/// # Errors
/// `not-found`; the database fails.
pub async fn delete(state: &App, user: &User, client_id: &str) -> Result<(), Error> {
    let application = get(state, user, client_id).await?;
    if !state
        .store
        .delete_application(client_id, state.now())
        .await?
    {
        return Err(Refusal::new(&rules::NOT_FOUND).into());
    }
    let name = &application.settings.name;
    changed(state, user, client_id, "application deleted", name);
    Ok(())
}

/// Adds a secret beside those that there are.
///
/// # Errors
/// `not-found`; a public application can't have one; the database fails.
pub async fn new_secret(
    state: &App,
    user: &User,
    client_id: &str,
) -> Result<MadeSecret, FormFailure> {
    let application = get(state, user, client_id).await?;
    if !application.is_confidential() {
        let mut errors = FieldErrors::default();
        errors.add("client_type", &rules::CLIENT_AUTH_PUBLIC);
        return Err(errors.into());
    }
    if !application.uses_secret() {
        let mut errors = FieldErrors::default();
        errors.add("token_endpoint_auth_method", &rules::CLIENT_AUTH_METHOD);
        return Err(errors.into());
    }
    let made = make_secret(state, state.now());
    let stored = state
        .store
        .insert_secret(client_id, made.secret.clone(), None)
        .await?;
    if !stored {
        return Err(Refusal::new(&rules::NOT_FOUND).into());
    }
    changed(
        state,
        user,
        client_id,
        "client secret added",
        &made.secret.hint,
    );
    Ok(made)
}

/// Takes a secret back: it stops working at once.
///
/// # Errors
/// `not-found`; `secret-last` for the only live one; the database fails.
pub async fn retire_secret(
    state: &App,
    user: &User,
    client_id: &str,
    id: Uuid,
) -> Result<(), Error> {
    let application = get(state, user, client_id).await?;
    match state
        .store
        .retire_secret(client_id, id, state.now())
        .await?
    {
        RetireSecret::Done => {
            let secret = application.secrets.iter().find(|secret| secret.id == id);
            let hint = secret.map_or("", |secret| secret.hint.as_str());
            changed(state, user, client_id, "client secret retired", hint);
            Ok(())
        }
        RetireSecret::NotFound => Err(Refusal::new(&rules::NOT_FOUND).into()),
        RetireSecret::Last => Err(Refusal::new(&rules::SECRET_LAST).into()),
    }
}

/// Without consent nobody is asked whether an application may act for them, so only those who
/// answer for everybody turn that on (RFC 6749 §10.2).
fn may_skip_consent(user: &User, asked: Option<bool>, before: bool, errors: &mut FieldErrors) {
    if asked == Some(true) && !before && !user.is_admin() {
        errors.add("skip_consent", &rules::ROLE_REQUIRED);
    }
}

/// What an administrator has stopped, its owner does not start again.
fn may_enable(user: &User, disable: Option<bool>, errors: &mut FieldErrors) {
    if disable == Some(false) && !user.is_admin() {
        errors.add("disabled", &rules::ROLE_REQUIRED);
    }
}

/// How the audit log calls it.
pub const fn disabled_event(disable: bool) -> &'static str {
    if disable {
        "application disabled"
    } else {
        "application enabled"
    }
}

fn apart<T>(built: Result<T, FieldErrors>) -> (Option<T>, FieldErrors) {
    match built {
        Ok(value) => (Some(value), FieldErrors::default()),
        Err(errors) => (None, errors),
    }
}

/// Writes down who changed what, and drops what this server keeps in memory.
fn changed(state: &App, actor: &User, client_id: &str, kind: &'static str, detail: &str) {
    state.store.forget();
    let now = state.now();
    let event = AuditEvent {
        kind,
        actor_id: Some(actor.id),
        user_id: None,
        client_id: Some(client_id.to_owned()),
        detail: detail.to_owned(),
    };
    state.store.audit(event, now, state.random.uuid(now));
}
