//! What there is: OpenID Connect Discovery 1.0 §3, RFC 8414 §2, RFC 7517 §5. What is not built
//! is not advertised.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use contract::routes;
use serde_json::{Value, json};

use crate::config::Registration;
use crate::domain::authorization::ResponseMode;
use crate::domain::client::{AuthMethod, GrantType, SigningAlg};
use crate::domain::key::JWKS_MAX_AGE;
use crate::domain::scope;
use crate::domain::session::ACR_VALUES;
use crate::http::cors;
use crate::state::AppState;

pub(super) async fn openid(State(state): State<AppState>) -> Response {
    let mut document = registrable(&state, common(&state));
    document["subject_types_supported"] = json!(["public"]);
    document["id_token_signing_alg_values_supported"] =
        json!(SigningAlg::ALL.map(SigningAlg::name));
    document["userinfo_endpoint"] = json!(state.url.join(routes::USERINFO));
    document["claim_types_supported"] = json!(["normal"]);
    document["claims_supported"] = json!([
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "at_hash",
        "acr",
        "amr",
        "sid",
        "jti",
        "name",
        "preferred_username",
        "email",
        "email_verified",
        "groups"
    ]);
    document["acr_values_supported"] = json!(ACR_VALUES);
    document["prompt_values_supported"] = json!(["none", "login", "consent", "select_account"]);
    document["end_session_endpoint"] = json!(state.url.join(routes::END_SESSION));
    document["backchannel_logout_supported"] = json!(true);
    document["backchannel_logout_session_supported"] = json!(true);
    document["claims_parameter_supported"] = json!(false);
    document["request_parameter_supported"] = json!(false);
    document["request_uri_parameter_supported"] = json!(false);
    respond(document)
}

pub(super) async fn oauth(State(state): State<AppState>) -> Response {
    respond(registrable(&state, common(&state)))
}

pub(super) async fn jwks(State(state): State<AppState>) -> Response {
    respond(state.keys().jwks(state.now()))
}

/// The members that both documents have.
fn common(state: &AppState) -> Value {
    let url = &state.url;
    let client_auth = json!(AuthMethod::ALL.map(AuthMethod::name));
    let proof = AuthMethod::ALL.map(AuthMethod::name).into_iter();
    let proof: Vec<_> = proof
        .filter(|name| *name != AuthMethod::None.name())
        .collect();
    let signing = json!(SigningAlg::ALL.map(SigningAlg::name));
    json!({
        "issuer": url.issuer(),
        "authorization_endpoint": url.join(routes::AUTHORIZE),
        "token_endpoint": url.join(routes::TOKEN),
        "revocation_endpoint": url.join(routes::REVOKE),
        "introspection_endpoint": url.join(routes::INTROSPECT),
        "pushed_authorization_request_endpoint": url.join(routes::PAR),
        "require_pushed_authorization_requests": state.options.require_pushed_requests,
        "device_authorization_endpoint": url.join(routes::DEVICE_AUTHORIZATION),
        "jwks_uri": url.join(routes::JWKS),
        "scopes_supported": scope::KNOWN.iter().map(|scope| scope.name).collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::name),
        "grant_types_supported": GrantType::ALL.map(GrantType::name),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": client_auth,
        "token_endpoint_auth_signing_alg_values_supported": signing,
        "revocation_endpoint_auth_methods_supported": client_auth,
        "revocation_endpoint_auth_signing_alg_values_supported": signing,
        "introspection_endpoint_auth_methods_supported": proof,
        "introspection_endpoint_auth_signing_alg_values_supported": signing,
        "authorization_response_iss_parameter_supported": true,
        // RFC 9728 §4.
        "protected_resources": [url.join(routes::API_HELLO)],
        "service_documentation": url.join(routes::RULES),
    })
}

/// RFC 8414 §2: where applications register themselves, if they may; and whether a client id may
/// be the address of its metadata (draft-ietf-oauth-client-id-metadata-document §5).
fn registrable(state: &AppState, mut document: Value) -> Value {
    if state.options.registration != Registration::Closed {
        document["registration_endpoint"] = json!(state.url.join(routes::REGISTER));
    }
    if state.options.registration == Registration::Open {
        document["client_id_metadata_document_supported"] = json!(true);
    }
    document
}

fn respond(document: Value) -> Response {
    let cache = format!("public, max-age={}", JWKS_MAX_AGE.as_secs());
    cors::open(([(CACHE_CONTROL, cache)], Json(document)).into_response())
}
