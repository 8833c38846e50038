//! One request on its way: `server.post("/o/token").basic("id", "secret").form(…).await`.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::pin::Pin;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Answer, Browser, Form, TestServer, form};

pub(crate) struct Call {
    server: TestServer,
    browser: Option<Browser>,
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    peer: Option<SocketAddr>,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(server: &TestServer, method: &str, path: &str) -> Self {
        Self {
            server: server.clone(),
            browser: None,
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: Vec::new(),
            peer: None,
            body: Vec::new(),
        }
    }

    /// With this browser's cookies, which the answer may change.
    pub(crate) fn from(mut self, browser: &Browser) -> Self {
        self.browser = Some(browser.clone());
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Over a connection from this address.
    pub(crate) fn peer(mut self, address: &str) -> Self {
        self.peer = Some(SocketAddr::new(address.parse().unwrap(), 50_000));
        self
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let pair = format!("{}:{}", form::encode(id), form::encode(secret));
        self.header("authorization", format!("Basic {}", STANDARD.encode(pair)))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.body("application/x-www-form-urlencoded", form(pairs))
    }

    pub(crate) fn fields(self, fields: &Form) -> Self {
        self.body("application/x-www-form-urlencoded", fields.encoded())
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string())
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut request = Request::builder().method(self.method).uri(&self.path);
            for (name, value) in &self.headers {
                request = request.header(name, value.as_slice());
            }
            if let Some(browser) = &self.browser {
                request = request.header("cookie", browser.cookies());
            }
            if let Some(peer) = self.peer {
                request = request.extension(ConnectInfo(peer));
            }
            let request = request.body(Body::from(self.body)).unwrap();
            let answer = self.server.answer(request).await;
            if let Some(browser) = &self.browser {
                browser.keep(&answer);
            }
            answer
        })
    }
}
