//! The modules of the OpenID Foundation's conformance suite, by their names, as our own tests: the
//! plans basic, config, form post, RP-initiated logout and back-channel logout.
//!
//! A relying party here does what the suite's does: it is confidential, uses no PKCE unless the
//! module is about it, and checks all of every answer. Where the suite asks the tester for a
//! screenshot, the page is looked at; where it ends with "skipped", the test says what we refuse.

mod backchannel;
mod basic;
mod basic_requests;
mod config;
mod form_post;
mod page;
mod rp_logout;

use serde_json::Value;

use crate::harness::application::Tokens;
use crate::harness::authorization::{NONCE, STATE};
use crate::harness::server::PUBLIC_URL;
use crate::harness::{AuthorizationRequest, Browser, Form, TestApp, TestServer, TestUser, form};

/// How authorization responses come back.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    Default,
    FormPost,
}

/// The provider under test, as one plan looks at it.
#[derive(Clone)]
pub(crate) struct Op {
    pub(crate) server: TestServer,
    pub(crate) mode: Mode,
}

/// A relying party, with a person and their browser in front of it.
pub(crate) struct Rp {
    pub(crate) op: Op,
    pub(crate) app: TestApp,
    pub(crate) user: TestUser,
    pub(crate) browser: Browser,
}

/// An authorization response as it reached the redirect URI.
#[derive(Debug)]
pub(crate) struct Response(pub(crate) Vec<(String, String)>);

