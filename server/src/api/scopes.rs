//! `GET /api/scopes`: what applications can ask for, in words for people.

use app::wire::application::Scope;
use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Refused;
use crate::domain::scope;
use crate::http::session::SignedIn;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(list))
}

/// List scopes
#[utoipa::path(
    get,
    path = "/api/scopes",
    tag = "Applications",
    responses((status = 200, description = "The scopes there are.", body = [Scope]), Refused)
)]
async fn list(_: SignedIn) -> Json<Vec<Scope>> {
    let known = scope::KNOWN.iter().map(|known| Scope {
        name: known.name.to_owned(),
        description: known.description.to_owned(),
        detail: known.detail.to_owned(),
    });
    Json(known.collect())
}
