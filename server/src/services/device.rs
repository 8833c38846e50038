//! A person and the device that waits for them (RFC 8628 §3.3): what the code that they typed
//! stands for, and their answer. The same for the page's form and for the JSON API.
//!
//! Nothing here is done by following a link: a device is approved by an answer of its own, every
//! time, whatever was consented to before (RFC 8628 §5.4).

use contract::wire::flow::{FactName, FlowOutcome, StepName, StepOutcome};
use std::collections::BTreeMap;
use std::sync::Arc;

use contract::rules;
use contract::wire::consent::Decision;
use contract::wire::device::{DeviceApplication, DeviceDecision, DeviceRequest, DeviceStatus};

use super::clients;
use super::flow::{Trace, shown};
use super::resource;
use super::sign_in::too_many_attempts;
use crate::crypto::user_code;
use crate::domain::client::{Client, GrantType};
use crate::domain::consent::{ConsentAnswer, ConsentQuestion, allowed};
use crate::domain::device::{Approval, DeviceCode, Status, UserCode};
use crate::domain::refusal::Refusal;
use crate::domain::resource::still_held;
use crate::domain::session::Session;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::limits::throttle::ThrottleKey;
use crate::state::App;
use crate::store::Approved;

/// What the page shows.
///
/// # Errors
/// `user-code-unknown`, `user-code-expired`, `user-code-used`, `too-many-attempts`; the database
/// fails.
pub async fn ask(
    state: &App,
    session: &Session,
    address: PeerAddress,
    typed: &str,
) -> Result<DeviceRequest, Error> {
    let (code, device, client) = find(state, session, address, typed).await?;
    let answered = state
        .store
        .consents_to(session.user.id, &client.client_id)
        .await?;
    let question = ConsentQuestion {
        resources: &device.resources,
        shown: &seen(&client),
        unchanged_since: client.updated_at,
    };
    let standing = question.standing(&answered);
    let known = resource::known(state, &device.resources).await?;
    Ok(DeviceRequest {
        application: DeviceApplication {
            name: client.settings.name.clone(),
            client_id: client.client_id.clone(),
            host: shown::host_without_redirect(&client),
            checked: shown::is_checked(&client),
            registered_at: shown::registered_at(&client),
        },
        user: session.user.to_wire(),
        scopes: shown::scopes(
            device.scopes.iter(),
            &device.resources,
            &known,
            &client.settings.optional_scopes,
            standing.as_deref().unwrap_or_default(),
        ),
        resources: shown::resources(&device.resources, &known),
        user_code: code.to_string(),
    })
}

/// Takes the answer.
///
/// # Errors
/// Those of [`ask`]; `session-required` when the person signs out in this very moment.
pub async fn answer(
    state: &App,
    session: &Session,
    address: PeerAddress,
    decision: &DeviceDecision,
) -> Result<DeviceStatus, Error> {
    let (_, device, client) = find(state, session, address, &decision.user_code).await?;
    let optional = &client.settings.optional_scopes;
    let granted = allowed(&device.scopes, optional, decision.scopes.as_deref());
    // A user who unticks everything has denied.
    let nothing = granted.is_empty() && !device.scopes.is_empty();
    let now = state.now();
    let mut trace = Trace::resume(device.id);
    trace.user(session.user.id);
    let (decided, status) = if decision.decision == Decision::Deny || nothing {
        let refusal = Refusal::new(&rules::DEVICE_ACCESS_DENIED);
        trace.refused(StepName::Consent, "", &refusal, now);
        trace.outcome(FlowOutcome::Denied);
        let denied = state.store.deny_device(device.id, session.user.id, now);
        (denied.await?, DeviceStatus::Denied)
    } else {
        trace.step(StepName::Consent, "", StepOutcome::Ok, now);
        trace.fact(FactName::Subject, session.user.id.to_string());
        trace.fact(FactName::Scope, granted.to_string());
        trace.outcome(FlowOutcome::Issued);
        let answer = ConsentAnswer {
            user_id: session.user.id,
            client_id: client.client_id.clone(),
            resources: device.resources.clone(),
            shown: seen(&client),
            requested: device.scopes.clone(),
            granted: granted.clone(),
            at: now,
        };
        let approval = Approval {
            user_id: session.user.id,
            session_id: session.sid,
            auth_time: session.auth_time,
            amr: session.amr.clone(),
        };
        let approved = state
            .store
            .approve_device(device.id, approval, granted, answer, now);
        let approved = approved.await?;
        if approved == Approved::SignedOut {
            return Err(Refusal::new(&rules::SESSION_REQUIRED).into());
        }
        (approved == Approved::Yes, DeviceStatus::Approved)
    };
    if !decided {
        // Another answer was first.
        return Err(used());
    }
    trace.write(state, now);
    Ok(status)
}

