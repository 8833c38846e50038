//! The way a person walks past the consent page: late, twice, as another person, with two answers at
//! once.

use macro_rules_attribute::apply;

use crate::harness::{TestServer, on_both, problem, refused_by_redirect, refused_on_page};
use crate::walk::{By, decide, says, ticket, tokens};

/// What was shown to one person is not answered by another.
#[apply(on_both!)]
async fn another_person_who_signed_in_meanwhile_is_asked_themselves(server: TestServer) {
    let app = server.app().create().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let browser = server.browser();
    let login = browser.ask(&app.ask()).await.ticket("/login");
    let consent = ticket(&browser.sign_in_for(&ada, &login).await, "/consent");
    browser.sign_in(&bob).await;
    problem(
        &browser.decide(&consent, "allow", None).await,
        400,
        "flow-other-browser",
    );
    let again = decide(&browser, &consent, "allow").await.location();
    let page = browser.get(&again).await.location();
    assert!(
        browser
            .get(&page)
            .await
            .is(200)
            .text()
            .contains("bob@example.com")
    );
    let flow = ticket(&page, "/consent");
    let got = tokens(&app, By::Form.allow(&browser, &flow).await).await;
    let claims = crate::id_token::claims(&got.id_token);
    assert_eq!(claims["sub"], bob.id.to_string());
}

/// Who has signed out in another tab signs in and is asked again.
#[apply(on_both!)]
async fn a_consent_page_of_a_session_that_ended_is_no_dead_end(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let flow = browser.ask(&app.ask()).await.ticket("/consent");
    browser.delete("/api/session").await.is(204);
    for answer in [
        browser.get(&format!("/consent?flow={flow}")).await,
        decide(&browser, &flow, "allow").await,
    ] {
        assert_eq!(answer.location(), format!("/login?flow={flow}"));
    }
    let consent = By::Form.sign_in(&browser, &user, &flow).await;
    let flow = ticket(&consent, "/consent");
    tokens(&app, By::Form.allow(&browser, &flow).await).await;
}

/// The consent page over lunch: what was pressed too late counts for nothing, and is asked anew.
#[apply(on_both!)]
async fn a_consent_page_over_lunch_is_asked_anew(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let old = browser.ask(&app.ask()).await.ticket("/consent");
    server.advance(700);
    problem(
        &browser.decide(&old, "allow", None).await,
        400,
        "flow-expired",
    );
    let login = decide(&browser, &old, "allow").await.location();
    assert_eq!(server.count("authorization_codes").await, 0);
    let fresh = ticket(&browser.get(&login).await.location(), "/consent");
    assert_ne!(fresh, old);
    tokens(&app, By::Form.allow(&browser, &fresh).await).await;
}

#[apply(on_both!)]
async fn an_answered_consent_page_says_so_and_has_a_way_on(server: TestServer) {
    let app = server.app().create().await;
    for first in ["allow", "deny"] {
        for second in ["allow", "deny"] {
            let user = server.any_user().await;
            let browser = server.signed_in(&user).await;
            let flow = browser.ask(&app.ask()).await.ticket("/consent");
            let location = decide(&browser, &flow, first).await.location();
            let page = format!("/consent?flow={flow}");
            says(&browser, &page, &["Already answered", "Go to Calendar"]).await;
            let again = decide(&browser, &flow, second).await;
            refused_on_page(&again, 400, "flow-completed");
            assert!(again.text().contains("Already answered"));
            problem(
                &browser.get(&format!("/api/consent?flow={flow}")).await,
                400,
                "flow-completed",
            );
            problem(
                &browser.decide(&flow, second, None).await,
                400,
                "flow-completed",
            );
            if first == "allow" {
                tokens(&app, location).await;
            } else {
                refused_by_redirect(&location, "access_denied", "access-denied");
                // Nothing was let in: the next request asks.
                browser.ask(&app.ask()).await.ticket("/consent");
            }
        }
    }
}

#[apply(on_both!)]
async fn of_a_yes_and_a_no_at_once_one_counts(server: TestServer) {
    let app = server.app().create().await;
    for _ in 0..4 {
        let user = server.any_user().await;
        let browser = server.signed_in(&user).await;
        let flow = browser.ask(&app.ask()).await.ticket("/consent");
        let (yes, no) = tokio::join!(
            browser.decide(&flow, "allow", None),
            browser.decide(&flow, "deny", None)
        );
        let mut statuses = [yes.status, no.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
}

/// The place of a code that a no has taken is no code.
#[apply(on_both!)]
async fn a_no_leaves_nothing_to_redeem_and_is_swept(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let flow = browser.ask(&app.ask()).await.ticket("/consent");
    browser.deny(&flow).await;
    assert_eq!(server.count("authorization_codes").await, 1);
    assert_eq!(server.count("consents").await, 0);
    server.advance(2 * 24 * 3600);
    let state = &server.state;
    state.store.sweep_all(state.now()).await.unwrap();
    assert_eq!(server.count("authorization_codes").await, 0);
}
