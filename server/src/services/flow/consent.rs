//! Asking a person for consent, and taking their answer: the same for the page's form and for
//! the JSON API.

use contract::wire::flow::{FactName, StepName, StepOutcome};
use std::sync::Arc;

use axum::http::HeaderMap;
use contract::rules;
use contract::wire::consent::{ConsentApplication, ConsentDecision, ConsentRequest, Decision};

use super::super::resource;
use super::decide::{AuthorizeStep, Verdict, deny, issue, judge, refuse};
use super::redirect::Redirect;
use super::trace::Trace;
use super::{shown, ticket};
use crate::domain::authorization::AuthorizationRequest;
use crate::domain::client::Client;
use crate::domain::consent::{ConsentAnswer, ConsentQuestion, allowed};
use crate::domain::redirect_uri::{host_for_people, host_to_remember, matches};
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scopes;
use crate::domain::session::Session;
use crate::error::Error;
use crate::services::clients;
use crate::state::App;
use crate::store::ConsentBasis;

/// The request behind a ticket, decided again as if it came now: minutes may have passed, and
/// another person may have signed in.
///
/// # Errors
/// The ticket's own rules; `flow-completed` when it was answered; `client-unknown`,
/// `client-disabled`, `redirect-uri-mismatch` when the application changed meanwhile; the database
/// fails.
async fn open(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    flow: &str,
) -> Result<(AuthorizationRequest, Arc<Client>, Verdict), Error> {
    let request = ticket::open_for(state, headers, session, flow)?;
    if state.store.is_flow_answered(request.flow_id).await? {
        return Err(Refusal::new(&rules::FLOW_COMPLETED).into());
    }
    let client = client(state, &request).await?;
    let verdict = judge(state, &request, &client, Some(session)).await?;
    Ok((request, client, verdict))
}

/// The application of a request that waited, if it still may ask and be answered there.
///
/// # Errors
/// `client-unknown`, `client-disabled`, `redirect-uri-mismatch`; the database fails.
pub async fn client(state: &App, request: &AuthorizationRequest) -> Result<Arc<Client>, Error> {
    let answerable = |client: &Client| {
        client.ensure_enabled()?;
        let client_type = client.settings.client_type;
        let mut registered = client.settings.redirect_uris.iter();
        if registered.any(|uri| matches(&request.redirect_uri, uri, client_type)) {
            Ok(())
        } else {
            Err(Refusal::new(&rules::REDIRECT_URI_MISMATCH).received(&request.redirect_uri))
        }
    };
    let (client, ()) = clients::with_client(state, &request.client_id, answerable).await?;
    Ok(client)
}

/// What the page shows.
///
/// # Errors
/// Those of [`open`]; `session-required`, `login-required`, `consent-required` where the request
/// can't be asked about (any more).
pub async fn ask(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    flow: &str,
) -> Result<(ConsentRequest, AuthorizationRequest), Error> {
    let (request, client, verdict) = open(state, headers, session, flow).await?;
    match verdict {
        // An answer in another tab does not take the question away: it is answered here too.
        Verdict::Consent | Verdict::Issue(..) => {}
        Verdict::SignIn => return Err(Refusal::new(&rules::SESSION_REQUIRED).into()),
        Verdict::LoginRequired => return Err(Refusal::new(&rules::LOGIN_REQUIRED).into()),
        Verdict::ConsentRequired => return Err(Refusal::new(&rules::CONSENT_REQUIRED).into()),
    }
    let answered = state.store.consents_to(session.user.id, &client.client_id);
    let standing = question(&client, &request, &seen(&client, &request)).standing(&answered.await?);
    let known = resource::known(state, &request.resources).await?;
    let shown = ConsentRequest {
        application: ConsentApplication {
            name: client.settings.name.clone(),
            client_id: client.client_id.clone(),
            redirect_host: host_for_people(&request.redirect_uri),
            client_id_host: shown::client_id_host(&client),
            checked: shown::is_checked(&client),
            registered_at: shown::registered_at(&client),
        },
        user: session.user.to_wire(),
        scopes: shown::scopes(
            request.scopes.iter().map(String::as_str),
            &request.resources,
            &known,
            &client.settings.optional_scopes,
            standing.as_deref().unwrap_or_default(),
        ),
        resources: shown::resources(&request.resources, &known),
    };
    Ok((shown, request))
}

/// What the page shows of the application, as a consent remembers it.
pub(super) fn seen(client: &Client, request: &AuthorizationRequest) -> String {
    shown::fingerprint(client, &host_to_remember(&request.redirect_uri))
}

/// What the person is asked, to compare with what they have answered.
pub(super) fn question<'a>(
    client: &Client,
    request: &'a AuthorizationRequest,
    seen: &'a str,
) -> ConsentQuestion<'a> {
    ConsentQuestion {
        resources: &request.resources,
        shown: seen,
        unchanged_since: client.updated_at,
    }
}

/// Takes the answer: where the browser goes next.
///
/// # Errors
/// Those of [`open`]; `flow-completed`; the database fails.
pub async fn answer(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    decision: &ConsentDecision,
) -> Result<Redirect, Error> {
    let (request, client, verdict) = open(state, headers, session, &decision.flow).await?;
    let now = state.now();
    let mut trace = Trace::resume(request.flow_id);
    trace.user(session.user.id);
    let requested: Scopes = request.scopes.iter().map(String::as_str).collect();
    let optional = &client.settings.optional_scopes;
    let granted = match decision.decision {
        Decision::Deny => None,
        Decision::Allow => Some(allowed(&requested, optional, decision.scopes.as_deref())),
    };
    // Unticking everything says no.
    let granted = granted.filter(|granted| !granted.is_empty() || requested.is_empty());
    let next = match (verdict, granted) {
        (Verdict::SignIn, _) => return Err(Refusal::new(&rules::SESSION_REQUIRED).into()),
        (Verdict::LoginRequired, _) => refuse(state, &request, &rules::LOGIN_REQUIRED, &mut trace),
        (Verdict::ConsentRequired, _) => {
            refuse(state, &request, &rules::CONSENT_REQUIRED, &mut trace)
        }
        (_, None) => deny(state, &request, session, &mut trace).await?,
        (_, Some(granted)) => {
            trace.step(StepName::Consent, "", StepOutcome::Ok, now);
            trace.fact(FactName::Scope, granted.to_string());
            let answer = ConsentAnswer {
                user_id: session.user.id,
                client_id: client.client_id.clone(),
                resources: request.resources.clone(),
                shown: seen(&client, &request),
                requested,
                granted: granted.clone(),
                at: now,
            };
            issue(
                state,
                &request,
                session,
                granted,
                ConsentBasis::Fresh(answer),
                &mut trace,
            )
            .await?
        }
    };
    trace.write(state, now);
    match next {
        AuthorizeStep::Answer(answer) => Ok(Redirect::Client(answer)),
        // They have signed out in this very moment.
        AuthorizeStep::SignIn => Err(Refusal::new(&rules::SESSION_REQUIRED).into()),
        AuthorizeStep::Consent => Err(Refusal::new(&rules::FLOW_EXPIRED).into()),
    }
}
