//! Which flow a refused request at the token endpoint belongs to, when the refusal itself does not
//! say: the flow of the code or token that the request carries.
//!
//! A wrong secret beside a right code is a step of that flow, not a flow of its own. Only a request
//! that holds the credential joins a flow, and only a flow of the client that it names.

use contract::routes;
use uuid::Uuid;

use crate::crypto::hash::{credential_hash, equal};
use crate::domain::client::Client;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::device::Status;
use crate::domain::grant::SecretHash;
use crate::http::params::Params;
use crate::state::App;
use crate::store::StoreError;

/// A flow that was begun by an earlier request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) id: Uuid,
    /// Its code was used, or its person has denied: one more refusal changes nothing of how it
    /// stands.
    pub(super) over: bool,
}

/// The flow, if there is one. A database that fails is none: a trace is a hint.
pub(super) async fn flow(
    state: &App,
    client: &Client,
    params: &Params,
    path: &str,
) -> Option<Joined> {
    if path != routes::TOKEN {
        return None;
    }
    let found = Box::pin(find(state, client, params)).await;
    found.ok().flatten()
}

async fn find(state: &App, client: &Client, params: &Params) -> Result<Option<Joined>, StoreError> {
    let sent = |name: &str, kind: CredentialKind| Credential::parse(kind, params.get(name)?);
    let is = |credential: &Credential, hash: &SecretHash, client_id: &str| {
        equal(&credential_hash(credential), hash) && client_id == client.client_id
    };
    if let Some(code) = sent("code", CredentialKind::AuthorizationCode) {
        let found = state.store.find_code(code.id).await?;
        let found = found.filter(|(row, _)| {
            is(&code, &row.secret_hash, &row.client_id) && row.created_at >= client.created_at
        });
        return Ok(found.map(|(row, _)| Joined {
            id: row.id,
            over: row.consumed_at.is_some(),
        }));
    }
    if let Some(token) = sent("refresh_token", CredentialKind::RefreshToken) {
        let found = state.store.find_refresh_token(token.id).await?;
        let found = found.filter(|(row, _)| {
            is(&token, &row.secret_hash, &row.client_id) && row.created_at >= client.created_at
        });
        return Ok(found.map(|(row, _)| Joined {
            id: row.grant_id,
            over: true,
        }));
    }
    if let Some(device) = sent("device_code", CredentialKind::DeviceCode) {
        let found = state.store.find_device_code(device.id).await?;
        let found = found.filter(|row| {
            is(&device, &row.secret_hash, &row.client_id) && row.created_at >= client.created_at
        });
        return Ok(found.map(|row| Joined {
            id: row.id,
            over: matches!(row.status, Status::Redeemed | Status::Denied),
        }));
    }
    Ok(None)
}
