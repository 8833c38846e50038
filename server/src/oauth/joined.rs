//! Which flow a refused request at the token endpoint belongs to, when the refusal itself does not
//! say: the flow of the code or token that the request carries.
//!
//! A wrong secret beside a right code is a step of that flow, not a flow of its own. Only a request
//! that holds the credential joins a flow, and only a flow of the client that it names.

use contract::routes;
use uuid::Uuid;

use super::token::source::{self, CodeAndUser};
use crate::domain::client::Client;
use crate::domain::device::{DeviceCode, Status};
use crate::domain::grant::RefreshToken;
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
    if let Some(sent) = source::sent::<CodeAndUser>(params) {
        let found = source::find_own::<CodeAndUser>(state, client, &sent).await?;
        return Ok(found.map(|(code, _)| Joined {
            id: code.id,
            over: code.consumed_at.is_some(),
        }));
    }
    if let Some(sent) = source::sent::<RefreshToken>(params) {
        let found = source::find_own::<RefreshToken>(state, client, &sent).await?;
        return Ok(found.map(|token| Joined {
            id: token.grant_id,
            over: true,
        }));
    }
    if let Some(sent) = source::sent::<DeviceCode>(params) {
        let found = source::find_own::<DeviceCode>(state, client, &sent).await?;
        return Ok(found.map(|device| Joined {
            id: device.id,
            over: matches!(device.status, Status::Redeemed | Status::Denied),
        }));
    }
    Ok(None)
}
