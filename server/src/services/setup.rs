//! The first administrator, created with the link in the server's output.
//!
//! The token of the link is derived from the secret key and a random fact of this database. So all
//! servers with this key and database print the same link, nothing has to be stored, and a new
//! database has a new link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::routes;
use contract::rules;
use contract::wire::audit::AuditKind;
use contract::wire::session::{CreateAdministrator, Role};

use super::form::FieldErrors;
pub use super::form::FormFailure as SetupFailure;
use crate::crypto::hash::equal;
use crate::crypto::password::Caller;
use crate::domain::password;
use crate::domain::refusal::Refusal;
use crate::domain::user::{User, valid_email, valid_username};
use crate::error::Error;
use crate::state::App;
use crate::store::{AuditEvent, NewUser, StoreError};

/// The name of the random fact in the database.
const INSTANCE_ID: &str = "instance_id";

/// The token that the setup link carries.
///
/// # Errors
/// The database fails.
pub async fn setup_token(state: &App) -> Result<String, StoreError> {
    let fresh = URL_SAFE_NO_PAD.encode(state.random.bytes::<16>());
    let instance_id = state.store.set_if_absent(INSTANCE_ID, &fresh).await?;
    let token = state.secret_key.derive(&format!("setup {instance_id}"));
    Ok(URL_SAFE_NO_PAD.encode(token))
}

/// The link to print at start; `None` when there is a user already.
///
/// # Errors
/// The database fails.
pub async fn setup_link(state: &App) -> Result<Option<String>, StoreError> {
    if state.store.count_users().await? > 0 {
        return Ok(None);
    }
    let token = setup_token(state).await?;
    Ok(Some(
        state.url.join(&format!("{}?token={token}", routes::SETUP)),
    ))
}

/// Whether this token opens the setup page now.
///
/// # Errors
/// `setup-done`, also for a wrong token: who guesses learns nothing; the database fails.
pub async fn check_token(state: &App, token: &str) -> Result<(), Error> {
    let right = setup_token(state).await?;
    if !equal(token.as_bytes(), right.as_bytes()) || state.store.count_users().await? > 0 {
        return Err(Refusal::new(&rules::SETUP_DONE).into());
    }
    Ok(())
}

/// Makes the first administrator. Of two at once, one wins.
///
/// # Errors
/// `setup-done`; fields `username`, `email`, `password`; the database fails.
pub async fn create_administrator(
    state: &App,
    form: &CreateAdministrator,
) -> Result<User, SetupFailure> {
    check_token(state, &form.token).await?;
    check_fields(form)?;
    let password_hash = state.passwords.hash(&form.password, Caller::Known).await?;
    let now = state.now();
    let new = NewUser {
        id: state.random.uuid(now),
        username: form.username.clone(),
        email: form.email.clone(),
        email_verified: false,
        role: Role::Admin,
        password_hash,
        now,
    };
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::UserFirstCreated,
        actor_id: Some(new.id),
        user_id: Some(new.id),
        client_id: None,
        detail: String::new(),
    });
    let user = state.store.insert_first_admin(new, audit).await?;
    user.ok_or_else(|| Refusal::new(&rules::SETUP_DONE).into())
}

fn check_fields(form: &CreateAdministrator) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::default();
    if form.username.is_empty() {
        errors.add("username", &rules::FIELD_REQUIRED);
    } else if !valid_username(&form.username) {
        let form = "At most 64 characters, without @ and without spaces at the ends.";
        errors.add_detail("username", &rules::FIELD_MALFORMED, form);
    }
    if form.email.is_empty() {
        errors.add("email", &rules::FIELD_REQUIRED);
    } else if !valid_email(&form.email) {
        errors.add_detail("email", &rules::FIELD_MALFORMED, "Like ada@example.com.");
    }
    if let Err(rule) = password::check(&form.password, &[&form.username, &form.email]) {
        errors.add("password", rule);
    }
    errors.or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_first_administrator_is_checked() {
        let form = |username: &str, email: &str, password: &str| CreateAdministrator {
            token: String::new(),
            username: username.to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
        };
        let good = form("ada", "ada@example.com", "correct horse battery");
        assert_eq!(check_fields(&good), Ok(()));
        let errors = check_fields(&form("", "ada", "ada")).unwrap_err();
        let fields: Vec<&str> = errors.0.keys().map(String::as_str).collect();
        assert_eq!(fields, ["email", "password", "username"]);
        assert!(check_fields(&form("a\0", "ada@example.com", "correct horse battery")).is_err());
    }
}
