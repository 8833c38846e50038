//! `GET /api/openapi.json`: the API as an OpenAPI document, made from the handlers themselves.
//!
//! A route is described beside its handler. What all of them share is added here: who serves
//! them, the session cookie, and the problem that stands for every other failure.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{MethodRouter, get};
use contract::routes;
use contract::wire::problem::Problem;
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
        // A request that signs in has no session yet.
        let path = document.paths.paths.get_mut(path);
        if let Some(operation) = path.and_then(|path| path.post.as_mut()) {
            operation.security = Some(Vec::new());
        }
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            // The handlers' names repeat from file to file; the document's must not.
            operation.operation_id = Some(operation_id(method, path));
            let responses = &mut operation.responses.responses;
            for (status, response) in responses.iter_mut() {
                if let RefOr::T(response) = response {
                    describe(status, response);
                }
            }
            responses
                .entry("default".to_owned())
                .or_insert_with(|| RefOr::T(any_problem()));
        }
    }
    document
}

/// `get_applications_client_id` for `GET /api/applications/{client_id}`.
fn operation_id(method: &str, path: &str) -> String {
    let parts = path.strip_prefix("/api").unwrap_or(path).split('/');
    parts.fold(method.to_owned(), |id, part| match part {
        "" => id,
        part => format!("{id}_{}", part.trim_matches(['{', '}'])),
    })
}

/// Of a failure the handlers say only the type of the body; the media type follows. A
/// description has to be there (OpenAPI 3.1 §4.8.17): the status in words, if nothing is said.
fn describe(status: &str, response: &mut Response) {
    if status.starts_with(['4', '5']) {
        response.content = std::mem::take(&mut response.content)
            .into_values()
            .map(|content| (MEDIA_TYPE.to_owned(), content))
            .collect();
    }
    if response.description.is_empty() {
        let status = StatusCode::from_bytes(status.as_bytes()).ok();
        let words = status.and_then(|status| status.canonical_reason());
        response.description = words.unwrap_or("Answer").to_owned();
    }
}

fn any_problem() -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description("Any other failure.")
        .content(MEDIA_TYPE, content)
        .build()
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut path.get),
        ("post", &mut path.post),
        ("patch", &mut path.patch),
        ("delete", &mut path.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_by_its_method_and_path() {
        let name = operation_id("get", "/api/applications/{client_id}/flows");
        assert_eq!(name, "get_applications_client_id_flows");
    }
}
