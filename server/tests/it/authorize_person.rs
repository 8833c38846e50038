//! `/o/authorize`: who has to sign in (again), and who is told that they would have to.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::checks::comes_from_us;
use crate::harness::{
    Code, TestServer, on_both, param, problem, refused_by_redirect, refused_on_page,
};

/// RFC 6749 §4.1.2: the code comes to the redirect URI, with the state that was sent.
/// RFC 9207 §2: an authorization response names its issuer in iss.
#[apply(on_both!)]
async fn the_whole_flow_ends_at_the_application_with_a_code(server: TestServer) {
    let app = server.app().create().await;
    let location = server
        .browser()
        .walk(&app.ask(), &server.user("ada").await)
        .await;
    assert!(
        location.starts_with("https://client.example/cb?"),
        "{location}"
    );
    assert!(param(&location, "code").unwrap().starts_with("clv_ac_"));
    assert_eq!(param(&location, "error"), None);
    comes_from_us(&location);
}

#[apply(on_both!)]
async fn a_person_who_is_signed_in_is_not_asked_again(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    Code::of(browser.ask(&app.ask()).await.location());
}

/// OpenID Connect Core 1.0 §3.1.2.1: prompt=none shows no page.
/// OpenID Connect Core 1.0 §3.1.2.6: who would have to be asked is told as login_required or
/// consent_required.
#[apply(on_both!)]
async fn prompt_none_never_shows_a_page(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("prompt", "none");
    let location = server.browser().ask(&ask).await.location();
    refused_by_redirect(&location, "login_required", "login-required");
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let location = browser.ask(&ask).await.location();
    refused_by_redirect(&location, "consent_required", "consent-required");
    browser.walk(&app.ask(), &user).await;
    Code::of(browser.ask(&ask).await.location());
}

/// RFC 6749 §4.1.2.1: a bad client_id or redirect URI is told to the person, without a redirect.
#[apply(on_both!)]
async fn prompt_none_with_a_bad_client_or_redirect_uri_is_still_a_page(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("prompt", "none");
    let answer = server
        .browser()
        .ask(&ask.clone().set("client_id", "nobody"))
        .await;
    refused_on_page(&answer, 400, "client-unknown");
    let answer = server
        .browser()
        .ask(&ask.set("redirect_uri", "https://evil.example"))
        .await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
}

/// OpenID Connect Core 1.0 §3.1.2.1: prompt=login and prompt=select_account ask although
/// the person is signed in.
#[apply(on_both!)]
async fn prompt_login_asks_for_the_password_once(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    for prompt in ["login", "select_account", "login consent"] {
        let user = server.any_user().await;
        let browser = server.signed_in(&user).await;
        server.advance(1);
        let ticket = browser
            .ask(&app.ask().set("prompt", prompt))
            .await
            .ticket("/login");
        server.advance(1);
        let location = browser.sign_in_for(&user, &ticket).await;
        assert!(!location.starts_with("/login"), "{prompt}: {location}");
    }
}

/// What the ticket asks for can't be had by going around the page.
///
/// OpenID Connect Core 1.0 §3.1.2.3: prompt=login is answered by a new sign-in and by nothing
/// else.
#[apply(on_both!)]
async fn prompt_login_is_not_answered_by_the_session_that_was_there(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    server.advance(1);
    let ticket = browser
        .ask(&app.ask().set("prompt", "login"))
        .await
        .ticket("/login");
    problem(
        &browser.decide(&ticket, "allow", None).await,
        401,
        "session-required",
    );
    let page = browser.get(&format!("/login?flow={ticket}")).await.is(200);
    assert!(page.text().contains("Password"));
}

/// OpenID Connect Core 1.0 §2: auth_time is when the person signed in last.
#[apply(on_both!)]
async fn prompt_login_shows_in_auth_time(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    server.advance(100);
    let location = browser.walk(&app.ask().set("prompt", "login"), &user).await;
    let answer = app.redeem(&Code::of(location)).await;
    let claims = crate::id_token::claims(&answer.member("id_token"));
    assert_eq!(claims["auth_time"], 1_800_000_100);
}

/// OpenID Connect Core 1.0 §3.1.2.1: a person who signed in longer than max_age ago has to
/// sign in again.
#[apply(on_both!)]
async fn a_sign_in_older_than_max_age_has_to_be_repeated(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    server.advance(100);
    browser
        .ask(&app.ask().set("max_age", "99"))
        .await
        .ticket("/login");
    browser
        .ask(&app.ask().set("max_age", "0"))
        .await
        .ticket("/login");
    Code::of(
        browser
            .ask(&app.ask().set("max_age", "100"))
            .await
            .location(),
    );
    let ask = app.ask().set("max_age", "99").set("prompt", "none");
    let location = browser.ask(&ask).await.location();
    refused_by_redirect(&location, "login_required", "login-required");
}

#[apply(on_both!)]
async fn max_age_zero_ends_after_one_sign_in(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    server.advance(5);
    let ticket = browser
        .ask(&app.ask().set("max_age", "0"))
        .await
        .ticket("/login");
    server.advance(5);
    Code::of(browser.sign_in_for(&user, &ticket).await);
}

/// OpenID Connect Core 1.0 §3.1.2.1: prompt=consent asks for consent before anything is given
/// to the client.
#[apply(on_both!)]
async fn prompt_consent_asks_although_the_answer_is_known(server: TestServer) {
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let ask = |app: &crate::harness::TestApp| app.ask().set("prompt", "consent");
    let app = server.app().create().await;
    browser.walk(&app.ask(), &user).await;
    browser.ask(&ask(&app)).await.ticket("/consent");
    let trusted = server.app().skip_consent().create().await;
    browser.ask(&ask(&trusted)).await.ticket("/consent");
}

