//! The request behind a `request_uri` (RFC 9126 §4).

use contract::rules;
use uuid::Uuid;

use crate::crypto::hash::{credential_hash, equal};
use crate::domain::client::Client;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::params::Params;
use crate::state::App;

/// What stands before the random part (RFC 9126 §2.2).
pub(crate) const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";

/// A request that its client pushed.
pub(super) struct Pushed {
    /// The id of its flow, which began when it was pushed.
    pub(super) flow_id: Uuid,
    pub(super) params: Params,
}

/// The pushed request that `request_uri` names, if it names one. Whatever else the browser
/// brought counts for nothing then: only what was pushed has come from the client for sure.
///
/// It counts until its flow has a code, so that a page that is loaded again is no error
/// (RFC 9126 §4: reloads are why servers may take one more than once). Its flow has one code
/// however often it begins: the code has the id of the flow.
///
/// # Errors
/// `request-uri-unsupported` for an address that is not ours; `pushed-request-unknown` for one
/// that is not this client's, which leaves it to its own; `pushed-request-expired`,
/// `pushed-request-used`; the database fails.
pub(super) async fn resolve(
    state: &App,
    params: &Params,
    client: &Client,
) -> Result<Option<Pushed>, Error> {
    let Some(uri) = params.once("request_uri")? else {
        return Ok(None);
    };
    let text = uri
        .strip_prefix(REQUEST_URI)
        .ok_or_else(|| Refusal::new(&rules::REQUEST_URI_UNSUPPORTED))?;
    let unknown = || Refusal::new(&rules::PUSHED_REQUEST_UNKNOWN);
    let credential = Credential::parse(CredentialKind::PushedRequest, text).ok_or_else(unknown)?;
    let found = state.store.find_pushed_request(credential.id).await?;
    let request = found
        .filter(|found| equal(&found.secret_hash, &credential_hash(&credential)))
        .filter(|found| found.client_id == client.client_id)
        .ok_or_else(unknown)?;
    let now = state.now();
    if now >= request.expires_at {
        return Err(Refusal::new(&rules::PUSHED_REQUEST_EXPIRED).into());
    }
    let params = Params::parse(request.parameters.as_bytes())?;
    // Codes are kept for longer than pushed requests count.
    if state.store.find_code(request.id).await?.is_some() {
        return Err(Refusal::new(&rules::PUSHED_REQUEST_USED).into());
    }
    Ok(Some(Pushed {
        flow_id: request.id,
        params,
    }))
}
