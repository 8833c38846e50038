//! `response_mode`: the ways in which an answer travels, and what may travel along.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::authorization::STATE;
use crate::harness::checks::comes_from_us;
use crate::harness::{
    Answer, AuthorizationRequest, Browser, Code, Posted, TestApp, TestServer, on_both, param,
    refused_by_redirect, refused_on_page,
};

const ISSUER: &str = "http://localhost:8000/o";

/// A fragment is read like a query.
#[track_caller]
fn as_query(location: &str) -> String {
    assert!(
        location.starts_with("https://client.example/cb#"),
        "{location}"
    );
    location.replace('#', "?")
}

async fn by_post(app: &TestApp, ask: AuthorizationRequest) -> (Browser, Answer) {
    let browser = app.server.signed_in(&app.server.any_user().await).await;
    let answer = browser.ask(&ask.set("response_mode", "form_post")).await;
    (browser, answer)
}

/// OAuth 2.0 Multiple Response Type Encoding Practices §2.1: with `response_mode=fragment` the answer stands in the fragment.
#[apply(on_both!)]
async fn an_answer_by_fragment(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    let ask = app.ask().set("response_mode", "fragment");
    let location = as_query(&browser.ask(&ask).await.location());
    comes_from_us(&location);
    app.redeem(&Code::of(location)).await.is(200);
    let ask = ask.without("state");
    let location = as_query(&browser.ask(&ask).await.location());
    assert_eq!(param(&location, "state"), None);
    assert_eq!(param(&location, "iss").as_deref(), Some(ISSUER));
}

#[apply(on_both!)]
async fn a_query_of_the_redirect_uri_itself_stays_in_place(server: TestServer) {
    const URI: &str = "https://client.example/cb?foo=bar&x";
    let app = server.app().redirects(&[URI]).skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    for (mode, start) in [
        ("query", "https://client.example/cb?foo=bar&x&code="),
        ("fragment", "https://client.example/cb?foo=bar&x#code="),
    ] {
        let ask = app.ask().set("response_mode", mode);
        let location = browser.ask(&ask).await.location();
        assert!(location.starts_with(start), "{location}");
    }
    let (_, answer) = by_post(&app, app.ask()).await;
    assert_eq!(Posted::of(&answer).action, URI);
}

/// RFC 9207 §2: an answer carries exactly one `iss`, also when the redirect URI has one of its own.
#[apply(on_both!)]
async fn an_iss_of_the_redirect_uri_itself_is_replaced(server: TestServer) {
    let uri = "https://client.example/cb?iss=https%3A%2F%2Fevil.example&foo=bar&state=x";
    let app = server.app().redirects(&[uri]).skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    for ask in [app.ask(), app.ask().set("scope", "nothing")] {
        let location = browser.ask(&ask).await.location();
        comes_from_us(&location);
        assert_eq!(param(&location, "foo").as_deref(), Some("bar"));
    }
}

/// OAuth 2.0 Form Post Response Mode §2: the answer is a form that sends itself to the redirect URI.
#[apply(on_both!)]
async fn an_answer_by_form_post(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let (_, answer) = by_post(&app, app.ask()).await;
    let posted = Posted::of(&answer);
    assert_eq!(posted.action, app.redirect_uri);
    let names: Vec<_> = posted.fields.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(posted.field("state").as_deref(), Some(STATE));
    assert_eq!(posted.field("iss").as_deref(), Some(ISSUER));
    app.redeem(&posted.code()).await.is(200);
    let (_, answer) = by_post(&app, app.ask().without("state")).await;
    assert_eq!(Posted::of(&answer).field("state"), None);
}

#[apply(on_both!)]
async fn the_form_may_go_to_the_application_and_its_script_is_the_only_one(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let (_, answer) = by_post(&app, app.ask()).await;
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("form-action"), "{policy}");
    let (_, nonce) = policy.split_once("'nonce-").unwrap();
    let (nonce, _) = nonce.split_once('\'').unwrap();
    let text = answer.text();
    let script = format!("<script nonce=\"{nonce}\">document.forms[0].submit()</script>");
    assert!(text.contains(&script), "{text}");
    assert_eq!(text.matches("<script").count(), 1, "{text}");
}

