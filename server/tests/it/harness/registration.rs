//! Applications that register themselves.

use claviger::config::Registration;
use claviger::state::Options;
use serde_json::Value;

use super::{Answer, TestApp, TestServer};

pub(crate) const URI: &str = "https://client.example/cb";

impl TestServer {
    /// The same installation, with registration as the settings say.
    pub(crate) async fn registering(&self, registration: Registration) -> Self {
        let options = Options {
            registration,
            ..Options::default()
        };
        self.twin_with(options).await
    }

    pub(crate) async fn register(&self, metadata: &Value) -> Answer {
        self.post("/o/register").json(metadata).await
    }
}

/// The application that an answer tells of.
pub(crate) fn app_of(server: &TestServer, answer: &Answer) -> TestApp {
    let json = answer.json();
    TestApp {
        server: server.clone(),
        client_id: answer.member("client_id"),
        secret: json["client_secret"].as_str().map(str::to_owned),
        redirect_uri: URI.to_owned(),
    }
}
