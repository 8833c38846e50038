//! `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4, §3.5): the device asks whether
//! its user has decided.
//!
//! Waiting is no fault: it is answered without a step in the trace, but for the first poll and
//! the first one that comes too fast. An approved code is redeemed however fast it is polled.
//!
//! A code is redeemed once. A poll after that gets nothing, and ends nothing: a device that polls
//! twice at a time, or whose answer was lost, must not throw its user out. A device code never
//! travels through a browser, so its replay says less than that of an authorization code, for
//! which RFC 6749 §4.1.2 asks for more.

use axum::response::Response;
use contract::rules;
use contract::wire::audit::AuditKind;
use contract::wire::flow::{FlowOutcome, StepName, StepOutcome};

use super::access_token::AccessTokenSpec;
use super::response::{TokenPair, issued};
use crate::crypto::hash::{credential_hash, equal};
use crate::domain::client::{Client, GrantType};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::device::{Approval, DeviceCode, POLL_SECONDS, Status};
use crate::domain::grant::Grant;
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::params::Params;
use crate::http::response::{oauth_error, private_json};
use crate::oauth::endpoint::ClientRequest;
use crate::services::flow::Trace;
use crate::state::App;
use crate::store::{AuditEvent, Polled};

const REQUEST: &str = "POST /o/token";

pub(super) async fn poll(state: &App, request: &ClientRequest) -> Result<Response, Error> {
    let ClientRequest { client, params, .. } = request;
    // A status only goes forward, so this comes to an end.
    loop {
        let device = find(state, client, params).await?;
        let refuse = |rule| Refusal::new(rule).in_flow(device.id);
        if device.status == Status::Redeemed {
            return Err(replayed(state, &device).await);
        }
        if device.is_expired(state.now()) {
            return Err(refuse(&rules::DEVICE_CODE_EXPIRED).into());
        }
        let answer = match &device.status {
            Status::Denied => Some(denied(state, &device)),
            Status::Pending => wait(state, &device).await?,
            Status::Approved(approval) => redeem(state, request, &device, approval).await?,
            Status::Redeemed => None,
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}

/// The device code, if it is one and this client's. Nothing is changed by looking.
async fn find(state: &App, client: &Client, params: &Params) -> Result<DeviceCode, Error> {
    let sent = params
        .get("device_code")
        .ok_or_else(|| Refusal::new(&rules::DEVICE_CODE_MISSING))?;
    let unknown = || Refusal::new(&rules::DEVICE_CODE_UNKNOWN);
    let credential = Credential::parse(CredentialKind::DeviceCode, sent).ok_or_else(unknown)?;
    let device = state
        .store
        .find_device_code(credential.id)
        .await?
        .filter(|device| equal(&credential_hash(&credential), &device.secret_hash))
        .ok_or_else(unknown)?;
    if device.client_id != client.client_id {
        return Err(Refusal::new(&rules::DEVICE_CODE_OTHER_CLIENT).into());
    }
    Ok(device)
}

fn denied(state: &App, device: &DeviceCode) -> Response {
    let refusal = Refusal::new(&rules::DEVICE_ACCESS_DENIED);
    let now = state.now();
    let mut trace = Trace::resume(device.id);
    trace.client(&device.client_id);
    trace.refused(StepName::Token, REQUEST, &refusal, now);
    trace.outcome(FlowOutcome::Denied);
    trace.write(state, now);
    oauth_error(&refusal, &state.url)
}

/// The answer to a device that has to wait; `None` when the user has decided meanwhile.
async fn wait(state: &App, device: &DeviceCode) -> Result<Option<Response>, Error> {
    let now = state.now();
    let (rule, step) = match state.store.poll_device_code(device.id, now).await? {
        Polled::InTime => {
            let first = device.polled_at.is_none();
            (
                &rules::AUTHORIZATION_PENDING,
                first.then_some(StepName::Token),
            )
        }
        Polled::TooFast => {
            let first = device.poll_interval == POLL_SECONDS;
            (&rules::SLOW_DOWN, first.then_some(StepName::PolledTooFast))
        }
        Polled::NoLongerPending => return Ok(None),
    };
    if let Some(step) = step {
        let mut trace = Trace::resume(device.id);
        trace.step(step, REQUEST, StepOutcome::Waiting, now);
        trace.write(state, now);
    }
    Ok(Some(oauth_error(&Refusal::new(rule), &state.url)))
}

/// The tokens; `None` when the code was redeemed or taken back at this very moment.
async fn redeem(
    state: &App,
    request: &ClientRequest,
    device: &DeviceCode,
    approval: &Approval,
) -> Result<Option<Response>, Error> {
    let ClientRequest { client, params, .. } = request;
    let target = AccessTokenSpec::of_grant(
        state,
        client,
        params,
        device.scopes.clone(),
        &device.resources,
    )
    .await?;
    let user = live_user(state, device, approval).await?;
    let now = state.now();
    let mut grant = Grant {
        id: device.id,
        client_id: device.client_id.clone(),
        user_id: approval.user_id,
        session_id: approval.session_id,
        scopes: device.scopes.clone(),
        resources: device.resources.clone(),
        nonce: None,
        auth_time: approval.auth_time,
        amr: approval.amr.clone(),
        created_at: now,
        expires_at: now,
        revoked_at: None,
    };
    let pair = TokenPair::new(state, client, &grant, target, now)?;
    grant.expires_at = pair.expires_at();
    let answer = pair.answer(state, client, &grant, &user, None, now)?;
    let refresh = pair.refresh.map(|(token, _)| token);
    if !state
        .store
        .redeem_device_code(now, grant, pair.access, refresh)
        .await?
    {
        return Ok(None);
    }
    let mut trace = Trace::resume(device.id);
    trace.step(StepName::Token, REQUEST, StepOutcome::Ok, now);
    issued(&mut trace, GrantType::DeviceCode, &user, &answer);
    trace.outcome(FlowOutcome::Redeemed);
    trace.write(state, now);
    Ok(Some(private_json(answer)))
}

async fn live_user(state: &App, device: &DeviceCode, approval: &Approval) -> Result<User, Error> {
    let gone = || Refusal::new(&rules::USER_GONE).in_flow(device.id);
    let user = state.store.user_by_id(approval.user_id).await?;
    let user = user.filter(|user| user.disabled_at.is_none());
    user.ok_or_else(|| gone().into())
}

/// Said once in the audit log, however often it is polled; what the code brought goes on.
async fn replayed(state: &App, device: &DeviceCode) -> Error {
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::DeviceCodeReplayed,
        actor_id: None,
        user_id: device.user_id,
        client_id: Some(device.client_id.clone()),
        detail: format!("grant {} goes on", device.id),
    });
    match state.store.note_device_replay(device.id, audit).await {
        Ok(_) => Refusal::new(&rules::DEVICE_CODE_REPLAYED)
            .in_flow(device.id)
            .into(),
        Err(error) => error.into(),
    }
}
