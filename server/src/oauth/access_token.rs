//! Access tokens as they are presented: opaque, or a JWT of ours (RFC 9068). The row decides.

use uuid::Uuid;

use crate::crypto::hash::{credential_hash, equal, sha256};
use crate::crypto::jose;
use crate::domain::client::Client;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::grant::{AccessToken, FoundAccessToken, SecretHash};
use crate::error::Error;
use crate::services::clients;
use crate::state::App;
use std::sync::Arc;

/// Which row an access token names, and what has to stand there.
struct AccessTokenLookup {
    id: Uuid,
    hash: SecretHash,
}

/// What a row holds of a JWT: the hash of all of it, so that nothing but this very token counts.
pub(super) fn jwt_hash(token: &str) -> SecretHash {
    sha256(token.as_bytes())
}

/// `None` for whatever is not an access token in our form.
fn read(state: &App, text: &str) -> Option<AccessTokenLookup> {
    if let Some(credential) = Credential::parse(CredentialKind::AccessToken, text) {
        return Some(AccessTokenLookup {
            id: credential.id,
            hash: credential_hash(&credential),
        });
    }
    // Everything opaque has a prefix; a JWT has two dots.
    if text.bytes().filter(|b| *b == b'.').count() != 2 {
        return None;
    }
    let id = jose::read_access_token(&state.keys(), state.url.issuer(), text, state.now())?;
    Some(AccessTokenLookup {
        id,
        hash: jwt_hash(text),
    })
}

/// The access token, dead or alive, with its grant and its user.
///
/// # Errors
/// The database fails.
pub(super) async fn lookup(state: &App, text: &str) -> Result<Option<FoundAccessToken>, Error> {
    let Some(presented) = read(state, text) else {
        return Ok(None);
    };
    let found = state.store.find_access_token(presented.id).await?;
    Ok(found.filter(|found| equal(&presented.hash, &found.token.secret_hash)))
}

/// The application that an access token was issued to, if what it holds counts: it is not
/// disabled.
///
/// # Errors
/// The database fails.
pub(super) async fn issuing_client(
    state: &App,
    token: &AccessToken,
) -> Result<Option<Arc<Client>>, Error> {
    let found = clients::checked(state, &token.client_id, Client::ensure_enabled).await?;
    Ok(found.and_then(|(client, enabled)| enabled.is_ok().then_some(client)))
}
