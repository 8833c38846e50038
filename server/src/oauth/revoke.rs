//! `/o/revoke_token` (RFC 7009).

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use contract::wire::audit::AuditKind;
use contract::{routes, rules};
use serde_json::json;
use uuid::Uuid;

use super::access_token;
use super::endpoint::{ClientRequest, run};
use super::methods::Cors;
use super::token::source;
use crate::domain::grant::RefreshToken;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::response::private_json;
use crate::state::AppState;
use crate::store::{AuditEvent, RevocationReason};

pub(super) async fn handle(State(state): State<AppState>, request: Request<Body>) -> Response {
    run(
        &state,
        request,
        routes::REVOKE,
        Cors::ClientOrigins,
        async |request| revoke(&state, request).await,
    )
    .await
}

/// Ends a token and, if it came of a grant, the whole family (RFC 7009 §2.1). An unknown token and
/// a token of another client get the same answer, and neither is changed (§2.2). The token's form
/// says what kind it is, so `token_type_hint` has nothing to add.
async fn revoke(state: &AppState, request: ClientRequest) -> Result<Response, Error> {
    let text = request
        .params
        .get("token")
        .ok_or_else(|| Refusal::new(&rules::TOKEN_MISSING))?;
    let client_id = &request.client.client_id;
    if let Some(credential) = source::parse::<RefreshToken>(text) {
        let found = source::find_own::<RefreshToken>(state, &request.client, &credential).await?;
        if let Some(token) = found {
            end(state, token.grant_id, client_id).await?;
        }
    } else {
        let found = access_token::lookup(state, text)
            .await?
            .map(|found| found.token);
        let found = found.filter(|token| token.client_id == *client_id);
        match found.map(|token| (token.id, token.grant_id)) {
            Some((_, Some(grant_id))) => end(state, grant_id, client_id).await?,
            Some((id, None)) => state.store.revoke_access_token(id, state.now()).await?,
            None => {}
        }
    }
    // RFC 7009 §2.2 asks for no body; client libraries read one all the same.
    Ok(private_json(json!({})))
}

async fn end(state: &AppState, grant_id: Uuid, client_id: &str) -> Result<(), Error> {
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::GrantRevoked,
        actor_id: None,
        user_id: None,
        client_id: Some(client_id.to_owned()),
        detail: format!("grant {grant_id} ended"),
    });
    state
        .store
        .revoke_grant(grant_id, RevocationReason::Revoked, state.now(), audit)
        .await?;
    Ok(())
}
