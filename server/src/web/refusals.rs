//! Turns what the protocol's handlers could only describe into a page: a refusal that a person
//! reads, an answer that a form takes to the application.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
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

/// The refusal that a person will read: the one that a handler described, or that of an endpoint
/// for programs which was opened in a browser.
fn to_render(parts: &Parts, response: &mut Response) -> Option<RefusedPage> {
    if let Some(PageToRender(page)) = response.extensions_mut().remove::<PageToRender>() {
        return Some(page);
    }
    let opened = response.status() == StatusCode::METHOD_NOT_ALLOWED
        && parts.method == Method::GET
        && prefers_html(&parts.headers);
    opened.then(|| RefusedPage {
        status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
        rule: rules::METHOD_NOT_ALLOWED.id.to_owned(),
        title: rules::METHOD_NOT_ALLOWED.heading(None),
        explanation: "It is for programs. If an app sent you here, go back and start there again."
            .to_owned(),
        request_id: parts
            .extensions
            .get::<RequestId>()
            .map(|id| id.0.to_string())
            .unwrap_or_default(),
        ..RefusedPage::default()
    })
}

pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(FormToRender(answer)) = response.extensions_mut().remove::<FormToRender>() {
        let mut page = form_post(&kept, &answer);
        page.extensions_mut().extend(response.extensions().clone());
        return page;
    }
    let Some(page) = to_render(&kept, &mut response) else {
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