#[apply(on_both!)]
async fn the_plain_forms_end_at_the_form_post_page(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let ask = app.ask().set("response_mode", "form_post");
    let sign_in = async |ask: &AuthorizationRequest| {
        let flow = browser.ask(ask).await.ticket("/login");
        let fields = [
            ("username", "ada"),
            ("password", user.password.as_str()),
            ("flow", &flow),
        ];
        browser.submit("/login", &fields).await
    };
    let flow = sign_in(&ask).await.ticket("/consent");
    let fields = [("flow", flow.as_str()), ("decision", "allow")];
    let answer = browser.submit("/consent", &fields).await;
    app.redeem(&Posted::of(&answer).code()).await.is(200);
    // Who has agreed before is through with the sign-in.
    server.advance(1);
    let answer = sign_in(&ask.clone().set("prompt", "login")).await;
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("form-action"), "{policy}");
    app.redeem(&Posted::of(&answer).code()).await.is(200);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    // Also when they have signed in meanwhile and only come back to the page.
    let flow = server.browser();
    let ticket = flow.ask(&ask).await.ticket("/login");
    let cookie = browser.cookie("claviger_session").unwrap();
    flow.set_cookie("claviger_session", &cookie);
    let answer = flow.get(&format!("/login?flow={ticket}")).await;
    Posted::of(&answer).code();
}

#[apply(on_both!)]
async fn a_script_is_sent_to_a_page_that_posts_the_answer(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let ask = app.ask().set("response_mode", "form_post");
    let location = browser.walk(&ask, &user).await;
    assert!(location.starts_with("/o/form_post?answer="), "{location}");
    assert!(!location.contains("clv_ac_"));
    for path in [
        location.clone(),
        location.replace("form_post?", "form_post/?"),
    ] {
        let posted = Posted::of(&browser.get(&path).await);
        assert_eq!(posted.field("state").as_deref(), Some(STATE));
        assert_eq!(posted.action, app.redirect_uri);
    }
    let answer = browser.get(&location).await;
    app.redeem(&Posted::of(&answer).code()).await.is(200);
    // The sign-in itself leads there too, once the person has agreed.
    server.advance(1);
    let ticket = browser
        .ask(&ask.set("prompt", "login"))
        .await
        .ticket("/login");
    let location = browser.sign_in_for(&user, &ticket).await;
    let answer = browser.get(&location).await;
    app.redeem(&Posted::of(&answer).code()).await.is(200);
}

#[apply(on_both!)]
async fn a_waiting_answer_opens_for_its_session_and_for_a_minute(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let ask = app.ask().set("response_mode", "form_post");
    let location = browser.walk(&ask, &user).await;
    for other in [server.browser(), server.signed_in(&user).await] {
        refused_on_page(&other.get(&location).await, 400, "flow-other-browser");
    }
    server.advance(59);
    Posted::of(&browser.get(&location).await);
    server.advance(1);
    refused_on_page(&browser.get(&location).await, 400, "answer-expired");
    refused_on_page(&browser.get("/o/form_post").await, 400, "answer-expired");
}

/// What is sealed for one use is worth nothing in another.
#[apply(on_both!)]
async fn a_waiting_answer_is_no_waiting_request_and_the_other_way_round(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let ask = app.ask().set("response_mode", "form_post");
    let consent = browser.ask(&ask).await.ticket("/consent");
    let path = format!("/o/form_post?answer={consent}");
    refused_on_page(&browser.get(&path).await, 400, "answer-expired");
    let answer = browser.allow(&consent).await;
    let answer = answer.strip_prefix("/o/form_post?answer=").unwrap();
    let path = format!("/consent?flow={answer}");
    refused_on_page(&browser.get(&path).await, 400, "flow-expired");
    let path = format!("/login?flow={answer}");
    assert_eq!(browser.get(&path).await.location(), "/connections");
}

#[apply(on_both!)]
async fn errors_travel_as_the_answer_would(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser();
    for (name, value, error, rule) in [
        ("scope", "nothing", "invalid_scope", "scope-unknown"),
        (
            "response_type",
            "x",
            "unsupported_response_type",
            "response-type-unsupported",
        ),
        ("prompt", "none", "login_required", "login-required"),
        (
            "request",
            "e.y.J",
            "request_not_supported",
            "request-object-unsupported",
        ),
    ] {
        let ask = app.ask().set(name, value);
        let fragment = ask.clone().set("response_mode", "fragment");
        let location = as_query(&browser.ask(&fragment).await.location());
        refused_by_redirect(&location, error, rule);
        let answer = browser.ask(&ask.set("response_mode", "form_post")).await;
        let posted = Posted::of(&answer);
        assert_eq!(posted.field("error").as_deref(), Some(error));
        let uri = format!("http://localhost:8000/rules/{rule}");
        assert_eq!(posted.field("error_uri"), Some(uri));
        assert!(posted.field("error_description").is_some());
        assert_eq!(posted.field("state").as_deref(), Some(STATE));
        assert_eq!(posted.field("iss").as_deref(), Some(ISSUER));
        assert_eq!(posted.fields.len(), 5);
    }
}

