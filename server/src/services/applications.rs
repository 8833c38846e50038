//! Registering applications, changing them, and their secrets: the same for the API, the forms
//! and the command line.
//!
//! An application belongs to the person who registered it; administrators see all of them. For
//! everyone else it is not there, and whether an id is taken is not told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::rules;
use contract::wire::application::{ApplicationPatch, NewApplication};
use contract::wire::audit::AuditKind;
use contract::wire::session::Role;
use uuid::Uuid;

pub use super::by::By;
use super::form::FormFailure;
use crate::crypto::client_secret::ClientSecrets;
use crate::domain::client::change::{
    Actor, Editable, Forbidden, may_delete, permitted, permitted_at_first,
};
use crate::domain::client::form::{Known, read_form, read_new_form};
use crate::domain::client::{Client, Secret};
use crate::domain::field_errors::FieldErrors;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::Core;
use crate::store::{AddSecret, AuditEntry, AuditEvent, RetireSecret};

/// How often a change starts again when another one was faster.
const TRIES: usize = 16;
/// Applications of one owner; an administrator may go on.
const MAX_OWNED: u64 = 1000;

impl By<'_> {
    fn actor(self) -> Actor {
        if self.is_administrator() {
            Actor::Administrator
        } else {
            Actor::Owner
        }
    }

    /// The person whose applications are all that there are for them.
    fn only_own(self) -> Option<Uuid> {
        match self {
            Self::Person(user) if !user.is_admin() => Some(user.id),
            Self::Person(_) | Self::Operator => None,
        }
    }
}

/// A secret in plain, for the one answer that shows it, and what is kept of it.
pub struct MadeSecret {
    pub plain: String,
    pub secret: Secret,
}

/// Makes a secret; nothing is stored yet.
pub fn make_secret(core: &Core, secrets: &ClientSecrets, now: Timestamp) -> MadeSecret {
    let made = secrets.generate(&core.random);
    MadeSecret {
        plain: made.plain,
        secret: Secret {
            id: core.random.uuid(now),
            hash: made.hash,
            hint: made.hint,
            created_at: now,
            last_used_at: None,
            expires_at: None,
        },
    }
}

/// 128 random bits; never with a hyphen first, which the command line would take for a flag.
pub fn make_client_id(core: &Core) -> String {
    loop {
        let id = URL_SAFE_NO_PAD.encode(core.random.bytes::<16>());
        if !id.starts_with('-') {
            return id;
        }
    }
}

/// Registers an application of `owner`; one that authenticates with a secret gets its first one,
/// in plain only here.
///
/// # Errors
/// `role-required`, `application-limit`; every field that breaks a rule; the database fails.
pub async fn create(
    core: &Core,
    secrets: &ClientSecrets,
    by: By<'_>,
    owner: &User,
    new: &NewApplication,
) -> Result<(Client, Option<String>), FormFailure> {
    if let By::Person(person) = by
        && person.role < Role::Developer
    {
        return Err(Refusal::new(&rules::ROLE_REQUIRED)
            .detail("You need the developer role for this. An administrator can give it to you.")
            .into());
    }
    let servers = core.store.resource_servers().await?;
    let known = Known {
        servers: &servers,
        plain_http: core.plain_http,
    };
    let (settings, errors) = read_new_form(new, known);
    let settings = allowed(permitted_at_first(by.actor(), settings), errors)?;
    let now = core.now();
    let client_id = new
        .client_id
        .clone()
        .unwrap_or_else(|| make_client_id(core));
    let mut application = Client::new(client_id, owner, settings, now);
    let made = application
        .uses_secret()
        .then(|| make_secret(core, secrets, now));
    let (plain, secret) = made.map(|made| (made.plain, made.secret)).unzip();
    let limit = match by.actor() {
        Actor::Administrator => u64::MAX,
        Actor::Owner | Actor::Itself => MAX_OWNED,
    };
    let audit = entry(
        core,
        by,
        &application.client_id,
        AuditKind::ApplicationCreated,
        "",
    );
    let room = core
        .store
        .insert_application(&application, secret.clone(), limit, audit)
        .await?;
    if !room {
        return Err(Refusal::new(&rules::APPLICATION_LIMIT).into());
    }
    application.secrets.extend(secret);
    core.store.forget();
    Ok((application, plain))
}