/// What the page shows of the application, as a consent remembers it. No redirect shows where
/// the answer goes, so it never stands for one that does.
fn seen(client: &Client) -> String {
    let host = shown::host_without_redirect(client).unwrap_or_default();
    shown::fingerprint(client, &format!("device {host}"))
}

/// The device that waits behind a code, and its application. Wrong codes are counted, by person
/// and by address, before anything is looked up: many guesses at once count each
/// (RFC 8628 §5.1).
async fn find(
    state: &App,
    session: &Session,
    address: PeerAddress,
    typed: &str,
) -> Result<(UserCode, DeviceCode, Arc<Client>), Error> {
    let now = state.now();
    let key = ThrottleKey::CodeTyper(session.user.id.to_string());
    let throttle = &state.limits.throttle;
    throttle
        .begin(&key, address.0, now)
        .map_err(too_many_attempts)?;
    let code = UserCode::parse(typed).ok_or_else(unknown)?;
    let hash = user_code::hash(&state.secret_key, &code);
    let mut device = state
        .store
        .find_user_code(&hash)
        .await?
        .ok_or_else(unknown)?;
    // A code that was right some time ago is no guess; and a right one buys no further guesses.
    throttle.undo(&key, address.0);
    if device.is_expired(now) {
        return Err(Refusal::new(&rules::USER_CODE_EXPIRED)
            .detail("That code has expired. Start again on your device: it shows a new one.")
            .into());
    }
    if device.status != Status::Pending {
        return Err(used());
    }
    let client = client_of(state, &device).await?.ok_or_else(unknown)?;
    // The user is not asked about scopes that the application has lost meanwhile.
    let known = resource::known(state, &device.resources).await?;
    device.scopes = still_held(device.scopes, &device.resources, &known, &client);
    Ok((code, device, client))
}

/// The application, if it may still use the device that waits for it.
async fn client_of(state: &App, device: &DeviceCode) -> Result<Option<Arc<Client>>, Error> {
    let may = |client: &Client| {
        client.ensure_enabled()?;
        if client.holds(GrantType::DeviceCode) {
            Ok(())
        } else {
            Err(Refusal::new(&rules::GRANT_TYPE_NOT_ALLOWED))
        }
    };
    let found = clients::checked(state, &device.client_id, may).await?;
    Ok(found.and_then(|(client, may)| may.is_ok().then_some(client)))
}

fn unknown() -> Error {
    Refusal::new(&rules::USER_CODE_UNKNOWN)
        .detail("That code isn't right. Check it against your device.")
        .into()
}

fn used() -> Error {
    Refusal::new(&rules::USER_CODE_USED)
        .detail("That code has already been used. If it wasn't you, start again on your device.")
        .into()
}

/// What stands beside the field when the code is the fault.
pub fn at_field(refusal: &Refusal) -> Option<String> {
    let about_the_code = [
        &rules::USER_CODE_UNKNOWN,
        &rules::USER_CODE_EXPIRED,
        &rules::USER_CODE_USED,
        &rules::TOO_MANY_ATTEMPTS,
    ];
    about_the_code
        .iter()
        .any(|rule| rule.id == refusal.rule.id)
        .then(|| match &refusal.detail {
            Some(detail) if refusal.rule.id == rules::TOO_MANY_ATTEMPTS.id => {
                format!("Too many wrong codes. {detail}")
            }
            Some(detail) => detail.to_string(),
            None => refusal.rule.said.to_owned(),
        })
}

/// The same as the errors of a form.
pub fn errors(refusal: &Refusal) -> BTreeMap<String, Vec<String>> {
    let at_field = at_field(refusal).map(|text| ("user_code".to_owned(), vec![text]));
    at_field.into_iter().collect()
}
