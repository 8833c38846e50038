//! What is said of a flow that can't go on, with the way to where its application begins.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use contract::wire::page::{MessagePage, PageContent, PageLink};
use contract::{routes, rules};

use super::pages::{current, data, query, refused};
use super::render::render;
use crate::domain::session::Session;
use crate::error::Error;
use crate::http::request_id::RefusedBy;
use crate::http::response::see_other;
use crate::services::flow::over::{self, Over};
use crate::services::flow::ticket;
use crate::services::sign_in::after_sign_in;
use crate::state::{App, AppState};

/// `/signed-in`: where a sign-in ends whose flow is over.
pub(super) async fn signed_in(State(state): State<AppState>, parts: Parts) -> Response {
    let shown = async {
        let params = query(&parts)?;
        let session = current(&state, &parts).await?;
        let flow = params.get("flow").unwrap_or_default();
        match session {
            Some(session) => page(&state, &parts, &session, flow, StatusCode::OK).await,
            None => Ok(see_other(&ticket::login_path(flow))),
        }
    };
    match shown.await {
        Ok(response) => response,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

/// Says why this flow does not go on. A ticket that is none of ours has nothing to tell.
pub(super) async fn page(
    state: &App,
    parts: &Parts,
    session: &Session,
    flow: &str,
    status: StatusCode,
) -> Result<Response, Error> {
    let Some(over) = over::find(state, &parts.headers, Some(session), flow).await? else {
        return Ok(see_other(&after_sign_in(None, &session.user)));
    };
    let rule = over.rule.map(|rule| rule.id);
    let page = message(over, session, flow);
    let data = data(state, Some(session), PageContent::Message(page));
    let mut response = render(parts, data, status).await;
    if let (Some(rule), false) = (rule, status.is_success()) {
        response.extensions_mut().insert(RefusedBy(rule));
    }
    Ok(response)
}

fn message(over: Over, session: &Session, flow: &str) -> MessagePage {
    let Over {
        rule,
        application: name,
        start,
    } = over;
    let completed = rule.is_some_and(|rule| rule.id == rules::FLOW_COMPLETED.id);
    let why = match rule.map(|rule| rule.id) {
        None => format!("{name} waits for you."),
        Some(_) if completed => {
            format!("What {name} asked you has been answered, so this page has nothing left to do.")
        }
        Some(id) if id == rules::FLOW_EXPIRED.id => {
            format!("That took too long, and {name} does not wait for it any more.")
        }
        Some(id) if id == rules::FLOW_OTHER_BROWSER.id => format!(
            "The request of {name} came from another browser, or its cookies were deleted since."
        ),
        Some(_) => format!("But {name} can't be let in with this request any more."),
    };
    let back = match &start {
        None if completed => String::new(),
        None => format!(" Open {name} and start again there."),
        Some(_) => String::new(),
    };
    let mut links = Vec::new();
    if rule.is_none() {
        links.push(PageLink::new(
            ticket::login_path(flow),
            format!("Continue to {name}"),
        ));
    }
    if let Some(start) = start {
        let text = if completed {
            format!("Go to {name}")
        } else {
            format!("Start again at {name}")
        };
        links.push(PageLink::new(start, text));
    }
    links.push(PageLink::new(routes::CONNECTIONS, "Your connections"));
    MessagePage {
        title: if completed {
            "Already answered".to_owned()
        } else {
            "You are signed in".to_owned()
        },
        text: format!(
            "You are signed in as {}. {why}{back}",
            session.user.username
        ),
        rule: rule.map(|rule| rule.id.to_owned()),
        links,
    }
}
