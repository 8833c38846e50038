//! Deleting what has expired, and nothing that would change an answer.

use claviger::clock::Clock;
use claviger::store::{FlowLimits, SweepCursor};
use contract::wire::audit::AuditKind;
use macro_rules_attribute::apply;

use crate::harness::application::{is_active, token_works};
use crate::harness::server::on_postgres;
use crate::harness::{Form, TestServer, Tokens, on_both, refused};

const DAY: i64 = 24 * 3600;

async fn sweep(server: &TestServer) -> u64 {
    server.settled().await;
    server
        .state
        .store
        .sweep_all(server.state.now())
        .await
        .unwrap()
}

#[apply(on_both!)]
async fn what_has_expired_goes(server: TestServer) {
    let app = server.app().refresh_lifetime(7200).create().await;
    app.tokens().await;
    app.code().await;
    let pushed = app.ask().params.without("client_id");
    app.post("/o/par", &pushed).await.is(201);
    server
        .browser()
        .ask(&app.ask().set("scope", "nothing"))
        .await;
    server.advance(400 * DAY);
    assert!(sweep(&server).await > 0);
    for table in [
        "access_tokens",
        "refresh_tokens",
        "authorization_codes",
        "grants",
        "pushed_requests",
        "sessions",
        "flows",
        "audit_events",
    ] {
        assert_eq!(server.count(table).await, 0, "{table}");
    }
    assert_eq!(sweep(&server).await, 0);
}

#[apply(on_both!)]
async fn what_lives_stays(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let browser = server.browser_of("ada").await;
    server.advance(3599);
    sweep(&server).await;
    assert!(token_works(&server, &tokens.access).await);
    server.advance(DAY);
    sweep(&server).await;
    assert_eq!(server.count("access_tokens").await, 0);
    assert!(is_active(&app, &tokens.refresh).await);
    assert_eq!(browser.get("/api/session").await.status, 200);
    assert_eq!(server.count("consents").await, 1);
    app.refresh(&tokens.refresh).await.is(200);
}

#[apply(on_both!)]
async fn a_replay_is_seen_for_what_it_is_after_a_sweep(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let first = Tokens::from(app.redeem(&code).await);
    server.advance(3700);
    sweep(&server).await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    refused(
        &app.redeem(&code).await,
        400,
        "invalid_grant",
        "code-replayed",
    );
    assert!(!token_works(&server, &second.access).await);
}

#[apply(on_both!)]
async fn a_rotated_refresh_token_is_kept_until_its_own_end(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    let third = Tokens::from(app.refresh(&second.refresh).await);
    server.advance(10 * DAY);
    sweep(&server).await;
    let answer = app.refresh(&first.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-replayed");
    assert!(!is_active(&app, &third.refresh).await);
}

/// A client lost the answer and was away for a day: an unused pair was not stolen.
#[apply(on_both!)]
async fn an_unused_pair_can_be_replaced_after_a_sweep(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    app.refresh(&first.refresh).await.is(200);
    server.advance(DAY);
    sweep(&server).await;
    let fresh = Tokens::from(app.refresh(&first.refresh).await);
    assert!(token_works(&server, &fresh.access).await);
    server.advance(DAY);
    sweep(&server).await;
    assert_eq!(server.count("access_tokens").await, 0);
}

#[apply(on_both!)]
async fn a_step_deletes_a_bounded_number_of_rows(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..600 {
        let app = app.clone();
        let form = Form::new(&[("grant_type", "client_credentials")]);
        tasks.spawn(async move { app.token(&form).await.is(200) });
    }
    tasks.join_all().await;
    server.advance(2 * 3600);
    let (mut cursor, mut steps) = (SweepCursor::default(), Vec::new());
    loop {
        let now = server.state.now();
        let step = server
            .state
            .store
            .sweep_step(now, &mut cursor)
            .await
            .unwrap();
        if step.done {
            break;
        }
        steps.push(step.deleted);
    }
    assert_eq!(steps[..2], [500, 100]);
    assert_eq!(server.count("access_tokens").await, 0);
}

/// A flood of one application's traces pushes out its own old ones, not another's newest.
#[apply(on_both!)]
async fn each_application_keeps_its_newest_traces(server: TestServer) {
    let quiet = server.app().id("quiet").create().await;
    let loud = server.app().id("loud").create().await;
    for (app, times) in [(&quiet, 3), (&loud, 10)] {
        for _ in 0..times {
            let ask = app.ask().set("scope", "nothing");
            server.browser().ask(&ask).await;
            server.advance(1);
        }
    }
    server.settled().await;
    assert_eq!(server.count("flows").await, 13);
    let mut cursor = SweepCursor::default();
    cursor.flows = FlowLimits {
        of_client: 5,
        guaranteed: 2,
        all: 6,
    };
    let store = &server.state.store;
    server.advance(3600);
    while !store
        .sweep_step(server.state.now(), &mut cursor)
        .await
        .unwrap()
        .done
    {}
    let kept = "SELECT client_id FROM flows ORDER BY id";
    let kept = server.database.texts(kept).await;
    let of = |id: &str| kept.iter().filter(|one| *one == id).count();
    assert_eq!((of("quiet"), of("loud")), (2, 5));
}

#[apply(on_both!)]
async fn what_strangers_change_of_their_own_is_forgotten_after_a_month(server: TestServer) {
    // Two events that there are, under the names of two others.
    for (id, kind) in [
        ("one", AuditKind::ApplicationRegistrationChanged),
        ("two", AuditKind::ApplicationRegistered),
    ] {
        let app = server.app().id(id).create().await;
        let owner = server.signed_in(&server.owner().await).await;
        let path = format!("/api/applications/{}/secrets", app.client_id);
        owner.post(&path, &serde_json::json!({})).await.is(201);
        let sql = format!(
            "UPDATE audit_events SET kind = '{}' WHERE client_id = '{id}'",
            kind.name()
        );
        server.database.execute(&sql).await;
        server.advance(1);
    }
    let kinds = async |days: i64| {
        server.advance(days * DAY);
        sweep(&server).await;
        let sql = "SELECT DISTINCT kind FROM audit_events WHERE kind LIKE 'application.regist%' ORDER BY kind";
        server.database.texts(sql).await
    };
    let both = ["application.registered", "application.registration_changed"];
    assert_eq!(kinds(29).await, both);
    assert_eq!(kinds(2).await, ["application.registered"]);
    assert!(kinds(336).await.is_empty());
}

/// A server compares its clock with the database's before it sweeps.
#[test]
fn postgresql_tells_its_time() {
    on_postgres(async |server: TestServer| {
        let database = server.state.store.database_clock().await.unwrap().unwrap();
        // Within a minute: the database may run on another machine.
        let apart = database.millis() - Clock::System.now().millis();
        assert!(apart.abs() < 60_000, "{apart}");
    });
}
