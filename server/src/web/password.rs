//! `/forgot` and `/reset`: plain pages and plain forms.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use contract::routes;
use contract::wire::page::{ForgotPage, MessagePage, PageContent, PageLink, ResetPage};
use contract::wire::session::{ForgotPassword, ResetPassword};

use super::forms::read;
use super::pages::{data, query, refused};
use super::render::render;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::mail::Delivery;
use crate::services::form::FormFailure;
use crate::services::password_reset;
use crate::state::{App, AppState};

pub(super) async fn show_forgot(State(state): State<AppState>, parts: Parts) -> Response {
    let params = match query(&parts) {
        Ok(params) => params,
        Err(failure) => return refused(&state, &parts, failure).await,
    };
    let username = params.get("username").unwrap_or_default().to_owned();
    forgot_page(&state, &parts, username, None, StatusCode::OK).await
}

async fn forgot_page(
    state: &App,
    parts: &Parts,
    username: String,
    error: Option<String>,
    status: StatusCode,
) -> Response {
    let page = ForgotPage {
        username,
        sends: state.delivery() == Delivery::Sent,
        error,
    };
    render(parts, data(state, None, PageContent::Forgot(page)), status).await
}

pub(super) async fn forgot(
    State(state): State<AppState>,
    address: PeerAddress,
    request: Request<Body>,
) -> Response {
    let (parts, params) = read(request).await;
    let params = match params {
        Ok(params) => params,
        Err(refusal) => return refused(&state, &parts, refusal.into()).await,
    };
    let username = params.get("username").unwrap_or_default().trim().to_owned();
    if username.is_empty() {
        let error = Some("Type your username or your email.".to_owned());
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return forgot_page(&state, &parts, username, error, status).await;
    }
    let form = ForgotPassword {
        username: username.clone(),
    };
    match password_reset::forgot(&state, address, &form).await {
        Ok(()) => message(&state, &parts, asked(&state, &username)).await,
        Err(failure) => {
            let refusal = failure.refusal();
            if refusal.rule.status != 429 {
                return refused(&state, &parts, refusal.into()).await;
            }
            let detail = refusal.detail.clone().unwrap_or_default();
            let error = Some(format!("{} {detail}", refusal.rule.said));
            let status = StatusCode::TOO_MANY_REQUESTS;
            forgot_page(&state, &parts, username, error, status).await
        }
    }
}

/// The same for a name that there is and for one that there is not.
fn asked(state: &App, username: &str) -> MessagePage {
    let (title, text) = match state.delivery() {
        Delivery::Sent => (
            "Check your mail",
            format!(
                "If there is an account for {username}, a link is on its way. It works once, for \
                 an hour. Nothing came? Look in the spam folder, or try your other address."
            ),
        ),
        Delivery::Kept => (
            "Ask the people who run this",
            format!(
                "No mail can be sent from here. If there is an account for {username}, an \
                 administrator can give you the link. It works once, for an hour."
            ),
        ),
    };
    MessagePage {
        title: title.to_owned(),
        text,
        links: vec![PageLink::new(routes::LOGIN, "Back to sign in")],
        ..MessagePage::default()
    }
}

async fn message(state: &App, parts: &Parts, page: MessagePage) -> Response {
    let data = data(state, None, PageContent::Message(page));
    render(parts, data, StatusCode::OK).await
}

pub(super) async fn show_reset(State(state): State<AppState>, parts: Parts) -> Response {
    let shown = async {
        let params = query(&parts)?;
        let token = params.get("token").unwrap_or_default();
        let user = password_reset::user_of(&state, token).await?;
        Ok::<_, Error>(ResetPage {
            token: token.to_owned(),
            username: user.username,
            ..ResetPage::default()
        })
    };
    match shown.await {
        Ok(page) => reset_page(&state, &parts, page, StatusCode::OK).await,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn reset_page(state: &App, parts: &Parts, page: ResetPage, status: StatusCode) -> Response {
    render(parts, data(state, None, PageContent::Reset(page)), status).await
}

pub(super) async fn reset(State(state): State<AppState>, request: Request<Body>) -> Response {
    let (parts, params) = read(request).await;
    let params = match params {
        Ok(params) => params,
        Err(refusal) => return refused(&state, &parts, refusal.into()).await,
    };
    let text = |name| params.get(name).unwrap_or_default().to_owned();
    let form = ResetPassword {
        token: text("token"),
        password: text("password"),
    };
    match password_reset::reset(&state, &form).await {
        Ok(()) => {
            let page = MessagePage {
                title: "Your new password is set".to_owned(),
                text: "You were signed out everywhere. Sign in with the new password.".to_owned(),
                links: vec![PageLink::new(routes::LOGIN, "Sign in")],
                ..MessagePage::default()
            };
            message(&state, &parts, page).await
        }
        Err(FormFailure::Fields(errors)) => {
            let user = match password_reset::user_of(&state, &form.token).await {
                Ok(user) => user,
                Err(failure) => return refused(&state, &parts, failure).await,
            };
            let page = ResetPage {
                token: form.token,
                username: user.username,
                errors: errors.into_map(),
            };
            reset_page(&state, &parts, page, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(FormFailure::Failed(failure)) => refused(&state, &parts, failure).await,
    }
}