/// The applications that they may see, by name.
///
/// # Errors
/// The database fails.
pub async fn list(core: &Core, by: By<'_>) -> Result<Vec<Client>, Error> {
    Ok(core.store.applications_of(by.only_own()).await?)
}

/// One application, as it stands in the database now.
///
/// # Errors
/// `not-found`, also when it is another person's; the database fails.
pub async fn get(core: &Core, by: By<'_>, client_id: &str) -> Result<Client, Error> {
    core.store
        .application(client_id)
        .await?
        .filter(|application| by.only_own().is_none_or(|own| application.owner_id == own))
        .ok_or_else(|| Refusal::new(&rules::NOT_FOUND).into())
}

/// Changes what the patch names, all of it or nothing. Two changes at once both count: the one
/// that comes second is made on top of the first.
///
/// # Errors
/// `not-found`; every field that breaks a rule; the database fails.
pub async fn update(
    core: &Core,
    by: By<'_>,
    client_id: &str,
    patch: &ApplicationPatch,
) -> Result<Client, FormFailure> {
    let servers = core.store.resource_servers().await?;
    let known = Known {
        servers: &servers,
        plain_http: core.plain_http,
    };
    for _ in 0..TRIES {
        let mut application = get(core, by, client_id).await?;
        let before = Editable::of(&application);
        let name = patch.name.as_deref();
        let (settings, errors) = read_form(name, &patch.settings, Some(&before.settings), known);
        let asked = Editable {
            settings,
            enabled: patch
                .settings
                .disabled
                .map_or(before.enabled, |disabled| !disabled),
            owner_id: before.owner_id,
        };
        let after = allowed(permitted(by.actor(), &before, asked), errors)?;
        if after == before {
            return Ok(application);
        }
        let seen = application.updated_at;
        // Later than the last change even on a clock that stands still: `seen` tells them apart.
        let now = core.now().max(Timestamp(seen.millis() + 1));
        let turned = (after.enabled != before.enabled).then(|| (!after.enabled).then_some(now));
        let mut audit = Vec::new();
        if after.settings != before.settings {
            audit.push(entry(
                core,
                by,
                client_id,
                AuditKind::ApplicationChanged,
                "",
            ));
        }
        if let Some(disabled_at) = turned {
            let kind = match disabled_at {
                Some(_) => AuditKind::ApplicationDisabled,
                None => AuditKind::ApplicationEnabled,
            };
            audit.push(entry(core, by, client_id, kind, ""));
        }
        let done = core
            .store
            .change_application(client_id, after.settings.clone(), turned, seen, now, audit)
            .await?;
        if done {
            core.store.forget();
            if let Some(disabled_at) = turned {
                application.disabled_at = disabled_at;
            }
            application.settings = after.settings;
            application.updated_at = now;
            return Ok(application);
        }
    }
    Err(Refusal::new(&rules::SERVER_BUSY).into())
}

/// Deletes an application and ends everything that it was given.
///
/// # Errors
/// `not-found`, `deletion-while-disabled`; the database fails.
pub async fn delete(core: &Core, by: By<'_>, client_id: &str) -> Result<(), Error> {
    let actor = by.actor();
    for _ in 0..TRIES {
        let application = get(core, by, client_id).await?;
        if !may_delete(actor, &application) {
            return Err(Refusal::new(&rules::DELETION_WHILE_DISABLED).into());
        }
        let even_disabled = actor == Actor::Administrator;
        let name = &application.settings.name;
        let audit = entry(core, by, client_id, AuditKind::ApplicationDeleted, name);
        let deleted = core
            .store
            .delete_application(client_id, even_disabled, core.now(), audit)
            .await?;
        // If not, it was deleted or disabled meanwhile.
        if deleted {
            core.store.forget();
            return Ok(());
        }
    }
    Err(Refusal::new(&rules::SERVER_BUSY).into())
}

