//! The first administrator, created with the link in the server's output.
//!
//! The token of the link is derived from the secret key and a random fact of this database. So all
//! servers with this key and database print the same link, nothing has to be stored, and a new
//! database has a new link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::routes;
use contract::rules;
use contract::wire::session::{CreateAdministrator, Role};

pub use super::form::FormFailure as SetupFailure;
use super::users::{self, NewPerson};
use crate::crypto::hash::equal;
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::App;
use crate::store::StoreError;

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
    let new = NewPerson {
        username: &form.username,
        email: &form.email,
        email_verified: false,
        role: Role::Admin,
        password: &form.password,
    };
    let user = users::create_first(state, &state.passwords, &new).await?;
    user.ok_or_else(|| Refusal::new(&rules::SETUP_DONE).into())
}
