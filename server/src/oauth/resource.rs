//! `/api/hello`: a protected resource, for tutorials and tests, and its metadata (RFC 9728).
//!
//! It may be asked to insist on a recent or a stronger sign-in (`?max_age=`, `?acr_values=`), as
//! a resource does that steps up (RFC 9470).

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, Request};
use axum::response::{IntoResponse, Response};
use contract::{routes, rules};
use serde_json::json;

use super::bearer;
use crate::domain::grant::{FoundAccessToken, Grant};
use crate::domain::refusal::Refusal;
use crate::domain::session::acr;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::http::cors;
use crate::http::params::Params;
use crate::http::response::{bearer_error_with, private_json};
use crate::state::{App, AppState};

/// The scope that it takes.
const SCOPE: &str = "read";
/// How long its metadata may be kept (seconds).
const METADATA_MAX_AGE: u32 = 3600;

/// What the sign-in behind a token has to be.
#[derive(Default)]
struct Wanted {
    /// Seconds.
    max_age: Option<i64>,
    /// Any of these.
    acr_values: Vec<String>,
}

pub(super) async fn hello(State(state): State<AppState>, request: Request<Body>) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let (wanted, answer) = match Wanted::read(query) {
        Ok(wanted) => {
            let answer = answer(&state, request.headers(), &wanted).await;
            (wanted, answer)
        }
        Err(refusal) => (Wanted::default(), Err(refusal.into())),
    };
    answer.unwrap_or_else(|failure| challenge(&state, &failure.refusal(), &wanted))
}

async fn answer(state: &App, headers: &HeaderMap, wanted: &Wanted) -> Result<Response, Error> {
    let FoundAccessToken { token, grant, .. } = bearer::authenticate(state, headers, SCOPE).await?;
    wanted.check(grant.as_ref(), state.now())?;
    Ok(private_json(json!({
        "message": "Hello, OAuth2!",
        "sub": token.subject(),
        "client_id": token.client_id,
        "scope": token.scopes.to_string(),
    })))
}

impl Wanted {
    /// # Errors
    /// `request-not-utf8`, `request-too-large`, `parameter-repeated`, `max-age-malformed`.
    fn read(query: &str) -> Result<Self, Refusal> {
        let params = Params::parse(query.as_bytes())?;
        let max_age = params.once("max_age")?.map(|text| {
            text.parse::<u32>()
                .map(i64::from)
                .map_err(|_| Refusal::new(&rules::MAX_AGE_MALFORMED).received(text))
        });
        let acr_values = params.once("acr_values")?.unwrap_or_default();
        Ok(Self {
            max_age: max_age.transpose()?,
            acr_values: acr_values
                .split(' ')
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Whether the user behind this grant signed in as required. A token with which an application
    /// acts for itself has no user behind it.
    ///
    /// # Errors
    /// `authentication-too-old`, `authentication-too-weak`.
    fn check(&self, grant: Option<&Grant>, now: Timestamp) -> Result<(), Refusal> {
        let recent = |seconds| grant.is_some_and(|g| now <= g.auth_time.plus_seconds(seconds));
        if self.max_age.is_some_and(|seconds| !recent(seconds)) {
            return Err(Refusal::new(&rules::AUTHENTICATION_TOO_OLD));
        }
        let fits = |wanted: &String| grant.is_some_and(|grant| acr(&grant.amr) == wanted);
        if !self.acr_values.is_empty() && !self.acr_values.iter().any(fits) {
            return Err(Refusal::new(&rules::AUTHENTICATION_TOO_WEAK));
        }
        Ok(())
    }
}

/// RFC 9728 §5.1: where the metadata is; RFC 9470 §3: what the sign-in has to be.
fn challenge(state: &App, refusal: &Refusal, wanted: &Wanted) -> Response {
    let metadata = state.url.join(routes::RESOURCE_METADATA);
    let max_age = wanted.max_age.map(|seconds| seconds.to_string());
    // What fits into no header names no context of ours either.
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
    let acr_values: Vec<&str> = wanted
        .acr_values
        .iter()
        .map(String::as_str)
        .filter(|value| value.bytes().all(plain))
        .collect();
    let acr_values = acr_values.join(" ");
    let mut parameters = Vec::new();
    if refusal.rule.error == rules::AUTHENTICATION_TOO_OLD.error {
        // Both, so that one new sign-in is enough.
        parameters.extend(max_age.as_deref().map(|seconds| ("max_age", seconds)));
        if !acr_values.is_empty() {
            parameters.push(("acr_values", &acr_values));
        }
    }
    parameters.push(("resource_metadata", &metadata));
    bearer_error_with(refusal, &state.url, &parameters)
}

/// RFC 9728 §2: tells a client where tokens for this resource come from.
pub(super) async fn metadata(State(state): State<AppState>) -> Response {
    let document = json!({
        "resource": state.url.join(routes::API_HELLO),
        "authorization_servers": [state.url.issuer()],
        "scopes_supported": [SCOPE],
        "bearer_methods_supported": ["header"],
        "resource_name": "Hello",
        "resource_documentation": state.url.join(routes::RULES),
    });
    let cache = format!("public, max-age={METADATA_MAX_AGE}");
    cors::open(([(CACHE_CONTROL, cache)], Json(document)).into_response())
}
