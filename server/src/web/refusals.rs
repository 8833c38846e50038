//! Turns what the protocol's handlers could only describe into a page: a refusal that a person
//! reads, an answer that a form takes to the application.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use contract::wire::page::{PageContent, RefusedPage};

use super::pages::data;
use super::render::{form_post, render};
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
