//! `/o/device-authorization` (RFC 8628 §3.1, §3.2): a device asks for a code that a person types
//! in somewhere else.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use contract::wire::flow::{StepName, StepOutcome};
use contract::{routes, rules};
use serde::Serialize;

use super::endpoint::{ClientRequest, run};
use super::methods::Cors;
use crate::crypto::hash::credential_hash;
use crate::crypto::user_code;
use crate::domain::client::GrantType;
use crate::domain::credential::CredentialKind;
use crate::domain::device::{DEVICE_CODE_LIFETIME, DeviceCode, POLL_SECONDS, Status, UserCode};
use crate::domain::redirect_uri::with_query;
use crate::domain::refusal::Refusal;
use crate::domain::scope::GrantSubject;
use crate::domain::time::seconds;
use crate::error::Error;
use crate::http::response::private_json;
use crate::services::flow::{Checks, Trace};
use crate::services::resource;
use crate::state::AppState;

/// With a million codes alive, the next one is taken once in 25 000 times.
const TRIES: usize = 5;

/// RFC 8628 §3.2.
#[derive(Serialize)]
struct DeviceAuthorizationResponse {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// Seconds.
    expires_in: i64,
    /// Seconds.
    interval: i64,
}

pub(super) async fn handle(State(state): State<AppState>, request: Request<Body>) -> Response {
    run(
        &state,
        request,
        routes::DEVICE_AUTHORIZATION,
        Cors::ClientOrigins,
        async |request| issue(&state, request).await,
    )
    .await
}

async fn issue(state: &AppState, request: ClientRequest) -> Result<Response, Error> {
    let ClientRequest { client, params, .. } = &request;
    if !client.holds(GrantType::DeviceCode) {
        let held = client.settings.grant_types.iter();
        return Err(Refusal::new(&rules::GRANT_TYPE_NOT_ALLOWED)
            .expected_all(held.map(|grant| grant.name().to_owned()))
            .received(GrantType::DeviceCode.name())
            .into());
    }
    let now = state.now();
    request.take(
        &state.limits.device_requests,
        &rules::DEVICE_REQUEST_QUOTA,
        now,
    )?;
    // Frozen now: what the application's settings say later changes nothing of this request.
    let asked = resource::requested_access(state, params, client, GrantSubject::User).await?;
    let credential = state.random.credential(CredentialKind::DeviceCode, now);
    let mut device = DeviceCode {
        id: credential.id,
        secret_hash: credential_hash(&credential),
        user_code_hash: [0; 32],
        client_id: client.client_id.clone(),
        scopes: asked.scopes,
        resources: asked.resources,
        status: Status::Pending,
        poll_interval: POLL_SECONDS,
        polled_at: None,
        user_id: None,
        created_at: now,
        expires_at: now + DEVICE_CODE_LIFETIME,
    };
    let user_code = 'made: {
        for _ in 0..TRIES {
            let code = UserCode::generate(|| state.random.bytes());
            device.user_code_hash = user_code::hash(&state.secret_key, &code);
            if state.store.insert_device_code(device.clone(), now).await? {
                break 'made code;
            }
        }
        tracing::error!("no user code is free");
        return Err(Error::Busy);
    };
    let mut trace = Trace::begin(device.id);
    trace.client(&client.client_id);
    let line = format!("POST {}", routes::DEVICE_AUTHORIZATION);
    trace.step(StepName::DeviceRequest, &line, StepOutcome::Ok, now);
    trace.parameters(Checks::DeviceAuthorization, params, None);
    trace.ignored_scopes(&asked.ignored);
    trace.write(state, now);
    let page = state.url.join(routes::DEVICE);
    let user_code = user_code.to_string();
    Ok(private_json(DeviceAuthorizationResponse {
        device_code: credential.reveal(),
        verification_uri_complete: with_query(&page, &[("user_code", &user_code)]),
        user_code,
        verification_uri: page,
        expires_in: seconds(DEVICE_CODE_LIFETIME),
        interval: POLL_SECONDS,
    }))
}
