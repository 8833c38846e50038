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
use super::response::{REQUEST, Redemption, redeemed};
use super::source;
use crate::domain::client::GrantType;
use crate::domain::device::{Approval, DeviceCode, POLL_SECONDS, Status};
use crate::domain::grant::Grant;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::response::oauth_error;
use crate::oauth::endpoint::ClientRequest;
use crate::services::flow::Trace;
use crate::state::App;
use crate::store::{AuditEvent, Polled};

pub(super) async fn poll(state: &App, request: &ClientRequest) -> Result<Response, Error> {
    // A status only goes forward, so this comes to an end.
    loop {
        let (_, device) = source::load::<DeviceCode>(state, request).await?;
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
    let user = state.store.user_by_id(approval.user_id).await?;
    let user = source::live(user).map_err(|gone| gone.in_flow(device.id))?;
    let now = state.now();
    let grant = Grant::from_device(device, approval, now);
    let made = Redemption::new(state, client, grant, &user, target, now)?;
    if !state
        .store
        .redeem_device_code(now, made.grant, made.access, made.refresh)
        .await?
    {
        return Ok(None);
    }
    let grant_type = GrantType::DeviceCode;
    let response = redeemed(state, device.id, grant_type, &user, made.response, now);
    Ok(Some(response))
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
