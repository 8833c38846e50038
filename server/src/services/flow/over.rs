//! A flow that can't go on: it was answered, it took too long, it is another browser's. Who comes
//! to its pages then is told so and led to where the application begins.

use axum::http::HeaderMap;
use contract::rules::{self, Rule};

use super::{consent, ticket};
use crate::domain::client::Origin;
use crate::domain::redirect_uri::{front_page, host_for_people, is_web};
use crate::domain::session::Session;
use crate::error::Error;
use crate::services::clients;
use crate::state::App;

/// What there is to say.
#[derive(Debug)]
pub struct Over {
    /// Why it does not go on; `None` when it does.
    pub rule: Option<&'static Rule>,
    /// The application's name.
    pub application: String,
    /// Where the application begins, if a page can lead there.
    pub start: Option<String>,
}

/// Why this flow is over, and where its application begins. `None` when the ticket is none of
/// ours, or its application is gone.
///
/// # Errors
/// The database fails.
pub async fn find(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    flow: &str,
) -> Result<Option<Over>, Error> {
    let Some(request) = ticket::peek(state, flow) else {
        return Ok(None);
    };
    let Some(client) = clients::known(state, &request.client_id).await? else {
        return Ok(None);
    };
    let rule = if state.store.is_flow_answered(request.flow_id).await? {
        Some(&rules::FLOW_COMPLETED)
    } else if let Err(refusal) = ticket::open(state, headers, session, flow) {
        Some(refusal.rule)
    } else {
        match consent::client(state, &request).await {
            Ok(_) => None,
            Err(Error::Refused(refusal)) => Some(refusal.rule),
            Err(error) => return Err(error),
        }
    };
    Ok(Some(Over {
        rule,
        application: client.settings.name.clone(),
        start: start(
            client.origin,
            client.about.client_uri.as_deref(),
            &request.redirect_uri,
        )
        .filter(|_| client.is_enabled()),
    }))
}

/// The application's own page. The server has not checked what a self-registered application says:
/// its page counts only on the host that gets the answer.
fn start(origin: Origin, own: Option<&str>, redirect_uri: &str) -> Option<String> {
    let here = |uri: &str| host_for_people(uri) == host_for_people(redirect_uri);
    own.filter(|uri| is_web(uri) && (origin == Origin::Dashboard || here(uri)))
        .map(str::to_owned)
        .or_else(|| front_page(redirect_uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_begins_at_its_own_page_or_where_it_is_answered() {
        let cb = "https://app.example/cb?x";
        for (origin, client_uri, redirect_uri, expected) in [
            (Origin::Dashboard, None, cb, "https://app.example/"),
            (
                Origin::Dashboard,
                Some("https://www.example/app"),
                cb,
                "https://www.example/app",
            ),
            (
                Origin::Registration,
                Some("https://www.example/app"),
                cb,
                "https://app.example/",
            ),
            (
                Origin::Document,
                Some("https://app.example/start"),
                cb,
                "https://app.example/start",
            ),
            (
                Origin::Dashboard,
                Some("javascript:alert(1)"),
                cb,
                "https://app.example/",
            ),
            (
                Origin::Dashboard,
                None,
                "http://127.0.0.1:4711/cb",
                "http://127.0.0.1:4711/",
            ),
            (Origin::Dashboard, None, "com.example.app:/cb", ""),
        ] {
            let start = start(origin, client_uri, redirect_uri);
            assert_eq!(start.unwrap_or_default(), expected);
        }
    }
}
