//! A forgotten password: a link goes to the address of the account, and sets a new password once.
//!
//! Nothing here tells who has an account: an unknown name gets the same answer after the same time.

use std::time::Duration;

use contract::wire::audit::AuditKind;
use contract::wire::session::{ForgotPassword, ResetPassword};
use contract::{routes, rules};
use tokio::time::Instant;

use super::by::By;
use super::form::FormFailure;
use super::mail::compose;
use super::sign_in::too_many_attempts;
use crate::crypto::hash::credential_hash;
use crate::crypto::password::Caller;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::field_errors::FieldErrors;
use crate::domain::mail::{LinkPurpose, MailContent, RESET_LIFETIME};
use crate::domain::password;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::state::{App, Core};
use crate::store::{AuditEvent, LinkUse, NewLink};
use crate::urls::PublicUrl;

/// Every answer takes this long: finding and writing take less, and finding nothing takes less
/// still.
const ANSWER_AFTER: Duration = Duration::from_millis(250);

/// Sends a link to the address of this account, if there is one.
///
/// # Errors
/// `too-many-attempts`, by network; the database fails.
pub async fn forgot(state: &App, from: PeerAddress, form: &ForgotPassword) -> Result<(), Error> {
    let answer_at = Instant::now() + ANSWER_AFTER;
    let quota = &state.limits.password_resets;
    quota
        .take(from.0, None, state.now())
        .map_err(too_many_attempts)?;
    let found = state.store.user_by_login(&form.username).await?;
    if let Some((user, _)) = found.filter(|(user, _)| user.disabled_at.is_none()) {
        let (link, url) = make_link(state, &state.url.join(routes::RESET), &user);
        let content = MailContent::PasswordReset {
            username: user.username.clone(),
            link: url,
        };
        let mail = compose(state, &user, &content)?;
        state.store.insert_link(link, Some(mail), None).await?;
        state.mails.notify_one();
    }
    tokio::time::sleep_until(answer_at).await;
    Ok(())
}

/// A link for an administrator to hand over; no mail is written.
///
/// # Errors
/// `role-required`; the database fails.
pub async fn link_for(
    core: &Core,
    url: &PublicUrl,
    by: By<'_>,
    user: &User,
) -> Result<String, Error> {
    if !by.is_administrator() {
        return Err(Refusal::new(&rules::ROLE_REQUIRED).into());
    }
    let (actor_id, detail) = by.audited("");
    let audit = core.audit_entry(AuditEvent {
        kind: AuditKind::UserResetLinkMade,
        actor_id,
        user_id: Some(user.id),
        client_id: None,
        detail,
    });
    let (link, url) = make_link(core, &url.join(routes::RESET), user);
    core.store.insert_link(link, None, Some(audit)).await?;
    Ok(url)
}

fn make_link(core: &Core, reset_page: &str, user: &User) -> (NewLink, String) {
    let now = core.now();
    let credential = core.random.credential(CredentialKind::Link, now);
    let link = NewLink {
        id: credential.id,
        secret_hash: credential_hash(&credential),
        purpose: LinkPurpose::PasswordReset,
        user_id: user.id,
        email: user.email.clone(),
        now,
        expires_at: now + RESET_LIFETIME,
    };
    (link, format!("{reset_page}?token={}", credential.reveal()))
}

/// Whose password this link may set.
///
/// # Errors
/// `link-used`, whatever is wrong with it; the database fails.
pub async fn user_of(state: &App, token: &str) -> Result<User, Error> {
    let link = parse(token, state.now())?;
    let user = state.store.user_of_link(&link).await?;
    user.ok_or_else(|| Refusal::new(&rules::LINK_USED).into())
}

/// Sets a new password by a link. Every session and every token of the person ends.
///
/// # Errors
/// `link-used`; field `password`; the database fails.
pub async fn reset(state: &App, form: &ResetPassword) -> Result<(), FormFailure> {
    let user = user_of(state, &form.token).await?;
    let mut errors = FieldErrors::default();
    if let Err(rule) = password::check(&form.password, &[&user.username, &user.email]) {
        errors.add("password", rule);
    }
    errors.or(())?;
    let hash = state.passwords.hash(&form.password, Caller::Known).await?;
    let now = state.now();
    let content = MailContent::PasswordChanged {
        username: user.username.clone(),
        at: now.rfc3339(),
    };
    let mail = compose(state, &user, &content)?;
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::UserPasswordReset,
        actor_id: Some(user.id),
        user_id: Some(user.id),
        client_id: None,
        detail: String::new(),
    });
    let link = parse(&form.token, now)?;
    let ended = state
        .store
        .reset_password(link, hash, Some(mail), audit)
        .await?
        .ok_or_else(|| Refusal::new(&rules::LINK_USED))?;
    state.sessions_ended(ended);
    state.mails.notify_one();
    Ok(())
}

fn parse(token: &str, now: Timestamp) -> Result<LinkUse, Refusal> {
    let credential = Credential::parse(CredentialKind::Link, token)
        .ok_or_else(|| Refusal::new(&rules::LINK_USED))?;
    Ok(LinkUse {
        id: credential.id,
        secret_hash: credential_hash(&credential),
        purpose: LinkPurpose::PasswordReset,
        now,
    })
}
