//! `GET /api/openapi.json`: the API as an OpenAPI document, made from the handlers themselves.
//!
//! A route is described beside its handler. What all of them share is added here: who serves
//! them, the session cookie, and the problem that stands for every other failure.

use app::routes;
use app::wire::problem::Problem;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{MethodRouter, get};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::http::cookies::Cookie;
use crate::state::AppState;
use crate::urls::PublicUrl;

/// The name of the session cookie among the document's security schemes.
const SESSION: &str = "session";
/// Of problems (RFC 9457 §6.1).
const MEDIA_TYPE: &str = "application/problem+json";

/// The document's route. The document depends on the public URL alone, so it is written once.
pub fn route(document: OpenApi, url: &PublicUrl) -> MethodRouter<AppState> {
    let text = serde_json::to_string(&complete(document, url)).unwrap_or_default();
    let text = Bytes::from(text);
    get(async move || ([(CONTENT_TYPE, "application/json")], text.clone()))
}

fn complete(mut document: OpenApi, url: &PublicUrl) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Claviger")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "What Claviger's own pages use. A request that changes something must not come from \
             another origin. Every failure is a problem (RFC 9457) whose type is the page of the \
             rule that was broken.",
        ))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url(url.base()).build()]);
    let components = document.components.get_or_insert_with(Components::new);
    components
        .schemas
        .insert(Problem::name().into_owned(), Problem::schema());
    components.add_security_scheme(
        SESSION,
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(Cookie::Session.name(url)))),
    );
    let no_scopes: [&str; 0] = [];
    document.security = Some(vec![SecurityRequirement::new(SESSION, no_scopes)]);
    for path in [routes::API_SESSION, routes::API_SETUP] {
        // Whoever signs in has no session yet.
        let path = document.paths.paths.get_mut(path);
        if let Some(operation) = path.and_then(|path| path.post.as_mut()) {
            operation.security = Some(Vec::new());
        }
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let responses = &mut operation.responses.responses;
        for (status, response) in responses.iter_mut() {
            if let RefOr::T(response) = response
                && status.starts_with(['4', '5'])
            {
                as_problem(response);
            }
        }
        responses
            .entry("default".to_owned())
            .or_insert_with(|| RefOr::T(any_problem()));
    }
    document
}

/// A failure is described by the type of its body; its media type follows.
fn as_problem(response: &mut Response) {
    response.content = std::mem::take(&mut response.content)
        .into_values()
        .map(|content| (MEDIA_TYPE.to_owned(), content))
        .collect();
}

fn any_problem() -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description("Any other failure.")
        .content(MEDIA_TYPE, content)
        .build()
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.post,
        &mut path.patch,
        &mut path.delete,
    ]
    .into_iter()
    .flatten()
}
