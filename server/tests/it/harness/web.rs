//! The rest of the world, for a server that fetches by itself: names with addresses that are not
//! this machine's, all of which one small HTTP server answers for.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use claviger::outbound::{Lookup, Outbound, Policy, Reach, Resolver};
use serde_json::Value;
use tokio::net::TcpListener;

const PUBLIC: &str = "93.184.216.34";

/// What stands at an address.
#[derive(Clone, Default)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) pause: Duration,
}

#[derive(Default)]
struct Inner {
    /// By host and path.
    pages: Mutex<HashMap<String, Page>>,
    asked: Mutex<Vec<String>>,
    /// What each name resolves to, one after the other; without an entry it is public.
    names: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
}

/// A handle; clones are the same world.
#[derive(Clone)]
pub(crate) struct Web {
    inner: Arc<Inner>,
    address: SocketAddr,
}

impl Web {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, address }
    }

    /// What a server in this world is given.
    pub(crate) fn outbound(&self) -> Outbound {
        Outbound::new(Policy {
            resolver: Arc::new(self.clone()),
            reach: Reach::StandIn(self.address),
            deadline: Duration::from_secs(2),
            ..Policy::default()
        })
    }

    /// Puts JSON at `host/path`.
    pub(crate) fn put(&self, at: &str, json: &Value) {
        self.put_page(
            at,
            Page {
                status: 200,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: json.to_string(),
                ..Page::default()
            },
        );
    }

    pub(crate) fn put_page(&self, at: &str, page: Page) {
        self.inner.pages.lock().unwrap().insert(at.to_owned(), page);
    }

    pub(crate) fn remove(&self, at: &str) {
        self.inner.pages.lock().unwrap().remove(at);
    }

    /// What a name resolves to: the first list the first time, and so on; the last one stays.
    pub(crate) fn resolve(&self, name: &str, turns: &[&[&str]]) {
        let parse = |turn: &&[&str]| turn.iter().map(|text| text.parse().unwrap()).collect();
        let turns = turns.iter().map(parse).collect();
        self.inner
            .names
            .lock()
            .unwrap()
            .insert(name.to_owned(), turns);
    }

    /// How often something was asked for.
    pub(crate) fn asked(&self, at: &str) -> usize {
        let asked = self.inner.asked.lock().unwrap();
        asked.iter().filter(|url| *url == at).count()
    }
}

impl Resolver for Web {
    fn lookup(&self, name: &str) -> Lookup {
        let mut names = self.inner.names.lock().unwrap();
        let found = match names.get_mut(name) {
            Some(turns) if turns.len() > 1 => turns.remove(0),
            Some(turns) => turns[0].clone(),
            None => vec![PUBLIC.parse().unwrap()],
        };
        Box::pin(async move { Ok(found) })
    }
}

async fn answer(State(inner): State<Arc<Inner>>, headers: HeaderMap, request: Request) -> Response {
    let host = headers.get(HOST).unwrap().to_str().unwrap();
    let at = format!("{host}{}", request.uri());
    inner.asked.lock().unwrap().push(at.clone());
    let page = inner.pages.lock().unwrap().get(&at).cloned();
    let Some(page) = page else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    tokio::time::sleep(page.pause).await;
    let mut response = axum::http::Response::builder().status(page.status);
    if !page.headers.iter().any(|(name, _)| name == "content-type") {
        response = response.header("content-type", "application/json");
    }
    for (name, value) in page.headers {
        response = response.header(name, value);
    }
    response.body(page.body.into()).unwrap()
}
