//! Who may change what of a client: one rule behind the API, the command line and registration.
//!
//! What an administrator has decided is not undone by the owner, and what was trusted is trusted
//! no longer when it becomes something else. To add a setting: its row in [`changes`], which does
//! not compile without it.

use uuid::Uuid;

use super::{AuthMethod, Client, GrantType, Settings};

/// Who changes a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An administrator, or the operator on the command line.
    Administrator,
    Owner,
    /// The client itself: by its registration (RFC 7592 §2.2), or by its metadata document.
    Itself,
}

/// All of a client that can be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Editable {
    pub settings: Settings,
    pub enabled: bool,
    pub owner_id: Uuid,
}

impl Editable {
    pub fn of(client: &Client) -> Self {
        Self {
            settings: client.settings.clone(),
            enabled: client.is_enabled(),
            owner_id: client.owner_id,
        }
    }
}

/// The fields that only an administrator decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden(pub Vec<&'static str>);

/// Who decides a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DecidedBy {
    Administrator,
    /// The owner; but it is a part of what an administrator trusted to skip consent.
    OwnerUntrusted,
    Owner,
}

/// The client as it may become.
///
/// # Errors
/// The fields that this actor must not change.
pub fn permitted(
    actor: Actor,
    before: &Editable,
    mut after: Editable,
) -> Result<Editable, Forbidden> {
    if actor == Actor::Administrator {
        return Ok(after);
    }
    let changes = changes(&before.settings, &after.settings);
    let mut forbidden: Vec<&'static str> = changes
        .iter()
        .filter(|(_, by)| *by == DecidedBy::Administrator)
        .map(|(field, _)| *field)
        .collect();
    if after.enabled && !before.enabled {
        forbidden.push("disabled");
    }
    if after.owner_id != before.owner_id {
        forbidden.push("owner");
    }
    if !forbidden.is_empty() {
        return Err(Forbidden(forbidden));
    }
    if changes
        .iter()
        .any(|(_, by)| *by == DecidedBy::OwnerUntrusted)
    {
        after.settings.skip_consent = false;
    }
    Ok(after)
}

/// The settings of a client that is new, as this actor may choose them: measured against one of
/// which an administrator has decided nothing.
///
/// # Errors
/// The fields that this actor must not choose.
pub fn permitted_at_first(actor: Actor, settings: Settings) -> Result<Settings, Forbidden> {
    let undecided = Settings {
        skip_consent: false,
        resources: None,
        ..settings.clone()
    };
    let new = |settings| Editable {
        settings,
        enabled: true,
        owner_id: Uuid::nil(),
    };
    permitted(actor, &new(undecided), new(settings)).map(|new| new.settings)
}

/// Whether this actor may delete the client: a client that was stopped is not gone, and could
/// come back as another one.
pub fn may_delete(actor: Actor, client: &Client) -> bool {
    actor == Actor::Administrator || client.is_enabled()
}

/// What differs, by its name in the API, and who decides it.
fn changes(before: &Settings, after: &Settings) -> Vec<(&'static str, DecidedBy)> {
    use DecidedBy::{Administrator, Owner, OwnerUntrusted};

    let Settings {
        name,
        client_type,
        grant_types,
        redirect_uris,
        post_logout_redirect_uris,
        allowed_origins,
        scopes,
        optional_scopes,
        require_pkce,
        skip_consent,
        access_token_format,
        access_token_lifetime,
        refresh_token_lifetime,
        refresh_reuse_window,
        id_token_alg,
        token_endpoint_auth_method: auth_method,
        jwks,
        jwks_uri,
        backchannel_logout_uri,
        backchannel_logout_session_required,
        require_pushed_requests,
        resources,
    } = before;
    let gained = |grant: &GrantType| !grant_types.contains(grant);
    let signs = |method: Option<AuthMethod>| method == Some(AuthMethod::PrivateKeyJwt);
    [
        // Giving it up is free.
        (
            "skip_consent",
            Administrator,
            after.skip_consent && !skip_consent,
        ),
        ("resources", Administrator, after.resources != *resources),
        ("name", OwnerUntrusted, after.name != *name),
        (
            "redirect_uris",
            OwnerUntrusted,
            after.redirect_uris != *redirect_uris,
        ),
        ("scopes", OwnerUntrusted, after.scopes != *scopes),
        ("jwks", OwnerUntrusted, after.jwks != *jwks),
        ("jwks_uri", OwnerUntrusted, after.jwks_uri != *jwks_uri),
        (
            "client_type",
            OwnerUntrusted,
            after.client_type != *client_type,
        ),
        (
            "grant_types",
            OwnerUntrusted,
            after.grant_types.iter().any(gained),
        ),
        // Its keys are of no use to a client that signs no longer.
        (
            "token_endpoint_auth_method",
            OwnerUntrusted,
            signs(after.token_endpoint_auth_method) != signs(*auth_method),
        ),
        (
            "post_logout_redirect_uris",
            Owner,
            after.post_logout_redirect_uris != *post_logout_redirect_uris,
        ),
        (
            "allowed_origins",
            Owner,
            after.allowed_origins != *allowed_origins,
        ),
        (
            "optional_scopes",
            Owner,
            after.optional_scopes != *optional_scopes,
        ),
        ("require_pkce", Owner, after.require_pkce != *require_pkce),
        (
            "access_token_format",
            Owner,
            after.access_token_format != *access_token_format,
        ),
        (
            "access_token_lifetime",
            Owner,
            after.access_token_lifetime != *access_token_lifetime,
        ),
        (
            "refresh_token_lifetime",
            Owner,
            after.refresh_token_lifetime != *refresh_token_lifetime,
        ),
        (
            "refresh_reuse_window",
            Owner,
            after.refresh_reuse_window != *refresh_reuse_window,
        ),
        ("id_token_alg", Owner, after.id_token_alg != *id_token_alg),
        (
            "backchannel_logout_uri",
            Owner,
            after.backchannel_logout_uri != *backchannel_logout_uri,
        ),
        (
            "backchannel_logout_session_required",
            Owner,
            after.backchannel_logout_session_required != *backchannel_logout_session_required,
        ),
        (
            "require_pushed_authorization_requests",
            Owner,
            after.require_pushed_requests != *require_pushed_requests,
        ),
    ]
    .into_iter()
    .filter(|(_, _, changed)| *changed)
    .map(|(field, by, _)| (field, by))
    .collect()
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
