//! What an authorization request still needs, in this order: a person, their consent, a code.

use contract::rules;
use contract::wire::flow::{FactName, FlowOutcome, StepName, StepOutcome};

use super::consent::{question, seen};
use super::trace::Trace;
use crate::crypto::hash::credential_hash;
use crate::domain::authorization::{AuthorizationRequest, AuthorizationResponse, ResponseTarget};
use crate::domain::client::Client;
use crate::domain::consent::{answer_for, granted_by, is_always_asked};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::grant::{AuthorizationCode, CODE_LIFETIME};
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

/// What a request comes to for the person that is signed in, if one is.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Ask who the person is.
    SignIn,
    /// Signing in would be needed, and may not be asked for (again).
    LoginRequired,
    /// Ask for their consent.
    Consent,
    /// Their consent would be needed, and may not be asked for.
    ConsentRequired,
    /// A code with these scopes.
    Issue(Scopes, ConsentBasis),
}

/// The one decision about a request, for every place that goes on with it: it asks for nothing
/// and writes nothing.
///
/// # Errors
/// The database fails.
pub(super) async fn judge(
    state: &App,
    request: &AuthorizationRequest,
    client: &Client,
    session: Option<&Session>,
) -> Result<Verdict, Error> {
    let silent = request.prompt.none;
    let Some(session) = session.filter(|s| !needs_sign_in(request, s, state.now())) else {
        return Ok(if silent {
            Verdict::LoginRequired
        } else {
            Verdict::SignIn
        });
    };
    if request
        .hinted_user
        .is_some_and(|user| user != session.user.id)
    {
        // OpenID Connect Core 1.0 §3.1.2.1: another person than the hint names is signed in. Who
        // signed in for this very request has made their choice.
        return Ok(if silent || session.auth_time >= request.started_at() {
            Verdict::LoginRequired
        } else {
            Verdict::SignIn
        });
    }
    let spared = !request.prompt.consent && !is_always_asked(client, &request.redirect_uri);
    if spared && let Some(verdict) = by_leave(state, request, client, session).await? {
        return Ok(verdict);
    }
    Ok(if silent {
        Verdict::ConsentRequired
    } else {
        Verdict::Consent
    })
}

/// A code without a question, if the application asks none or all of it was answered before.
async fn by_leave(
    state: &App,
    request: &AuthorizationRequest,
    client: &Client,
    session: &Session,
) -> Result<Option<Verdict>, Error> {
    let requested: Scopes = request.scopes.iter().map(String::as_str).collect();
    if client.settings.skip_consent {
        return Ok(Some(Verdict::Issue(requested, ConsentBasis::Skipped)));
    }
    let answered = state
        .store
        .consents_to(session.user.id, &client.client_id)
        .await?;
    let standing = question(client, request, &seen(client, request)).standing(&answered);
    Ok(standing
        .filter(|consents| answer_for(consents, &requested))
        .map(|consents| {
            let granted = granted_by(&consents, &requested);
            Verdict::Issue(granted, ConsentBasis::Stored(consents))
        }))
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
    let verdict = judge(state, request, client, session).await?;
    let known = match (&verdict, session) {
        (Verdict::SignIn | Verdict::LoginRequired, _) | (_, None) => {
            let may_ask = matches!(verdict, Verdict::SignIn);
            return Ok(not_signed_in(state, request, may_ask, trace));
        }
        (_, Some(session)) => session,
    };
    let now = state.now();
    trace.user(known.user.id);
    trace.step(StepName::SignIn, "", StepOutcome::Ok, now);
    trace.fact(FactName::Subject, known.user.id.to_string());
    trace.fact(FactName::Amr, &*known.amr);
    state.client_used(client, now);
    match verdict {
        Verdict::Issue(scopes, leave) => issue(state, request, known, scopes, leave, trace).await,
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
        IssueCodeOutcome::SessionEnded => {
            return Ok(not_signed_in(state, request, !request.prompt.none, trace));
        }
        IssueCodeOutcome::ConsentWithdrawn => return Ok(not_allowed(state, request, trace)),
    }
    trace.step(StepName::Code, "", StepOutcome::Ok, now);
    trace.fact(FactName::Code, fingerprint(&credential.reveal()));
    trace.fact(FactName::Scope, granted);
    trace.fact(FactName::Resource, request.resources.join(" "));
    trace.fact(FactName::ExpiresIn, CODE_LIFETIME.as_secs().to_string());
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
        expires_at: now + CODE_LIFETIME,
        consumed_at: None,
    }
}

/// No user is signed in, or not (any more) as this request requires.
fn not_signed_in(
    state: &App,
    request: &AuthorizationRequest,
    may_ask: bool,
    trace: &mut Trace,
) -> AuthorizeStep {
    if !may_ask {
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

pub(super) fn refuse(
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
        IssueCodeOutcome::SessionEnded => {
            Ok(not_signed_in(state, request, !request.prompt.none, trace))
        }
        IssueCodeOutcome::Issued | IssueCodeOutcome::ConsentWithdrawn => {
            Ok(refuse(state, request, &rules::ACCESS_DENIED, trace))
        }
    }
}
