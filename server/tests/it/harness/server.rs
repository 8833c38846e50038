//! The whole server in this process, on a database of its own, with a clock that stands still.

use std::future::Future;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use claviger::clock::Clock;
use claviger::crypto::keyring;
use claviger::crypto::random::Random;
use claviger::crypto::secret_key::SecretKey;
use claviger::domain::client::SigningAlg;
use claviger::domain::key::KeyRecord;
use claviger::domain::time::{Timestamp, seconds};
use claviger::router::router;
use claviger::state::{App, AppState, Options};
use claviger::store::{AuditEntry, AuditEvent, Store, StoreOptions};
use claviger::urls::{InsecureHttp, PublicUrl};
use contract::wire::audit::AuditKind;
use tokio::sync::OnceCell;
use tower::ServiceExt;

use super::call::Call;
use super::database::{Database, postgres_server};
use super::{Answer, Browser, TestUser};

/// When every test begins.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);
pub(crate) const PUBLIC_URL: &str = "http://localhost:8000";

/// Signing keys take their time, so the tests of a process share theirs.
static KEYS: LazyLock<Vec<KeyRecord>> = LazyLock::new(|| {
    let make = |alg| keyring::generate(alg, &secret_key(), &Random::System, START, START).unwrap();
    SigningAlg::ALL.into_iter().map(make).collect()
});

pub(crate) fn secret_key() -> SecretKey {
    SecretKey::new([7; 32])
}

/// What the audit log says of what a test does itself.
pub(crate) fn audit_entry() -> AuditEntry {
    let event = AuditEvent {
        kind: AuditKind::SigningKeysRotated,
        actor_id: None,
        user_id: None,
        client_id: None,
        detail: String::new(),
    };
    event.at(START, Random::System.uuid(START))
}

/// A server; clones are the same one.
#[derive(Clone)]
pub(crate) struct TestServer(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) state: AppState,
    pub(crate) database: Arc<Database>,
    router: Router,
    owner: OnceCell<TestUser>,
    people: AtomicU64,
}

impl Deref for TestServer {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl TestServer {
    pub(crate) async fn sqlite() -> Self {
        Self::on(Database::sqlite()).await
    }

    pub(crate) async fn postgres(server: &str) -> Self {
        Self::on(Database::postgres(server).await).await
    }

    async fn on(database: Database) -> Self {
        let store = Store::connect(&database.url()).await.unwrap();
        store.migrate().await.unwrap();
        store.insert_first_keys(KEYS.clone()).await.unwrap();
        let clock = Clock::manual(START);
        Self::with(store, Arc::new(database), PUBLIC_URL, clock).await
    }

    pub(crate) async fn with(
        store: Store,
        database: Arc<Database>,
        url: &str,
        clock: Clock,
    ) -> Self {
        let url = PublicUrl::parse(url, InsecureHttp::Refused).unwrap();
        Self::with_options(store, database, url, clock, Options::default()).await
    }

    /// With what the settings may decide otherwise.
    pub(crate) async fn with_options(
        store: Store,
        database: Arc<Database>,
        url: PublicUrl,
        clock: Clock,
        options: Options,
    ) -> Self {
        let state = App::new(store, url, secret_key(), clock, Random::System, options)
            .await
            .unwrap();
        Self(Arc::new(Inner {
            router: router(state.clone()),
            state,
            database,
            owner: OnceCell::new(),
            people: AtomicU64::new(0),
        }))
    }

    /// Another process on the same database, at the same time.
    pub(crate) async fn second_server(&self) -> Self {
        self.at(PUBLIC_URL).await
    }

    /// Another process on the same database, whose settings decide otherwise.
    pub(crate) async fn twin_with(&self, options: Options) -> Self {
        let store = Store::connect(&self.database.url()).await.unwrap();
        let clock = self.state.clock.clone();
        let url = PublicUrl::parse(PUBLIC_URL, InsecureHttp::Refused).unwrap();
        Self::with_options(store, self.database.clone(), url, clock, options).await
    }

    /// Another process on the same database, which it reaches by this URL and treats as the
    /// options say.
    pub(crate) async fn on_store(&self, url: &str, options: StoreOptions) -> Self {
        let store = Store::connect_with(url, options).await.unwrap();
        let clock = self.state.clock.clone();
        Self::with(store, self.database.clone(), PUBLIC_URL, clock).await
    }

    /// Another process on the same database, known to the world by this URL.
    pub(crate) async fn at(&self, url: &str) -> Self {
        let store = Store::connect(&self.database.url()).await.unwrap();
        let clock = self.state.clock.clone();
        Self::with(store, self.database.clone(), url, clock).await
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.state.clock.advance_seconds(seconds);
    }

    pub(crate) fn advance_by(&self, length: Duration) {
        self.advance(seconds(length));
    }

    /// When what the server writes beside its answers has been written.
    pub(crate) async fn settled(&self) {
        self.state.store.settled().await;
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) async fn answer(&self, mut request: Request<Body>) -> Answer {
        let peer = SocketAddr::from(([192, 0, 2, 1], 50_000));
        let given = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .is_some();
        if !given {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self, method, path)
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// The administrator whose applications the tests use.
    pub(crate) async fn owner(&self) -> TestUser {
        self.owner.get_or_init(|| self.admin("owner")).await.clone()
    }

    /// A user whose name does not matter.
    pub(crate) async fn any_user(&self) -> TestUser {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        self.user(&format!("person{number}")).await
    }

    /// How many rows of a table there are.
    pub(crate) async fn count(&self, table: &str) -> usize {
        let rows = self
            .database
            .texts(&format!("SELECT 'x' FROM {table}"))
            .await;
        rows.len()
    }
}

fn run<F: Future<Output = ()>>(
    test: impl Future<Output = TestServer>,
    body: impl FnOnce(TestServer) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = test.await;
        body(server.clone()).await;
        server.state.store.close().await;
        server.database.delete().await;
    });
}

pub(crate) fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(TestServer) -> F) {
    run(TestServer::sqlite(), test);
}

/// Does nothing, and says so, where no PostgreSQL server is named.
pub(crate) fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(TestServer) -> F) {
    if let Some(server) = postgres_server() {
        run(async move { TestServer::postgres(&server).await }, test);
    }
}
