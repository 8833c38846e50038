//! A browser: a jar of cookies, and a person who follows what it shows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::call::Call;
use super::{Answer, AuthorizationRequest, TestServer, TestUser};

#[derive(Clone)]
pub(crate) struct Browser {
    server: TestServer,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Browser {
    pub(crate) fn new(server: &TestServer) -> Self {
        Self {
            server: server.clone(),
            jar: Arc::default(),
        }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        self.server.call(method, path).from(self)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path).json(body).await
    }

    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.call("POST", path).form(fields).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path).await
    }

    /// Signs in over the API.
    pub(crate) async fn sign_in(&self, user: &TestUser) -> Answer {
        self.try_sign_in(&user.username, &user.password, None)
            .await
            .is(200)
    }

    /// Signs in for the flow of this ticket; where it leads.
    pub(crate) async fn sign_in_for(&self, user: &TestUser, ticket: &str) -> String {
        let answer = self
            .try_sign_in(&user.username, &user.password, Some(ticket))
            .await;
        answer.is(200).member("redirect_to")
    }

    pub(crate) async fn try_sign_in(
        &self,
        name: &str,
        password: &str,
        flow: Option<&str>,
    ) -> Answer {
        let body = json!({ "username": name, "password": password, "flow": flow });
        self.post("/api/session", &body).await
    }

    /// Answers the consent page; where that leads.
    pub(crate) async fn allow(&self, ticket: &str) -> String {
        self.decide(ticket, "allow", None)
            .await
            .is(200)
            .member("redirect_to")
    }

    pub(crate) async fn deny(&self, ticket: &str) -> String {
        self.decide(ticket, "deny", None)
            .await
            .is(200)
            .member("redirect_to")
    }

    pub(crate) async fn decide(
        &self,
        flow: &str,
        decision: &str,
        scopes: Option<&[&str]>,
    ) -> Answer {
        let mut body = json!({ "flow": flow, "decision": decision });
        if let Some(scopes) = scopes {
            body["scopes"] = json!(scopes);
        }
        self.post("/api/consent", &body).await
    }

    /// Starts a flow.
    pub(crate) async fn ask(&self, ask: &AuthorizationRequest) -> Answer {
        self.get(&format!("/o/authorize?{}", ask.params.encoded()))
            .await
    }

    /// Walks the whole flow as this person, who allows everything; where it ends.
    pub(crate) async fn walk(&self, ask: &AuthorizationRequest, user: &TestUser) -> String {
        let mut location = self.ask(ask).await.location();
        if let Some(ticket) = location.strip_prefix("/login?flow=") {
            location = self.sign_in_for(user, ticket).await;
        }
        if let Some(ticket) = location.strip_prefix("/consent?flow=") {
            location = self.allow(ticket).await;
        }
        location
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.jar
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookies(&self) -> String {
        let jar = self.jar.lock().unwrap();
        let pairs: Vec<_> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    pub(crate) fn keep(&self, answer: &Answer) {
        let mut jar = self.jar.lock().unwrap();
        for header in answer.headers.get_all("set-cookie") {
            let text = header.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
