//! What an application is told of its registration (RFC 7591 §3.2.1, RFC 7592 §3): everything as
//! it was understood, so that it need not guess what was left out.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contract::routes;
use serde_json::{Map, Value, json};

use crate::domain::client::{AuthMethod, Client, GrantType};
use crate::http::response::private_json;
use crate::services::registration::RegistrationResponse;
use crate::state::AppState;

pub(super) fn answer(
    state: &AppState,
    status: StatusCode,
    shown: &RegistrationResponse,
) -> Response {
    let application = &shown.application;
    let mut body = members(application);
    let path = format!("{}/{}", routes::REGISTER, application.client_id);
    body.insert(
        "registration_client_uri".to_owned(),
        json!(state.url.join(&path)),
    );
    body.insert("registration_access_token".to_owned(), json!(shown.token));
    if let Some(secret) = &shown.secret {
        body.insert("client_secret".to_owned(), json!(secret));
        // It does not expire.
        body.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    (status, private_json(body)).into_response()
}

fn members(application: &Client) -> Map<String, Value> {
    let settings = &application.settings;
    let code = application.holds(GrantType::AuthorizationCode);
    let method = settings
        .token_endpoint_auth_method
        .unwrap_or(if application.is_confidential() {
            AuthMethod::ClientSecretBasic
        } else {
            AuthMethod::None
        });
    let grants: Vec<_> = settings
        .grant_types
        .iter()
        .map(|grant| grant.name())
        .collect();
    let jwks = settings
        .jwks
        .as_deref()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let body = json!({
        "client_id": application.client_id,
        "client_id_issued_at": application.created_at.seconds(),
        "client_name": settings.name,
        "redirect_uris": settings.redirect_uris,
        "grant_types": grants,
        "response_types": if code { vec!["code"] } else { vec![] },
        "token_endpoint_auth_method": method.name(),
        "scope": settings.scopes.to_string(),
        "id_token_signed_response_alg": settings.id_token_alg.name(),
        "post_logout_redirect_uris": settings.post_logout_redirect_uris,
        "backchannel_logout_session_required": settings.backchannel_logout_session_required,
        "require_pushed_authorization_requests": settings.require_pushed_authorization_requests,
        "jwks": jwks,
        "jwks_uri": settings.jwks_uri,
        "backchannel_logout_uri": settings.backchannel_logout_uri,
    });
    let about = serde_json::to_value(&application.about).unwrap_or_default();
    [body, about]
        .into_iter()
        .filter_map(|part| match part {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .collect()
}
