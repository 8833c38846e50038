//! Applications, and what they do at the token endpoint.

use claviger::services::applications::{self, By};
use contract::wire::application::{ApplicationSettings, NewApplication};

use super::call::Call;
use super::{Answer, AuthorizationRequest, Code, Form, TestServer, TestUser};

pub(crate) const REDIRECT_URI: &str = "https://client.example/cb";

#[derive(Clone)]
pub(crate) struct TestApp {
    pub(crate) server: TestServer,
    pub(crate) client_id: String,
    /// Absent for a public application.
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    /// Empty when there is none.
    pub(crate) refresh: String,
    /// Empty when there is none.
    pub(crate) id_token: String,
    pub(crate) scope: String,
    pub(crate) answer: Answer,
}

impl From<Answer> for Tokens {
    #[track_caller]
    fn from(answer: Answer) -> Self {
        let json = answer.clone().is(200).json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id_token: text("id_token"),
            scope: text("scope"),
            answer,
        }
    }
}

/// An application on its way: confidential, with every scope and the grants of a code flow.
pub(crate) struct AppBuilder {
    server: TestServer,
    owner: Option<TestUser>,
    new: NewApplication,
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

impl TestServer {
    pub(crate) fn app(&self) -> AppBuilder {
        AppBuilder {
            server: self.clone(),
            owner: None,
            new: NewApplication {
                name: "Calendar".to_owned(),
                client_id: None,
                settings: ApplicationSettings {
                    redirect_uris: Some(texts(&[REDIRECT_URI])),
                    ..ApplicationSettings::default()
                },
            },
        }
    }
}

impl AppBuilder {
    pub(crate) fn id(mut self, client_id: &str) -> Self {
        self.new.client_id = Some(client_id.to_owned());
        self
    }

    pub(crate) fn owned_by(mut self, owner: &TestUser) -> Self {
        self.owner = Some(owner.clone());
        self
    }

    pub(crate) fn public(self) -> Self {
        self.settings(|s| s.client_type = Some("public".to_owned()))
    }

    pub(crate) fn grants(self, grants: &[&str]) -> Self {
        self.settings(|s| s.grant_types = Some(texts(grants)))
    }

    pub(crate) fn redirects(self, uris: &[&str]) -> Self {
        self.settings(|s| s.redirect_uris = Some(texts(uris)))
    }

    pub(crate) fn origins(self, origins: &[&str]) -> Self {
        self.settings(|s| s.allowed_origins = Some(texts(origins)))
    }

    pub(crate) fn scopes(self, scopes: &str) -> Self {
        self.settings(|s| s.scopes = Some(scopes.split(' ').map(str::to_owned).collect()))
    }

    /// People may decline these scopes and no others.
    pub(crate) fn optional(self, scopes: &str) -> Self {
        self.settings(|s| s.optional_scopes = Some(scopes.split(' ').map(str::to_owned).collect()))
    }

    pub(crate) fn pkce_optional(self) -> Self {
        self.settings(|s| s.require_pkce = Some(false))
    }

    pub(crate) fn has_to_push(self) -> Self {
        self.settings(|s| s.require_pushed_authorization_requests = Some(true))
    }

    pub(crate) fn skip_consent(self) -> Self {
        self.settings(|s| s.skip_consent = Some(true))
    }

    pub(crate) fn reuse_window(self, seconds: i64) -> Self {
        self.settings(|s| s.refresh_reuse_window = Some(seconds))
    }

    pub(crate) fn refresh_lifetime(self, seconds: i64) -> Self {
        self.settings(|s| s.refresh_token_lifetime = Some(seconds))
    }

    pub(crate) fn access_lifetime(self, seconds: i64) -> Self {
        self.settings(|s| s.access_token_lifetime = Some(seconds))
    }

    /// Its access tokens are JWTs.
    pub(crate) fn jwt(self) -> Self {
        self.settings(|s| s.access_token_format = Some("jwt".to_owned()))
    }

    pub(crate) fn resources(self, uris: &[&str]) -> Self {
        self.settings(|s| s.resources = Some(texts(uris)))
    }

    pub(crate) fn alg(self, alg: &str) -> Self {
        self.settings(|s| s.id_token_alg = Some(alg.to_owned()))
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(&mut ApplicationSettings)) -> Self {
        change(&mut self.new.settings);
        self
    }

    pub(crate) async fn create(self) -> TestApp {
        let state = &self.server.state;
        let owner = match self.owner {
            Some(owner) => owner,
            None => self.server.owner().await,
        };
        let owner = state.store.user_by_id(owner.id).await.unwrap().unwrap();
        let secrets = &state.client_secrets;
        let by = By::Person(&owner);
        let made = applications::create(state, secrets, by, &owner, &self.new).await;
        let (application, secret) = made.unwrap_or_else(|error| panic!("{error:?}"));
        TestApp {
            client_id: application.client_id,
            secret,
            redirect_uri: application
                .settings
                .redirect_uris
                .first()
                .cloned()
                .unwrap_or_default(),
            server: self.server,
        }
    }
}

impl TestApp {
    /// The same application, asking another process.
    pub(crate) fn at(&self, server: &TestServer) -> Self {
        Self {
            server: server.clone(),
            ..self.clone()
        }
    }

    /// Posts a form as this application.
    pub(crate) fn post(&self, path: &str, fields: &Form) -> Call {
        let call = self.server.post(path);
        match &self.secret {
            Some(secret) => call.fields(fields).basic(&self.client_id, secret),
            None => call.fields(&fields.clone().add("client_id", &self.client_id)),
        }
    }

    pub(crate) fn token(&self, fields: &Form) -> Call {
        self.post("/o/token", fields)
    }

    /// The request that redeems this code.
    pub(crate) fn redeeming(&self, code: &Code) -> Form {
        Form::new(&[
            ("grant_type", "authorization_code"),
            ("code", &code.code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", super::authorization::VERIFIER),
        ])
    }

    pub(crate) async fn redeem(&self, code: &Code) -> Answer {
        self.token(&self.redeeming(code)).await
    }

    pub(crate) fn refreshing(&self, refresh_token: &str) -> Form {
        Form::new(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.token(&self.refreshing(refresh_token)).await
    }

    pub(crate) async fn introspect(&self, token: &str) -> Answer {
        self.post("/o/introspect", &Form::new(&[("token", token)]))
            .await
    }

    pub(crate) async fn revoke(&self, token: &str) -> Answer {
        self.post("/o/revoke_token", &Form::new(&[("token", token)]))
            .await
    }

    /// A code that a new person got by the whole flow.
    pub(crate) async fn code(&self) -> Code {
        self.code_of(&self.ask()).await
    }

    pub(crate) async fn code_of(&self, ask: &AuthorizationRequest) -> Code {
        let user = self.server.any_user().await;
        Code::of(self.server.browser().walk(ask, &user).await)
    }

    pub(crate) async fn tokens(&self) -> Tokens {
        self.redeem(&self.code().await).await.into()
    }

    /// Tokens with these scopes.
    pub(crate) async fn tokens_for(&self, scope: &str) -> Tokens {
        let code = self.code_of(&self.ask().set("scope", scope)).await;
        self.redeem(&code).await.into()
    }
}

/// Whether a token opens `/api/hello`; looking counts as using it.
pub(crate) async fn token_works(server: &TestServer, access_token: &str) -> bool {
    server.get("/api/hello").bearer(access_token).await.status == 200
}

/// Whether the application is told that a token lives; looking counts as using it.
pub(crate) async fn is_active(app: &TestApp, token: &str) -> bool {
    app.introspect(token).await.is(200).json()["active"] == true
}
