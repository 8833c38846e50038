//! Behind a proxy: whose address counts for the limits.

use claviger::config::{Registration, TrustedProxies};
use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::registration::URI;
use crate::harness::{Answer, TestServer, on_both, problem, refused};

const PROXY: &str = "10.0.0.1";

async fn behind_a_proxy(server: &TestServer) -> TestServer {
    let options = Options {
        trusted_proxies: TrustedProxies::parse(&["10.0.0.0/8"]).unwrap(),
        registration: Registration::Open,
        ..Options::default()
    };
    server.twin_with(options).await
}

/// A sign-in from a browser that is new here, through `peer`, which sends this header.
async fn sign_in(server: &TestServer, header: (&str, &str), who: (&str, &str)) -> Answer {
    let body = json!({ "username": who.0, "password": who.1 });
    let call = server.post("/api/session").peer(PROXY).json(&body);
    call.header(header.0, header.1).await
}

/// So many accounts fail that the client waits.
async fn spray(server: &TestServer, header: (&str, &str)) {
    for n in 0..60 {
        sign_in(server, header, (&format!("ghost{n}"), "wrong")).await;
    }
    let answer = sign_in(server, header, ("ghost", "wrong")).await;
    problem(&answer, 429, "too-many-attempts");
}

#[apply(on_both!)]
async fn one_client_of_a_trusted_proxy_holds_up_no_other_one(server: TestServer) {
    let user = server.user("ada").await;
    let server = behind_a_proxy(&server).await;
    spray(&server, ("x-forwarded-for", "203.0.113.1")).await;
    let ada = ("ada", user.password.as_str());
    for (name, value, status) in [
        ("x-forwarded-for", "203.0.113.1", 429),
        // What the client wrote itself stands further left.
        ("x-forwarded-for", "203.0.113.2, 203.0.113.1", 429),
        ("x-forwarded-for", "203.0.113.1, 10.0.0.2", 429),
        ("forwarded", "for=\"203.0.113.1:4711\";proto=https", 429),
        ("x-forwarded-for", "203.0.113.2", 200),
        (
            "forwarded",
            "for=203.0.113.1, for=\"[2001:db8::1]:4711\"",
            200,
        ),
        // A proxy that says nothing is a client like any other.
        ("accept", "*/*", 200),
    ] {
        let answer = sign_in(&server, (name, value), ada).await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn a_peer_that_is_no_trusted_proxy_does_not_choose_its_address(server: TestServer) {
    let user = server.user("ada").await;
    spray(&server, ("x-forwarded-for", "203.0.113.1")).await;
    let ada = ("ada", user.password.as_str());
    for header in [
        ("x-forwarded-for", "203.0.113.2"),
        ("forwarded", "for=203.0.113.2"),
    ] {
        let answer = sign_in(&server, header, ada).await;
        problem(&answer, 429, "too-many-attempts");
    }
}

#[apply(on_both!)]
async fn quotas_count_the_client_behind_the_proxy(server: TestServer) {
    let server = behind_a_proxy(&server).await;
    let register = async |client: &str| {
        let call = server.post("/o/register").peer(PROXY);
        let call = call.header("x-forwarded-for", client);
        call.json(&json!({ "redirect_uris": [URI] })).await
    };
    // All of an IPv6 link is one client.
    for n in 0..50 {
        register(&format!("2001:db8::{n}")).await.is(201);
    }
    let answer = register("2001:db8::ffff").await;
    refused(
        &answer,
        429,
        "temporarily_unavailable",
        "registration-quota",
    );
    register("2001:db8:0:1::1").await.is(201);
    register("203.0.113.1").await.is(201);
    let networks = "SELECT DISTINCT registered_from FROM applications ORDER BY registered_from";
    let networks = server.database.texts(networks).await;
    assert_eq!(networks, ["2001:db8::/48", "203.0.113.0/24"]);
    server.state.store.close().await;
}