#[apply(on_both!)]
async fn a_denial_travels_as_the_answer_would(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let ask = app.ask().set("response_mode", "fragment");
    let ticket = browser.ask(&ask).await.ticket("/consent");
    let location = as_query(&browser.deny(&ticket).await);
    refused_by_redirect(&location, "access_denied", "access-denied");
    for ask in [app.ask(), app.ask().without("state")] {
        let ask = ask.set("response_mode", "form_post");
        let ticket = browser.ask(&ask).await.ticket("/consent");
        let fields = [("flow", ticket.as_str()), ("decision", "deny")];
        let plain = browser.submit("/consent", &fields).await;
        let ticket = browser.ask(&ask).await.ticket("/consent");
        let scripted = browser.get(&browser.deny(&ticket).await).await;
        for answer in [plain, scripted] {
            let posted = Posted::of(&answer);
            assert_eq!(posted.field("error").as_deref(), Some("access_denied"));
            let sent = ask.params.encoded().contains("state=");
            assert_eq!(posted.field("state").is_some(), sent);
        }
    }
}

#[apply(on_both!)]
async fn a_mode_that_is_not_known_is_refused_by_query(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser();
    for mode in ["web_message", "FRAGMENT", "form_post.jwt", "query fragment"] {
        let ask = app.ask().set("response_mode", mode).set("scope", "nothing");
        let location = browser.ask(&ask).await.location();
        refused_by_redirect(&location, "invalid_request", "response-mode-unsupported");
    }
    let ask = app
        .ask()
        .set("response_mode", "fragment")
        .add("response_mode", "form_post");
    let location = browser.ask(&ask).await.location();
    refused_by_redirect(&location, "invalid_request", "parameter-repeated");
    // Empty is absent, and the default is a query.
    let location = browser
        .ask(&app.ask().set("response_mode", "").set("scope", "nothing"))
        .await
        .location();
    refused_by_redirect(&location, "invalid_scope", "scope-unknown");
}

/// Nothing that a client puts into `state` can add a header, a field or a script.
#[apply(on_both!)]
async fn a_hostile_state_comes_back_as_text(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    for state in [
        "a\r\nSet-Cookie: x=y\r\n\r\n<html>",
        "\"/><script>alert(1)</script><input name=\"code\" value=\"",
        "</script><script>alert(1)//",
        "' onload='alert(1)",
        "&quot;&#34;&lt;&amp;amp;",
        "#code=evil&iss=evil",
        "?code=evil;iss=evil",
        "\u{202e}\u{feff}\u{1f600}%00%0d%0a",
    ] {
        let ask = app.ask().set("state", state);
        for mode in ["query", "fragment"] {
            let answer = browser.ask(&ask.clone().set("response_mode", mode)).await;
            let location = answer.location();
            assert!(location.bytes().all(|b| b.is_ascii_graphic()), "{location}");
            assert!(!answer.headers.contains_key("set-cookie"));
            let location = location.replace('#', "?");
            assert_eq!(param(&location, "state").as_deref(), Some(state));
            assert_eq!(param(&location, "iss").as_deref(), Some(ISSUER));
        }
        let answer = browser
            .ask(&ask.clone().set("response_mode", "form_post"))
            .await;
        let posted = Posted::of(&answer);
        assert_eq!(posted.field("state").as_deref(), Some(state));
        assert_eq!(posted.fields.len(), 3, "{:?}", posted.fields);
        assert_eq!(answer.text().matches("<script").count(), 1);
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[apply(on_both!)]
async fn a_hostile_redirect_uri_stays_in_its_attribute(server: TestServer) {
    let uri = "https://client.example/cb?a='><script>alert(1)</script>&b=&quot;";
    let owner = server.owner().await;
    let browser = server.signed_in(&owner).await;
    let new = json!({ "name": "x", "redirect_uris": [uri], "skip_consent": true });
    let made = browser.post("/api/applications", &new).await;
    if made.status != 201 {
        // Refused where it is registered: all the better.
        assert_eq!(made.status, 422, "{}", made.text());
        return;
    }
    let client_id = made.json()["client_id"].as_str().unwrap().to_owned();
    let app = TestApp {
        server: server.clone(),
        client_id,
        secret: None,
        redirect_uri: uri.to_owned(),
    };
    let (_, answer) = by_post(&app, app.ask().set("scope", "nothing")).await;
    assert_eq!(Posted::of(&answer).action, uri);
    assert_eq!(answer.text().matches("<script").count(), 1);
}

/// RFC 8414 §2: `response_modes_supported`.
#[apply(on_both!)]
async fn every_advertised_mode_works_and_no_other(server: TestServer) {
    let metadata = server.get("/o/.well-known/openid-configuration").await;
    let modes = &metadata.json()["response_modes_supported"];
    assert_eq!(*modes, json!(["query", "fragment", "form_post"]));
}
