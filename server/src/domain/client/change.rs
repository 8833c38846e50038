//! Who may change what of a client: one rule behind the API, the command line and registration.
//!
//! What an administrator has decided is not undone by the owner, and what was trusted is trusted
//! no longer when it becomes something else. Who decides a setting stands in its row of `settings`.

use uuid::Uuid;

use super::{Client, Settings};

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
pub(super) enum DecidedBy {
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
    let changes = before.settings.changes(&after.settings);
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
    let new = |settings| Editable {
        settings,
        enabled: true,
        owner_id: Uuid::nil(),
    };
    permitted(actor, &new(settings.undecided()), new(settings)).map(|new| new.settings)
}

/// Whether this actor may delete the client: a client that was stopped is not gone, and could
/// come back as another one.
pub fn may_delete(actor: Actor, client: &Client) -> bool {
    actor == Actor::Administrator || client.is_enabled()
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