/// Makes the tests of a module, and leaves its body to the other plans that hold it.
macro_rules! module {
    ($(#[$meta:meta])* async fn $name:ident($op:ident: Op) $body:block) => {
        pub(crate) mod $name {
            #[allow(unused_imports, reason = "some modules need nothing of what is around them")]
            use super::*;

            $(#[$meta])*
            pub(crate) async fn test($op: Op) $body

            $crate::conformance::in_mode!(test, Default);
        }
    };
}
pub(crate) use module;

/// Runs a module's body on each database, in one response mode.
macro_rules! in_mode {
    ($body:path, $mode:ident) => {
        async fn run(server: $crate::harness::TestServer) {
            let mode = $crate::conformance::Mode::$mode;
            $body($crate::conformance::Op { server, mode }).await;
        }

        #[test]
        fn on_sqlite() {
            $crate::harness::server::on_sqlite(run);
        }

        #[test]
        fn on_postgres() {
            $crate::harness::server::on_postgres(run);
        }
    };
}
pub(crate) use in_mode;

impl Op {
    /// A relying party that has no consent yet, and a person who is not signed in.
    pub(crate) async fn rp(&self) -> Rp {
        Rp {
            op: self.clone(),
            app: self.server.app().pkce_optional().create().await,
            user: self.server.any_user().await,
            browser: self.server.browser(),
        }
    }

    pub(crate) async fn metadata(&self) -> Value {
        let path = "/o/.well-known/openid-configuration";
        self.server.get(path).await.is(200).json()
    }
}

impl Rp {
    /// What the suite sends unless a module says otherwise.
    pub(crate) fn ask(&self) -> AuthorizationRequest {
        let ask = self.app.ask().set("scope", "openid");
        let ask = ask
            .without("code_challenge")
            .without("code_challenge_method");
        match self.op.mode {
            Mode::Default => ask,
            Mode::FormPost => ask.set("response_mode", "form_post"),
        }
    }

    /// The person signs in where they are asked to and allows everything.
    pub(crate) async fn walk(&self, ask: &AuthorizationRequest) -> Response {
        let location = self.browser.walk(ask, &self.user).await;
        self.arrives(&location).await
    }

    /// The person is asked nothing.
    pub(crate) async fn silently(&self, ask: &AuthorizationRequest) -> Response {
        let answer = self.browser.ask(ask).await;
        match self.op.mode {
            Mode::Default => self.arrives(&answer.location()).await,
            Mode::FormPost => page::posted(&answer, &self.app.redirect_uri),
        }
    }

    /// The person has to sign in, with a session or without.
    pub(crate) async fn signing_in(&self, ask: &AuthorizationRequest) -> Response {
        let ticket = self.browser.ask(ask).await.ticket("/login");
        let mut location = self.browser.sign_in_for(&self.user, &ticket).await;
        if let Some(ticket) = location.strip_prefix("/consent?flow=") {
            location = self.browser.allow(ticket).await;
        }
        self.arrives(&location).await
    }

    /// What reaches the redirect URI from here.
    pub(crate) async fn arrives(&self, location: &str) -> Response {
        match self.op.mode {
            Mode::Default => {
                let query = format!("{}?", self.app.redirect_uri);
                assert!(location.starts_with(&query), "{location}");
                Response(form::query(location))
            }
            Mode::FormPost => {
                let page = self.browser.get(location).await;
                page::posted(&page, &self.app.redirect_uri)
            }
        }
    }

    /// Redeems the code, and checks the answer as far as it is the same in every module.
    pub(crate) async fn redeem(&self, response: &Response) -> Tokens {
        self.checked(self.app.token(&self.redeeming(response)).await.into())
    }

    pub(crate) fn checked(&self, tokens: Tokens) -> Tokens {
        let json = tokens.answer.json();
        assert_eq!(json["token_type"], "Bearer");
        assert!(json["expires_in"].as_u64().is_some());
        assert_eq!(tokens.answer.header("cache-control"), "no-store");
        tokens
    }

    /// The request that redeems this code.
    pub(crate) fn redeeming(&self, response: &Response) -> Form {
        Form::new(&[
            ("grant_type", "authorization_code"),
            ("code", &response.code()),
            ("redirect_uri", &self.app.redirect_uri),
        ])
    }

    /// The claims of an id_token that the published keys verify.
    pub(crate) async fn claims(&self, tokens: &Tokens) -> Value {
        let server = &self.op.server;
        let claims = crate::id_token::verified(server, &tokens.id_token, &self.app.client_id).await;
        let now = server.state.now().0 / 1000;
        assert_eq!(claims["iat"], now);
        assert!(claims["exp"].as_i64().unwrap() > now);
        let sub = claims["sub"].as_str().unwrap();
        assert!(!sub.is_empty() && sub.len() < 256 && sub.is_ascii());
        claims
    }

    pub(crate) async fn userinfo(&self, tokens: &Tokens) -> Value {
        let call = self.op.server.get("/o/userinfo").bearer(&tokens.access);
        call.await.is(200).json()
    }

    /// The rest of a flow that goes well: tokens, an id_token that counts, the same person.
    pub(crate) async fn completes(&self, response: Response) -> (Tokens, Value) {
        let tokens = self.redeem(&response).await;
        let claims = self.claims(&tokens).await;
        assert_eq!(claims["nonce"], NONCE);
        assert_eq!(self.userinfo(&tokens).await["sub"], claims["sub"]);
        (tokens, claims)
    }

    /// A whole flow that goes well.
    pub(crate) async fn succeeds(&self, ask: &AuthorizationRequest) -> (Tokens, Value) {
        self.completes(self.walk(ask).await).await
    }
}

impl Response {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(n, _)| n == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is repeated in {self:?}");
        value
    }

    #[track_caller]
    fn comes_from_us(&self) {
        assert_eq!(self.get("state"), Some(STATE), "{self:?}");
        assert_eq!(self.get("iss"), Some(format!("{PUBLIC_URL}/o").as_str()));
    }

    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.comes_from_us();
        assert_eq!(self.get("error"), None, "{self:?}");
        self.get("code").unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn is_error(&self, error: &str) {
        self.comes_from_us();
        assert_eq!(self.get("error"), Some(error), "{self:?}");
        assert_eq!(self.get("code"), None);
    }
}