/// Adds a secret beside those that there are.
///
/// # Errors
/// `not-found`, `secret-limit`; a public application can't have one; the database fails.
pub async fn new_secret(
    core: &Core,
    secrets: &ClientSecrets,
    by: By<'_>,
    client_id: &str,
) -> Result<MadeSecret, FormFailure> {
    let (_, made) = add_secret(core, secrets, by, client_id, None).await?;
    Ok(made)
}

/// Adds a secret; those that there are end after `overlap` seconds.
///
/// # Errors
/// As [`new_secret`].
pub async fn rotate_secret(
    core: &Core,
    secrets: &ClientSecrets,
    by: By<'_>,
    client_id: &str,
    overlap: i64,
) -> Result<(Client, MadeSecret), FormFailure> {
    add_secret(core, secrets, by, client_id, Some(overlap)).await
}

async fn add_secret(
    core: &Core,
    secrets: &ClientSecrets,
    by: By<'_>,
    client_id: &str,
    overlap: Option<i64>,
) -> Result<(Client, MadeSecret), FormFailure> {
    let application = get(core, by, client_id).await?;
    let mut errors = FieldErrors::default();
    if !application.is_confidential() {
        errors.add("client_type", &rules::CLIENT_AUTH_PUBLIC);
    } else if !application.uses_secret() {
        errors.add("token_endpoint_auth_method", &rules::CLIENT_AUTH_METHOD);
    }
    errors.or(())?;
    let now = core.now();
    let made = make_secret(core, secrets, now);
    let others_end = overlap.map(|seconds| now.plus_seconds(seconds));
    let kind = match overlap {
        Some(_) => AuditKind::ClientSecretRotated,
        None => AuditKind::ClientSecretCreated,
    };
    let audit = entry(core, by, client_id, kind, &made.secret.hint);
    let added = core
        .store
        .insert_secret(client_id, made.secret.clone(), others_end, audit)
        .await?;
    match added {
        AddSecret::Done => {
            core.store.forget();
            Ok((application, made))
        }
        AddSecret::NotFound => Err(Refusal::new(&rules::NOT_FOUND).into()),
        AddSecret::Full => Err(Refusal::new(&rules::SECRET_LIMIT).into()),
    }
}

/// Takes a secret back: it stops working at once.
///
/// # Errors
/// `not-found`; `secret-last` for the only live one; the database fails.
pub async fn retire_secret(
    core: &Core,
    by: By<'_>,
    client_id: &str,
    id: Uuid,
) -> Result<(), Error> {
    let application = get(core, by, client_id).await?;
    let secret = application.secrets.iter().find(|secret| secret.id == id);
    let hint = secret.map_or("", |secret| secret.hint.as_str());
    let audit = entry(core, by, client_id, AuditKind::ClientSecretRetired, hint);
    let retired = core
        .store
        .retire_secret(client_id, id, core.now(), audit)
        .await?;
    match retired {
        RetireSecret::Done => {
            core.store.forget();
            Ok(())
        }
        RetireSecret::NotFound => Err(Refusal::new(&rules::NOT_FOUND).into()),
        RetireSecret::Last => Err(Refusal::new(&rules::SECRET_LAST).into()),
    }
}

/// What stands beside a field that only administrators change.
const ADMINISTRATORS_ONLY: &str = "Only an administrator can change this.";

/// What may become of an application: what is only an administrator's to decide is an error of
/// its field, beside the other ones.
fn allowed<T>(permitted: Result<T, Forbidden>, mut errors: FieldErrors) -> Result<T, FieldErrors> {
    match permitted {
        Ok(value) => errors.or(value),
        Err(forbidden) => {
            for field in forbidden.0 {
                errors.say(field, ADMINISTRATORS_ONLY);
            }
            Err(errors)
        }
    }
}

/// Who changes what, for the audit log.
fn entry(core: &Core, by: By<'_>, client_id: &str, kind: AuditKind, detail: &str) -> AuditEntry {
    let (actor_id, detail) = by.audited(detail);
    core.audit_entry(AuditEvent {
        kind,
        actor_id,
        user_id: None,
        client_id: Some(client_id.to_owned()),
        detail,
    })
}
