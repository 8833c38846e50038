//! Asking a person for consent, and taking their answer: the same for the page's form and for
//! the JSON API.

use contract::wire::flow::{FactName, StepName, StepOutcome};
use std::sync::Arc;

use axum::http::HeaderMap;
use contract::rules;
use contract::wire::consent::{
    ConsentApplication, ConsentDecision, ConsentRequest, ConsentScope, Decision,
};

use super::decide::{AuthorizeStep, deny, issue, needs_sign_in};
use super::redirect::Redirect;
use super::ticket;
use super::trace::Trace;
use crate::domain::authorization::AuthorizationRequest;
use crate::domain::client::{Client, Origin};
use crate::domain::client_document;
use crate::domain::consent::{Consent, ConsentAnswer};
use crate::domain::redirect_uri::{host_for_people, matches};
use crate::domain::refusal::Refusal;
use crate::domain::resource::{self, ResourceServer};
use crate::domain::scope::{self, Scopes};
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::services::clients;
use crate::state::App;
use crate::store::ConsentBasis;

/// The request behind a ticket, checked again: minutes may have passed.
///
/// # Errors
/// The ticket's own rules; `flow-completed` when it was answered; `session-required` when the
/// person has to sign in (again);
/// `client-unknown`, `client-disabled`, `redirect-uri-mismatch` when the application changed
/// meanwhile.
pub async fn open(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    flow: &str,
) -> Result<(AuthorizationRequest, Arc<Client>), Error> {
    let request = ticket::open_for(state, headers, session, flow)?;
    if state.store.is_flow_answered(request.flow_id).await? {
        return Err(Refusal::new(&rules::FLOW_COMPLETED).into());
    }
    if needs_sign_in(&request, session, state.now()) {
        return Err(Refusal::new(&rules::SESSION_REQUIRED).into());
    }
    let client = client(state, &request).await?;
    Ok((request, client))
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
/// Those of [`open`]; the database fails.
pub async fn ask(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    flow: &str,
) -> Result<(ConsentRequest, AuthorizationRequest), Error> {
    let (request, client) = open(state, headers, session, flow).await?;
    let before = state
        .store
        .consent(session.user.id, &client.client_id)
        .await?;
    let names = request.scopes.iter().map(String::as_str);
    let known = state.resource_servers();
    let scopes = describe(names, &request.resources, &known, before.as_ref());
    let shown = ConsentRequest {
        application: ConsentApplication {
            name: client.settings.name.clone(),
            client_id: client.client_id.clone(),
            redirect_host: host_for_people(&request.redirect_uri),
            client_id_host: client_id_host(&client),
        },
        user: session.user.to_wire(),
        scopes,
    };
    Ok((shown, request))
}

/// The host that answers for an application that came by its document: its name is only what the
/// document says.
fn client_id_host(client: &Client) -> Option<String> {
    let host = client_document::host(&client.client_id)?;
    (client.origin == Origin::Document).then(|| host.to_owned())
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
    let (request, client) = open(state, headers, session, &decision.flow).await?;
    let now = state.now();
    let mut trace = Trace::resume(request.flow_id);
    trace.user(session.user.id);
    let requested: Scopes = request.scopes.iter().map(String::as_str).collect();
    let granted = match decision.decision {
        Decision::Deny => None,
        Decision::Allow => Some(allowed(&requested, decision.scopes.as_deref())),
    };
    // Who unticks everything has said no.
    let granted = granted.filter(|granted| !granted.is_empty() || requested.is_empty());
    let next = match granted {
        None => deny(state, &request, session, &mut trace).await?,
        Some(granted) => {
            trace.step(StepName::Consent, "", StepOutcome::Ok, now);
            trace.fact(FactName::Scope, granted.to_string());
            let answer = remember(session, &client, &requested, &granted, now);
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

/// Scopes in words, with what the person has answered so far. `known` are the resource servers;
/// those that the request names in `resources` say what their scopes mean before others do.
pub(in crate::services) fn describe<'a>(
    names: impl Iterator<Item = &'a str>,
    resources: &[String],
    known: &[ResourceServer],
    before: Option<&Consent>,
) -> Vec<ConsentScope> {
    names
        .map(|name| {
            let granted = before.is_some_and(|consent| consent.scopes.contains(name));
            if let Some(ours) = scope::find(name) {
                return ConsentScope {
                    name: name.to_owned(),
                    description: ours.description.to_owned(),
                    detail: ours.detail.to_owned(),
                    granted,
                    optional: ours.optional,
                };
            }
            let has = |server: &&ResourceServer| server.scopes.contains(name);
            let named = |server: &&ResourceServer| has(server) && resources.contains(&server.uri);
            let server = known.iter().find(named).or_else(|| known.iter().find(has));
            ConsentScope {
                name: name.to_owned(),
                description: server.map_or_else(
                    || name.to_owned(),
                    |server| resource::describe(name, server),
                ),
                detail: server.map_or_else(String::new, |server| server.uri.clone()),
                granted,
                optional: false,
            }
        })
        .collect()
}

/// What was ticked, and whatever can't be unticked.
pub(in crate::services) fn allowed(requested: &Scopes, ticked: Option<&[String]>) -> Scopes {
    let Some(ticked) = ticked else {
        return requested.clone();
    };
    requested.filter(|name| {
        let optional = scope::find(name).is_some_and(|s| s.optional);
        !optional || ticked.iter().any(|t| t == name)
    })
}

/// What the store is to remember of this answer.
pub(in crate::services) fn remember(
    session: &Session,
    client: &Client,
    requested: &Scopes,
    granted: &Scopes,
    now: Timestamp,
) -> ConsentAnswer {
    ConsentAnswer {
        user_id: session.user.id,
        client_id: client.client_id.clone(),
        requested: requested.clone(),
        granted: granted.clone(),
        at: now,
    }
}
