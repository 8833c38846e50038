//! What an authorization request still needs, in this order: a person, their consent, a code.

use contract::rules;
use contract::wire::flow::{FactName, FlowOutcome, StepName, StepOutcome};

use super::trace::Trace;
use crate::crypto::hash::credential_hash;
use crate::domain::authorization::{AuthorizationRequest, AuthorizationResponse, ResponseTarget};
use crate::domain::client::Client;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::grant::{AuthorizationCode, CODE_SECONDS};
use crate::domain::pkce::CodeChallenge;
use crate::domain::redact::fingerprint;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scopes;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::state::App;
use crate::store::{ConsentBasis, IssueCodeOutcome};
use crate::urls::PublicUrl;

/// What happens next.
#[derive(Debug)]
pub enum AuthorizeStep {
    /// Ask who the person is.
    SignIn,
    /// Ask for their consent.
    Consent,
    /// Back to the application, with a code or an error.
    Answer(AuthorizationResponse),
}

/// Goes as far as it can without asking.
///
/// # Errors
/// The flow has its code already; the database fails.
pub async fn advance(
    state: &App,
    request: &AuthorizationRequest,
    client: &Client,
    session: Option<&Session>,
    trace: &mut Trace,
) -> Result<AuthorizeStep, Error> {
    let now = state.now();
    let Some(session) = session.filter(|s| !needs_sign_in(request, s, now)) else {
        return Ok(nobody(state, request, trace));
    };
    if request
        .hinted_user
        .is_some_and(|user| user != session.user.id)
    {
        // OpenID Connect Core 1.0 §3.1.2.1: somebody else than the hint names is signed in. Who
        // signed in for this very request has made their choice.
        if request.prompt.none || session.auth_time >= request.started_at() {
            return Ok(refuse(state, request, &rules::LOGIN_REQUIRED, trace));
        }
        trace.step(StepName::SignIn, "", StepOutcome::Waiting, now);
        return Ok(AuthorizeStep::SignIn);
    }
    trace.user(session.user.id);
    trace.step(StepName::SignIn, "", StepOutcome::Ok, now);
    trace.fact(FactName::Subject, session.user.id.to_string());
    trace.fact(FactName::Amr, &*session.amr);
    state.client_used(client, now);

    let requested: Scopes = request.scopes.iter().map(String::as_str).collect();
    if client.settings.skip_consent && !request.prompt.consent {
        return issue(
            state,
            request,
            session,
            requested,
            ConsentBasis::Skipped,
            trace,
        )
        .await;
    }
    let consent = state
        .store
        .consent(session.user.id, &client.client_id)
        .await?;
    match consent {
        Some(consent) if consent.answers(&requested) && !request.prompt.consent => {
            let granted = consent.granted(&requested);
            let leave = ConsentBasis::Stored(consent);
            issue(state, request, session, granted, leave, trace).await
        }
        _ => Ok(not_allowed(state, request, trace)),
    }
}

/// Whether the person has to prove (again) who they are: `prompt=login` and `select_account`
/// ask for it once for this request, `max_age` when the last time is too long ago
/// (OpenID Connect Core 1.0 §3.1.2.1).
pub fn needs_sign_in(request: &AuthorizationRequest, session: &Session, now: Timestamp) -> bool {
    if session.auth_time >= request.started_at() {
        return false;
    }
    request.prompt.login
        || request.prompt.select_account
        || request
            .max_age
            .is_some_and(|seconds| now > session.auth_time.plus_seconds(seconds))
}

/// Issues the code, remembering the consent if it was given just now.
///
/// # Errors
/// `flow-completed`; the database fails.
pub async fn issue(
    state: &App,
    request: &AuthorizationRequest,
    session: &Session,
    scopes: Scopes,
    leave: ConsentBasis,
    trace: &mut Trace,
) -> Result<AuthorizeStep, Error> {
    if scopes.is_empty() && !request.scopes.is_empty() {
        return Ok(refuse(state, request, &rules::ACCESS_DENIED, trace));
    }
    let now = state.now();
    let granted = scopes.to_string();
    let credential = state
        .random
        .credential_with_id(CredentialKind::AuthorizationCode, request.flow_id);
    let code = code(request, session, scopes, &credential, now);
    match state.store.issue_code(code, leave).await? {
        IssueCodeOutcome::Issued => {}
        IssueCodeOutcome::AlreadyIssued => return Err(Refusal::new(&rules::FLOW_COMPLETED).into()),
        IssueCodeOutcome::SessionEnded => return Ok(nobody(state, request, trace)),
        IssueCodeOutcome::ConsentWithdrawn => return Ok(not_allowed(state, request, trace)),
    }
    trace.step(StepName::Code, "", StepOutcome::Ok, now);
    trace.fact(FactName::Code, fingerprint(&credential.reveal()));
    trace.fact(FactName::Scope, granted);
    trace.fact(FactName::Resource, request.resources.join(" "));
    trace.fact(FactName::ExpiresIn, CODE_SECONDS.to_string());
    trace.outcome(FlowOutcome::Issued);
    Ok(AuthorizeStep::Answer(AuthorizationResponse::new(
        request.response_target(),
        &[("code", &credential.reveal())],
        state.url.issuer(),
    )))
}

