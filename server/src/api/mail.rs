//! `/api/mail`: mails that were sent, kept or failed. For administrators.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use contract::rules;
use contract::wire::mail::{MailItem, MailList, MailState};
use contract::wire::problem::Problem;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::{ApiError, Refused};
use crate::domain::refusal::Refusal;
use crate::http::session::SignedIn;
use crate::services::mail::{self, MailQuery};
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(test))
}

/// What a list is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// A part of the address.
    query: Option<String>,
    /// `queued`, `sent`, `failed` or `kept`.
    state: Option<String>,
    /// Items of a page, 200 at most.
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    fn parse(self) -> Result<MailQuery, Refusal> {
        let unknown = |name: &str, value: &str| {
            Refusal::new(&rules::QUERY_MALFORMED)
                .detail(format!("{name} is not one of its values."))
                .received(value)
        };
        let state = self.state.as_deref().filter(|state| !state.is_empty());
        let cursor = self.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        Ok(MailQuery {
            state: state
                .map(|name| MailState::parse(name).ok_or_else(|| unknown("state", name)))
                .transpose()?,
            cursor: cursor
                .map(|text| Uuid::parse_str(text).map_err(|_| unknown("cursor", text)))
                .transpose()?,
            query: self.query,
            limit: self.limit,
        })
    }
}

/// List mails
///
/// Newest first. A mail has its link only while no mail server is set up.
#[utoipa::path(
    get,
    path = "/api/mail",
    tag = "Administration",
    params(ListQuery),
    responses(
        (status = 200, body = MailList),
        (status = 400, description = "A parameter has no such value: `query-malformed`.", body = Problem),
        Refused
    )
)]
async fn list(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<MailList>, ApiError> {
    let Query(query) =
        query.map_err(|error| Refusal::new(&rules::QUERY_MALFORMED).detail(error.body_text()))?;
    let asked = query.parse()?;
    Ok(Json(mail::list(&state, &session.user, &asked).await?))
}

/// Send a test mail
///
/// To the caller's own address.
#[utoipa::path(
    post,
    path = "/api/mail/test",
    tag = "Administration",
    responses(
        (status = 202, description = "Written, and about to be sent.", body = MailItem),
        (status = 429, description = "Several were just sent: `too-many-mails`.", body = Problem),
        Refused
    )
)]
async fn test(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
) -> Result<(StatusCode, Json<MailItem>), ApiError> {
    let item = mail::send_test(&state, &session.user).await?;
    Ok((StatusCode::ACCEPTED, Json(item)))
}
