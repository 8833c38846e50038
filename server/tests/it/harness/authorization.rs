//! Authorization requests and the codes that they lead to.

use super::{Form, TestApp, param};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Of everything that an encoder may get wrong on the way back.
pub(crate) const STATE: &str = "a+b c&d=\u{e9}%2F\"<#?/";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";

/// An authorization request that is right until the test changes it.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) params: Form,
}

impl TestApp {
    pub(crate) fn ask(&self) -> AuthorizationRequest {
        AuthorizationRequest {
            params: Form::new(&[
                ("response_type", "code"),
                ("client_id", &self.client_id),
                ("redirect_uri", &self.redirect_uri),
                ("scope", "openid read"),
                ("state", STATE),
                ("nonce", NONCE),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ]),
        }
    }
}

impl AuthorizationRequest {
    pub(crate) fn set(self, name: &str, value: &str) -> Self {
        Self {
            params: self.params.set(name, value),
        }
    }

    pub(crate) fn add(self, name: &str, value: &str) -> Self {
        Self {
            params: self.params.add(name, value),
        }
    }

    pub(crate) fn without(self, name: &str) -> Self {
        Self {
            params: self.params.without(name),
        }
    }
}

/// A code as it came back to the application.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) code: String,
}

impl Code {
    /// The code with which this redirect goes back; the test fails when there is none.
    #[track_caller]
    pub(crate) fn of(location: String) -> Self {
        let code = param(&location, "code");
        Self {
            code: code.unwrap_or_else(|| panic!("no code in {location}")),
        }
    }
}
