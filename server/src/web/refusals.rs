//! Turns what the protocol's handlers could only describe into a page: a refusal that a person
//! reads, an answer that a form takes to the application.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use contract::rules;
use contract::wire::page::{PageContent, RefusedPage};

use super::pages::data;
use super::render::{form_post, render};
use crate::http::RequestId;
use crate::http::accept::prefers_html;
use crate::http::response::{FormToRender, PageToRender};
use crate::state::AppState;

pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(FormToRender(answer)) = response.extensions_mut().remove::<FormToRender>() {
        let mut page = form_post(&kept, &answer);
        page.extensions_mut().extend(response.extensions().clone());
        return page;
    }
    match response.extensions_mut().remove::<PageToRender>() {
        Some(PageToRender(page)) => shown(&state, &kept, response, page).await,
        None => response,
    }
}

/// An endpoint for programs that was opened in a browser (`GET /o/token`) says so on a page.
/// Programs get the protocol's own error.
pub async fn for_programs(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET || !prefers_html(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let id = kept.extensions.get::<RequestId>();
    let page = RefusedPage {
        status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
        rule: rules::METHOD_NOT_ALLOWED.id.to_owned(),
        title: rules::METHOD_NOT_ALLOWED.heading(None),
        explanation: "It is for programs. If an app sent you here, go back and start there again."
            .to_owned(),
        request_id: id.map(|id| id.0.to_string()).unwrap_or_default(),
        ..RefusedPage::default()
    };
    shown(&state, &kept, response, page).await
}

/// The page in place of the body. The headers of the refusal stay (`Allow`, `Retry-After`), and so
/// does its rule.
async fn shown(state: &AppState, parts: &Parts, refusal: Response, page: RefusedPage) -> Response {
    let data = data(state, None, PageContent::Refused(page));
    let (_, body) = render(parts, data, refusal.status()).await.into_parts();
    let (mut head, _) = refusal.into_parts();
    head.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, body)
}
