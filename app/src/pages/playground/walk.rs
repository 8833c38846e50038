//! Where the person stands on the walk: what was chosen, asked, sent and received.
//!
//! Lives in signals while the page is open and in the tab's sessionStorage over the round trip to
//! the sign-in page. Nothing of it may be sent anywhere but in the requests that the page shows.
//! To keep one more thing: a signal in `Walk`, a field in `Saved`, a line in both directions.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::exchange::{Exchange, Pairs};
use crate::browser;
use contract::wire::application::Application;
use contract::wire::client::ClientType;

const WALK: &str = "claviger.playground";
const DEMONSTRATION: &str = "claviger.playground.demonstration";

/// The random values of one authorization request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Proof {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) challenge: String,
}

/// What the token endpoint gave, the newest of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) id: String,
    pub(super) scope: String,
    pub(super) expires_in: u32,
    /// Milliseconds since 1970, by the browser's clock.
    pub(super) received_at: f64,
    /// Whether the ID token came with a refresh: then it need not carry the nonce
    /// (OIDC Core §12.2).
    pub(super) refreshed: bool,
    /// Whether the ID token is from an earlier answer than the access token.
    pub(super) id_kept: bool,
}

/// A secret that was shown once, for the application that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Demonstration {
    client_id: String,
    secret: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    client: Option<Application>,
    secret: String,
    scopes: Vec<String>,
    prompt: String,
    max_age: String,
    login_hint: String,
    proof: Proof,
    answer: Pairs,
    flow: String,
    tokens: Option<Tokens>,
    log: Vec<Exchange>,
}

#[derive(Clone, Copy)]
pub(super) struct Walk {
    /// Whether the browser has taken over and the saved walk is read.
    pub(super) ready: RwSignal<bool>,
    pub(super) client: RwSignal<Option<Application>>,
    pub(super) secret: RwSignal<String>,
    /// What to ask for: ticked scopes, and the optional parameters, empty when not sent.
    pub(super) scopes: RwSignal<Vec<String>>,
    pub(super) prompt: RwSignal<String>,
    pub(super) max_age: RwSignal<String>,
    pub(super) login_hint: RwSignal<String>,
    /// The values that were sent with the last `Authorize`.
    pub(super) proof: RwSignal<Proof>,
    /// The parameters that came back.
    pub(super) answer: RwSignal<Pairs>,
    /// The id of the flow's trace, once it is known.
    pub(super) flow: RwSignal<String>,
    pub(super) tokens: RwSignal<Option<Tokens>>,
    pub(super) log: RwSignal<Vec<Exchange>>,
    /// A request is on its way.
    pub(super) busy: RwSignal<bool>,
    /// What a screen reader hears after an action.
    pub(super) said: RwSignal<String>,
    pub(super) public_url: StoredValue<String>,
}

impl Walk {
    pub(super) fn new(public_url: String) -> Self {
        Self {
            ready: RwSignal::new(false),
            client: RwSignal::new(None),
            secret: RwSignal::default(),
            scopes: RwSignal::default(),
            prompt: RwSignal::default(),
            max_age: RwSignal::default(),
            login_hint: RwSignal::default(),
            proof: RwSignal::default(),
            answer: RwSignal::default(),
            flow: RwSignal::default(),
            tokens: RwSignal::new(None),
            log: RwSignal::default(),
            busy: RwSignal::new(false),
            said: RwSignal::default(),
            public_url: StoredValue::new(public_url),
        }
    }

    /// Reads what this tab has kept. In the browser only, after hydration.
    pub(super) fn load(self) {
        let saved: Saved = browser::stored(WALK)
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        self.client.set(saved.client);
        self.secret.set(saved.secret);
        self.scopes.set(saved.scopes);
        self.prompt.set(saved.prompt);
        self.max_age.set(saved.max_age);
        self.login_hint.set(saved.login_hint);
        self.proof.set(saved.proof);
        self.answer.set(saved.answer);
        self.flow.set(saved.flow);
        self.tokens.set(saved.tokens);
        self.log.set(saved.log);
        self.ready.set(true);
    }

    /// Keeps it; inside an effect, again after every change.
    pub(super) fn save(self) {
        let saved = Saved {
            client: self.client.get(),
            secret: self.secret.get(),
            scopes: self.scopes.get(),
            prompt: self.prompt.get(),
            max_age: self.max_age.get(),
            login_hint: self.login_hint.get(),
            proof: self.proof.get(),
            answer: self.answer.get(),
            flow: self.flow.get(),
            tokens: self.tokens.get(),
            log: self.log.get(),
        };
        if self.ready.get() {
            browser::store(WALK, &serde_json::to_string(&saved).unwrap_or_default());
        }
    }

    /// Forgets everything but the demonstration application's secret.
    pub(super) fn forget() {
        browser::unstore(WALK);
    }

    /// Takes this application; another one than before ends the walk so far.
    pub(super) fn choose(self, application: Application) {
        let before = self.client.get_untracked();
        if before.is_none_or(|it| it.client_id != application.client_id) {
            let kept: Demonstration = browser::stored(DEMONSTRATION)
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default();
            let ours = kept.client_id == application.client_id;
            self.secret
                .set(if ours { kept.secret } else { String::new() });
            // An application with the grant gets a refresh token anyway; `offline_access` only asks for
            // one that outlives the session.
            let mut scopes = application.scopes.clone();
            scopes.retain(|scope| scope != "offline_access");
            self.scopes.set(scopes);
            self.clear();
        }
        self.client.set(Some(application));
    }

    /// Takes the demonstration application and keeps its secret for this tab.
    pub(super) fn choose_demonstration(self, application: Application, secret: String) {
        let kept = Demonstration {
            client_id: application.client_id.clone(),
            secret,
        };
        let text = serde_json::to_string(&kept).unwrap_or_default();
        browser::store(DEMONSTRATION, &text);
        self.choose(application);
    }

    /// Drops what an earlier request brought.
    pub(super) fn clear(self) {
        self.answer.set(Vec::new());
        self.flow.set(String::new());
        self.tokens.set(None);
        self.log.set(Vec::new());
    }

    pub(super) fn client_id(self) -> String {
        self.client
            .with(|it| it.as_ref().map(|it| it.client_id.clone()))
            .unwrap_or_default()
    }

    pub(super) fn is_public(self) -> bool {
        self.client.with(|it| {
            it.as_ref()
                .is_some_and(|it| it.client_type == ClientType::Public)
        })
    }

    /// `{public_url}/playground/callback`.
    pub(super) fn redirect_uri(self) -> String {
        self.public_url
            .with_value(|url| format!("{url}{}", contract::routes::PLAYGROUND_CALLBACK))
    }

    /// `{public_url}/o`.
    pub(super) fn issuer(self) -> String {
        self.public_url.with_value(|url| format!("{url}/o"))
    }

    /// A parameter that came back.
    pub(super) fn answered(self, name: &str) -> Option<String> {
        self.answer.with(|pairs| {
            let (_, value) = pairs.iter().find(|(it, _)| it == name)?;
            Some(value.clone())
        })
    }

    /// Whether the answer may be trusted: its state is ours, and so is its issuer.
    pub(super) fn is_genuine(self) -> bool {
        let state = self.proof.with(|proof| proof.state.clone());
        !state.is_empty()
            && self.answered("state") == Some(state)
            && self.answered("iss") == Some(self.issuer())
    }
}