fn code(
    request: &AuthorizationRequest,
    session: &Session,
    scopes: Scopes,
    credential: &Credential,
    now: Timestamp,
) -> AuthorizationCode {
    AuthorizationCode {
        id: request.flow_id,
        secret_hash: credential_hash(credential),
        client_id: request.client_id.clone(),
        user_id: session.user.id,
        session_id: session.sid,
        redirect_uri: request.redirect_uri.clone(),
        redirect_uri_sent: request.redirect_uri_sent,
        scopes,
        nonce: request.nonce.clone(),
        code_challenge: request
            .code_challenge
            .clone()
            .map(CodeChallenge::from_stored),
        resources: request.resources.clone(),
        auth_time: session.auth_time,
        amr: session.amr.clone(),
        created_at: now,
        expires_at: now.plus_seconds(CODE_SECONDS),
        consumed_at: None,
    }
}

/// Nobody is signed in, or not (any more) as this request wants it.
fn nobody(state: &App, request: &AuthorizationRequest, trace: &mut Trace) -> AuthorizeStep {
    if request.prompt.none {
        return refuse(state, request, &rules::LOGIN_REQUIRED, trace);
    }
    trace.step(StepName::SignIn, "", StepOutcome::Waiting, state.now());
    AuthorizeStep::SignIn
}

/// The person has not (or no longer) let the application do all of this.
fn not_allowed(state: &App, request: &AuthorizationRequest, trace: &mut Trace) -> AuthorizeStep {
    if request.prompt.none {
        return refuse(state, request, &rules::CONSENT_REQUIRED, trace);
    }
    trace.step(StepName::Consent, "", StepOutcome::Waiting, state.now());
    AuthorizeStep::Consent
}

fn refuse(
    state: &App,
    request: &AuthorizationRequest,
    rule: &'static contract::rules::Rule,
    trace: &mut Trace,
) -> AuthorizeStep {
    let refusal = Refusal::new(rule);
    trace.refused(StepName::Decision, "", &refusal, state.now());
    if rule.id == rules::ACCESS_DENIED.id {
        trace.outcome(FlowOutcome::Denied);
    }
    AuthorizeStep::Answer(error_response(
        &state.url,
        request.response_target(),
        &refusal,
    ))
}

/// An error on its way back to the application (RFC 6749 §4.1.2.1).
pub fn error_response(
    url: &PublicUrl,
    to: ResponseTarget,
    refusal: &Refusal,
) -> AuthorizationResponse {
    AuthorizationResponse::new(
        to,
        &[
            ("error", refusal.rule.error),
            ("error_description", &refusal.description()),
            ("error_uri", &url.rule(refusal.rule.id)),
        ],
        url.issuer(),
    )
}

/// The person said no. That takes the place of the flow's code: no yes comes after it.
///
/// # Errors
/// `flow-completed`; the database fails.
pub async fn deny(
    state: &App,
    request: &AuthorizationRequest,
    session: &Session,
    trace: &mut Trace,
) -> Result<AuthorizeStep, Error> {
    let now = state.now();
    // Its secret is told to no client, and it counts as redeemed.
    let credential = state
        .random
        .credential_with_id(CredentialKind::AuthorizationCode, request.flow_id);
    let place = AuthorizationCode {
        consumed_at: Some(now),
        ..code(request, session, Scopes::default(), &credential, now)
    };
    match state.store.issue_code(place, ConsentBasis::Skipped).await? {
        IssueCodeOutcome::AlreadyIssued => Err(Refusal::new(&rules::FLOW_COMPLETED).into()),
        IssueCodeOutcome::SessionEnded => Ok(nobody(state, request, trace)),
        IssueCodeOutcome::Issued | IssueCodeOutcome::ConsentWithdrawn => {
            Ok(refuse(state, request, &rules::ACCESS_DENIED, trace))
        }
    }
}
