//! Refusals and internal errors as responses: the protocol's JSON, the API's problem, a page.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::rules;
use contract::wire::page::RefusedPage;
use contract::wire::problem::Problem;
use serde_json::json;

use super::request_id::RefusedBy;
use crate::domain::authorization::AuthorizationResponse;
use crate::domain::refusal::Refusal;
use crate::urls::PublicUrl;

fn status_of(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.rule.status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// What every refusal carries: its rule for log and metrics, `no-store`, and when to come again.
fn finish(mut response: Response, refusal: &Refusal) -> Response {
    response.extensions_mut().insert(RefusedBy(refusal.rule.id));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let soon = (refusal.rule.status == 503).then_some(1);
    if let Some(seconds) = refusal.retry_after.or(soon) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The protocol's error (RFC 6749 §5.2).
pub fn oauth_error(refusal: &Refusal, url: &PublicUrl) -> Response {
    let body = json!({
        "error": refusal.rule.error,
        "error_description": refusal.description(),
        "error_uri": url.rule(refusal.rule.id),
    });
    finish((status_of(refusal), Json(body)).into_response(), refusal)
}

/// The error of a protected resource (RFC 6750 §3): also in `WWW-Authenticate`.
pub fn bearer_error(refusal: &Refusal, url: &PublicUrl) -> Response {
    bearer_error_with(refusal, url, &[])
}

/// The error of a protected resource that says more in its challenge: parameters whose values
/// hold neither quotes nor backslashes.
pub fn bearer_error_with(
    refusal: &Refusal,
    url: &PublicUrl,
    parameters: &[(&str, &str)],
) -> Response {
    let mut response = oauth_error(refusal, url);
    let mut challenge = format!("Bearer realm=\"{}\"", url.base());
    // RFC 6750 §3.1: without credentials the challenge names no error.
    if refusal.rule.id != rules::BEARER_MISSING.id {
        challenge.push_str(&format!(
            ", error=\"{}\", error_description=\"{}\", error_uri=\"{}\"",
            refusal.rule.error,
            refusal.description(),
            url.rule(refusal.rule.id)
        ));
    }
    if refusal.rule.id == rules::SCOPE_INSUFFICIENT.id {
        challenge.push_str(&format!(", scope=\"{}\"", refusal.expected.join(" ")));
    }
    for (name, value) in parameters {
        challenge.push_str(&format!(", {name}=\"{value}\""));
    }
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}

/// The API's problem (RFC 9457).
pub fn problem(refusal: &Refusal, url: &PublicUrl) -> Response {
    problem_with(refusal, url, BTreeMap::new())
}

/// A problem that names fields.
pub fn problem_with(
    refusal: &Refusal,
    url: &PublicUrl,
    errors: BTreeMap<String, Vec<String>>,
) -> Response {
    let body = Problem {
        kind: url.rule(refusal.rule.id),
        title: refusal.rule.said.to_owned(),
        status: refusal.rule.status,
        detail: refusal
            .detail
            .as_deref()
            .unwrap_or(refusal.rule.fix)
            .to_owned(),
        errors,
        request_id: String::new(),
    };
    let kind = [(CONTENT_TYPE, "application/problem+json")];
    finish(
        (status_of(refusal), kind, Json(body)).into_response(),
        refusal,
    )
}

/// A refusal that a person will read. The protocol's handlers put it into the answer's
/// extensions; `web` renders it, since they know nothing of pages.
#[derive(Clone, Debug)]
pub struct PageToRender(pub RefusedPage);

/// A refusal as a page. A 401 would have to name a way to authenticate (RFC 9110 §15.5.2), and
/// a person who reads a page has none: it is a 400 there.
pub fn page(refusal: &Refusal, page: RefusedPage) -> Response {
    let status = match status_of(refusal) {
        // So is one whose address is too long.
        StatusCode::UNAUTHORIZED | StatusCode::PAYLOAD_TOO_LARGE => StatusCode::BAD_REQUEST,
        status => status,
    };
    let mut response = status.into_response();
    response.extensions_mut().insert(PageToRender(RefusedPage {
        status: status.as_u16(),
        rule: refusal.rule.id.to_owned(),
        title: refusal.rule.heading(page.application.as_deref()),
        ..page
    }));
    finish(response, refusal)
}

/// An answer that a form posts to the application. The protocol's handlers put it into the
/// answer's extensions; `web` renders the form.
#[derive(Clone, Debug)]
pub struct FormToRender(pub AuthorizationResponse);

/// Sends the browser back to the application with this answer.
pub fn authorization_response(answer: AuthorizationResponse) -> Response {
    match answer.location() {
        Some(location) => see_other(&location),
        None => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(FormToRender(answer));
            response
        }
    }
}

/// 303, so that a POST is followed by a GET, and never stored.
pub fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(value) => (
            StatusCode::SEE_OTHER,
            [
                (LOCATION, value),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response(),
        // Every location is made of registered URIs and percent-encoded values.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// JSON that is never stored: it carries a token, a code or a person.
pub fn private_json(value: impl serde::Serialize) -> Response {
    (
        [(CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(value),
    )
        .into_response()
}

/// The answer in place of a handler that panicked: our fault, said without details.
pub fn panicked(url: &PublicUrl) -> Response {
    tracing::error!("a handler panicked");
    problem(&Refusal::new(&rules::SERVER_ERROR), url)
}
