//! The typed client of the JSON API, for the browser.
//!
//! Every call answers with what was asked for or with a [`Problem`]; a broken connection is a
//! problem too. On the server the functions exist, so that pages compile, and are never called.
//!
//! Must never keep what it saw: secrets pass through to the page that shows them once.

use std::{future::Future, pin::Pin};

use serde::{Serialize, de::DeserializeOwned};

use crate::browser;
use contract::{rules, wire::problem::Problem};

/// `GET path`.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Problem> {
    decode(&call("GET", path, None).await?).ok_or_else(unreadable)
}

/// `POST path` with a JSON body. An empty answer (204) decodes as `()`.
pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Problem> {
    let body = encode(body).ok_or_else(unreadable)?;
    decode(&call("POST", path, Some(body)).await?).ok_or_else(unreadable)
}

/// `PATCH path` with a JSON body.
pub async fn patch<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Problem> {
    let body = encode(body).ok_or_else(unreadable)?;
    decode(&call("PATCH", path, Some(body)).await?).ok_or_else(unreadable)
}

/// `DELETE path`.
pub async fn delete(path: &str) -> Result<(), Problem> {
    call("DELETE", path, None).await.map(drop)
}

/// A request as it is, for the playground: any method, headers and body.
#[derive(Clone, Debug, Default)]
pub struct RawRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// Without the person's cookies, as any other client would. It also keeps the browser from
    /// asking for a password of its own when a 401 carries a `Basic` challenge.
    pub anonymous: bool,
}

/// An answer as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl RawAnswer {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends a request and hands back whatever was answered; only a broken connection is a problem.
#[cfg(feature = "hydrate")]
pub async fn raw(request: RawRequest) -> Result<RawAnswer, Problem> {
    use gloo_net::http::{Method, RequestBuilder};

    let method = match request.method {
        "POST" => Method::POST,
        "PATCH" => Method::PATCH,
        "PUT" => Method::PUT,
        "DELETE" => Method::DELETE,
        _ => Method::GET,
    };
    let mut builder = RequestBuilder::new(&request.url).method(method);
    if request.anonymous {
        builder = builder.credentials(web_sys::RequestCredentials::Omit);
    }
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let sent = match request.body {
        Some(body) => builder.body(body),
        None => builder.build(),
    };
    let answer = async { sent?.send().await }.await.map_err(|_| broken())?;
    Ok(RawAnswer {
        status: answer.status(),
        headers: answer.headers().entries().collect(),
        body: answer.text().await.map_err(|_| broken())?,
    })
}

/// On the server there is nothing to ask.
#[cfg(not(feature = "hydrate"))]
pub async fn raw(_request: RawRequest) -> Result<RawAnswer, Problem> {
    Err(broken())
}

type Answer = Pin<Box<dyn Future<Output = Result<String, Problem>>>>;

/// Boxed, so that the whole call is compiled once and not into each shape that is asked for.
fn call(method: &'static str, path: &str, body: Option<String>) -> Answer {
    Box::pin(called(method, path.to_owned(), body))
}

async fn called(
    method: &'static str,
    url: String,
    body: Option<String>,
) -> Result<String, Problem> {
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    let answer = raw(RawRequest {
        method,
        url,
        headers,
        body,
        anonymous: false,
    })
    .await?;
    if answer.is_success() {
        return Ok(answer.body);
    }
    let mut problem = serde_json::from_str::<Problem>(&answer.body).unwrap_or_else(|_| Problem {
        status: answer.status,
        ..unreadable()
    });
    if problem.request_id.is_empty() {
        problem.request_id = answer.header("x-request-id").unwrap_or_default().to_owned();
    }
    if problem.rule() == rules::SESSION_REQUIRED.id {
        browser::sign_in_again();
    }
    Err(problem)
}

fn encode(body: &impl Serialize) -> Option<String> {
    serde_json::to_string(body).ok()
}

fn decode<T: DeserializeOwned>(body: &str) -> Option<T> {
    let body = if body.is_empty() { "null" } else { body };
    serde_json::from_str(body).ok()
}

/// The connection broke, or the server is gone.
fn broken() -> Problem {
    Problem {
        title: "The server can't be reached.".to_owned(),
        detail: "Check your connection and try again. Nothing was lost.".to_owned(),
        ..Problem::default()
    }
}

/// The answer was not in the shape that this page knows.
fn unreadable() -> Problem {
    Problem {
        title: "The server's answer can't be read.".to_owned(),
        detail: "Claviger may have been updated since this page was opened. Reload the page."
            .to_owned(),
        ..Problem::default()
    }
}
