//! A person's own account: the password, and the browsers that are signed in.

use contract::wire::audit::AuditKind;
use contract::wire::session::{ChangePassword, SessionInfo};

use super::form::FormFailure;
use super::mail::compose;
use super::sign_in::too_many_attempts;
use crate::crypto::password::Caller;
use crate::domain::field_errors::FieldErrors;
use crate::domain::mail::MailContent;
use crate::domain::password::{self, MAX_BYTES};
use crate::domain::session::{ABSOLUTE_LIFETIME, IDLE_LIFETIME, Session};
use crate::error::Error;
use crate::limits::throttle::ThrottleKey;
use crate::state::App;
use crate::store::{AuditEvent, NewPassword};

/// What stands beside the field of the current password.
const NOT_CURRENT: &str = "That is not your current password.";

/// Sets a new password for the person who knows the current one. Every other browser is signed out.
///
/// # Errors
/// Fields `current_password` and `new_password`; `too-many-attempts`; the database fails.
pub async fn change_password(
    state: &App,
    session: &Session,
    form: &ChangePassword,
) -> Result<(), FormFailure> {
    let user = &session.user;
    let now = state.now();
    let mut errors = FieldErrors::default();
    if let Err(rule) = password::check(&form.new_password, &[&user.username, &user.email]) {
        errors.add("new_password", rule);
    }
    // A count of its own: what others try at the sign-in page does not stop the person here, and
    // a stolen session is no place to guess from.
    let key = ThrottleKey::SignedIn(user.id.to_string());
    let throttle = &state.limits.throttle;
    throttle.begin(&key, None, now).map_err(too_many_attempts)?;
    let fits = form.current_password.len() <= MAX_BYTES;
    let current = if fits {
        form.current_password.as_str()
    } else {
        ""
    };
    let verified = state.store.password_hash(user.id).await?;
    let known = Caller::Known;
    if state
        .passwords
        .verify(current, verified.clone(), known)
        .await?
        && fits
    {
        throttle.succeeded(&key, None);
    } else {
        errors.say("current_password", NOT_CURRENT);
    }
    errors.or(())?;
    let hash = state.passwords.hash(&form.new_password, known).await?;
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::UserPasswordChanged,
        actor_id: Some(user.id),
        user_id: Some(user.id),
        client_id: None,
        detail: String::new(),
    });
    let told = MailContent::PasswordChanged {
        username: user.username.clone(),
        at: now.rfc3339(),
    };
    let new = NewPassword {
        keep: Some(session.sid),
        verified,
        mail: Some(compose(state, user, &told)?),
        ..NewPassword::new(user.id, hash, now)
    };
    let set = state.store.set_password(new, audit).await?;
    if !set {
        // Another one was set meanwhile, which stays.
        let mut errors = FieldErrors::default();
        errors.say("current_password", NOT_CURRENT);
        errors.or(())?;
    }
    state.logouts.notify_one();
    state.mails.notify_one();
    Ok(())
}

/// The browsers in which this person is signed in, the one used last first.
///
/// # Errors
/// The database fails.
pub async fn sessions(state: &App, session: &Session) -> Result<Vec<SessionInfo>, Error> {
    let now = state.now();
    let rows = state.store.list_sessions(session.user.id).await?;
    Ok(rows
        .into_iter()
        // Those that have ended wait for the sweep.
        .filter(|row| {
            now < row.last_seen_at + IDLE_LIFETIME && now < row.created_at + ABSOLUTE_LIFETIME
        })
        .map(|row| SessionInfo {
            id: row.id.to_string(),
            current: row.id == session.id,
            user_agent: row.user_agent,
            created_at: row.created_at.rfc3339(),
            last_seen_at: row.last_seen_at.rfc3339(),
        })
        .collect())
}
