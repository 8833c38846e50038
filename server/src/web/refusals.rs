//! Turns what the protocol's handlers could only describe into a page: a refusal that a person
//! reads, an answer that a form takes to the application.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use contract::wire::page::PageContent;

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
    let Some(PageToRender(page)) = response.extensions_mut().remove::<PageToRender>() else {
        return response;
    };
    let status = response.status();
    let data = data(&state, None, PageContent::Refused(page));
    let (_, body) = render(&kept, data, status).await.into_parts();
    // The headers of the refusal stay (`Allow`, `Retry-After`), and so does its rule.
    let (mut head, _) = response.into_parts();
    head.headers.insert(
        axum::http::header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    head.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(head, body)
}
