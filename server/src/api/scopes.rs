//! `GET /api/scopes`: what applications can ask for, in words for people.

use axum::Json;
use axum::extract::State;
use contract::wire::application::Scope;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Refused;
use crate::domain::{resource, scope};
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
async fn list(State(state): State<AppState>, _: SignedIn) -> Json<Vec<Scope>> {
    let known = scope::KNOWN.iter().map(|known| Scope {
        name: known.name.to_owned(),
        description: known.description.to_owned(),
        detail: known.detail.to_owned(),
    });
    let servers = state.resource_servers();
    let theirs = resource::own_scopes(&servers).map(|(name, server)| Scope {
        name: name.to_owned(),
        description: resource::describe(name, server),
        detail: server.uri.clone(),
    });
    Json(known.chain(theirs).collect())
}
