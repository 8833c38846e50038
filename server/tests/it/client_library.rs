//! A client that is not ours: the crate `openidconnect`, over TCP, with the machine's clock.

use std::net::SocketAddr;
use std::sync::Arc;

use claviger::clock::Clock;
use claviger::services::applications::{self, By};
use claviger::store::Store;
use contract::wire::application::{ApplicationSettings, NewApplication};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
};
use tokio::net::TcpListener;

use crate::harness::database::{Database, postgres_server};
use crate::harness::user::PASSWORD;
use crate::harness::{TestServer, param};

async fn complete_flow(database: Database, alg: &str, public: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let store = Store::connect(&database.url()).await.unwrap();
    store.migrate().await.unwrap();
    let server = TestServer::with(store, Arc::new(database), &base, Clock::System).await;
    let service = server
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(axum::serve(listener, service).into_future());

    let owner = server.owner().await;
    let owner = server
        .state
        .store
        .user_by_id(owner.id)
        .await
        .unwrap()
        .unwrap();
    let new = NewApplication {
        name: "Calendar".to_owned(),
        client_id: None,
        settings: ApplicationSettings {
            client_type: Some(if public { "public" } else { "confidential" }.to_owned()),
            redirect_uris: Some(vec!["https://client.example/cb".to_owned()]),
            id_token_alg: Some(alg.to_owned()),
            ..ApplicationSettings::default()
        },
    };
    let (state, by) = (&server.state, By::Person(&owner));
    let (application, secret) =
        applications::create(state, &state.client_secrets, by, &owner, &new)
            .await
            .unwrap();

    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .cookie_store(true)
        .build()
        .unwrap();
    let issuer = IssuerUrl::new(format!("{base}/o")).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http)
        .await
        .unwrap();
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(application.client_id.clone()),
        secret.map(ClientSecret::new),
    )
    .set_redirect_uri(RedirectUrl::new("https://client.example/cb".to_owned()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();

    let location = sign_in_and_allow(&http, &base, url.as_str()).await;
    assert_eq!(
        param(&location, "state").as_deref(),
        Some(state.secret().as_str())
    );
    let code = AuthorizationCode::new(param(&location, "code").unwrap());
    let request = client
        .exchange_code(code)
        .unwrap()
        .set_pkce_verifier(verifier);
    let tokens = request.request_async(&http).await.unwrap();
    let id_token = tokens.id_token().unwrap();
    let claims = id_token
        .claims(&client.id_token_verifier(), &nonce)
        .unwrap();
    assert_eq!(
        claims.email().map(|email| email.as_str()),
        Some("owner@example.com")
    );

    let info = client.user_info(
        tokens.access_token().clone(),
        Some(claims.subject().clone()),
    );
    let info: CoreUserInfoClaims = info.unwrap().request_async(&http).await.unwrap();
    assert_eq!(
        info.preferred_username().map(|name| name.as_str()),
        Some("owner")
    );

    let refresh = tokens.refresh_token().unwrap();
    let refreshed = client
        .exchange_refresh_token(refresh)
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    assert_ne!(
        refreshed.access_token().secret(),
        tokens.access_token().secret()
    );
    let again = refreshed.id_token().unwrap();
    let no_nonce = |nonce: Option<&Nonce>| nonce.is_none().then_some(()).ok_or_else(String::new);
    assert_eq!(
        again
            .claims(&client.id_token_verifier(), no_nonce)
            .unwrap()
            .subject(),
        claims.subject()
    );

    serving.abort();
    server.state.store.close().await;
    server.database.delete().await;
}

/// What the person does in the browser.
async fn sign_in_and_allow(http: &reqwest::Client, base: &str, url: &str) -> String {
    let get = async |url: String| {
        let response = http.get(url).send().await.unwrap();
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    let post = async |path: &str, body: serde_json::Value| {
        let response = http
            .post(format!("{base}{path}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        let json: serde_json::Value = response.json().await.unwrap();
        json["redirect_to"]
            .as_str()
            .unwrap_or_else(|| panic!("{json}"))
            .to_owned()
    };
    let login = get(url.to_owned()).await;
    let flow = param(&login, "flow").unwrap();
    let body = serde_json::json!({ "username": "owner", "password": PASSWORD, "flow": flow });
    let consent = post("/api/session", body).await;
    let flow = param(&consent, "flow").unwrap();
    post(
        "/api/consent",
        serde_json::json!({ "flow": flow, "decision": "allow" }),
    )
    .await
}

/// OpenID Connect Core 1.0 §3.1: another library goes the whole code flow with a secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_client_goes_all_the_way_on_sqlite() {
    complete_flow(Database::sqlite(), "RS256", false).await;
}

/// OpenID Connect Core 1.0 §3.1: another library goes the whole code flow without a secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_goes_all_the_way_on_sqlite() {
    complete_flow(Database::sqlite(), "ES256", true).await;
}

/// OpenID Connect Core 1.0 §3.1: another library goes the whole code flow with a secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_client_goes_all_the_way_on_postgres() {
    if let Some(server) = postgres_server() {
        complete_flow(Database::postgres(&server).await, "EdDSA", false).await;
    }
}