/// OpenID Connect Core 1.0 §3.1.2.1: login_hint names who is about to sign in.
#[apply(on_both!)]
async fn login_hint_stands_in_the_form(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser();
    let ask = app.ask().set("login_hint", "ada@example.com");
    let location = browser.ask(&ask).await.location();
    assert!(
        browser
            .get(&location)
            .await
            .text()
            .contains("ada@example.com")
    );
}

/// OpenID Connect Core 1.0 §3.1.2.1: an id_token_hint of another person with prompt=none is
/// login_required.
/// OpenID Connect Core 1.0 §3.1.2.2: only the person in the id_token_hint gets an id_token.
#[apply(on_both!)]
async fn an_id_token_hint_lets_through_only_the_person_it_names(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let adas = server.signed_in(&ada).await;
    let code = Code::of(adas.ask(&app.ask()).await.location());
    let hint = app.redeem(&code).await.member("id_token");
    // A hint may be old.
    server.advance(7200);
    let ask = app.ask().set("id_token_hint", &hint);
    Code::of(adas.ask(&ask).await.location());
    let bobs = server.signed_in(&bob).await;
    server.advance(1);
    let location = bobs
        .ask(&ask.clone().set("prompt", "none"))
        .await
        .location();
    refused_by_redirect(&location, "login_required", "login-required");
    let ticket = bobs.ask(&ask).await.ticket("/login");
    let location = bobs.sign_in_for(&bob, &ticket).await;
    refused_by_redirect(&location, "login_required", "login-required");
}

#[apply(on_both!)]
async fn an_id_token_of_another_application_is_no_hint(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let hint = other.tokens().await.id_token;
    let location = server
        .browser()
        .ask(&app.ask().set("id_token_hint", &hint))
        .await
        .location();
    refused_by_redirect(&location, "invalid_request", "id-token-hint-invalid");
}

#[apply(on_both!)]
async fn a_ticket_opens_in_no_other_browser(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let ticket = server.browser().ask(&app.ask()).await.ticket("/login");
    let other = server.browser();
    let location = other.sign_in_for(&user, &ticket).await;
    assert_eq!(location, format!("/signed-in?flow={ticket}"));
    let page = other.get(&location).await.is(200).text();
    assert!(page.contains("/rules/flow-other-browser"), "{page}");
    problem(
        &other.decide(&ticket, "allow", None).await,
        400,
        "flow-other-browser",
    );
}

#[apply(on_both!)]
async fn a_ticket_ends_after_ten_minutes(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let ticket = browser.ask(&app.ask()).await.ticket("/login");
    server.advance(599);
    let consent = browser.sign_in_for(&user, &ticket).await;
    assert!(consent.starts_with("/consent?flow="), "{consent}");
    server.advance(1);
    let answer = browser.decide(&ticket, "allow", None).await;
    problem(&answer, 400, "flow-expired");
}

/// Each page has a ticket of its own, but a flow does not go on from page to page for ever: what
/// is taken back ends the codes of the last twenty minutes.
#[apply(on_both!)]
async fn a_flow_ends_after_twenty_minutes(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let mut ticket = browser.ask(&app.ask()).await.ticket("/login");
    for _ in 0..2 {
        server.advance(599);
        let consent = browser.sign_in_for(&user, &ticket).await;
        consent
            .split_once("flow=")
            .unwrap()
            .1
            .clone_into(&mut ticket);
    }
    server.advance(62);
    let answer = browser.decide(&ticket, "allow", None).await;
    problem(&answer, 400, "flow-expired");
}

#[apply(on_both!)]
async fn what_is_no_ticket_is_refused_like_one_that_has_ended(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let mut forged = browser.ask(&app.ask()).await.ticket("/login");
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.insert(0, last);
    for flow in ["x", "%", forged.as_str(), &"A".repeat(4000)] {
        // Who signs in is signed in, and that is all.
        assert_eq!(browser.sign_in_for(&user, flow).await, "/connections");
        let answer = browser.decide(flow, "allow", None).await;
        problem(&answer, 400, "flow-expired");
    }
    let answer = browser.post("/api/session", &json!({ "flow": 1 })).await;
    problem(&answer, 400, "json-malformed");
}

/// OpenID Connect Core 1.0 §3.1.2.1: when `max_age` passes while the person reads the consent page, they sign in again and go on.
#[apply(on_both!)]
async fn max_age_that_passes_on_the_consent_page_is_no_dead_end(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    server.advance(5);
    let ask = app.ask().set("max_age", "10");
    let page = browser.ask(&ask).await.location();
    let ticket = browser.ask(&ask).await.ticket("/consent");
    browser.get(&page).await.is(200);
    server.advance(6);
    assert!(
        browser
            .get(&page)
            .await
            .location()
            .starts_with("/login?flow=")
    );
    let yes = [
        ("flow", ticket.as_str()),
        ("decision", "allow"),
        ("scope", "read"),
    ];
    let login = browser.submit("/consent", &yes).await.ticket("/login");
    let page = browser.get(&format!("/login?flow={login}")).await.is(200);
    assert!(page.text().contains("Password"));
    let consent = browser.sign_in_for(&user, &login).await;
    let ticket = consent.strip_prefix("/consent?flow=").unwrap();
    let code = Code::of(browser.allow(ticket).await);
    let claims = crate::id_token::claims(&app.redeem(&code).await.member("id_token"));
    assert_eq!(claims["auth_time"], server.state.now().0 / 1000);
}
