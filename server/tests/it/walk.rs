//! The way a person walks: forms that come late, twice, from a bookmark or out of another tab.
//! Whatever has become of a flow, no person loses a session by it, and every page leads onward.

use macro_rules_attribute::apply;

use crate::harness::authorization::STATE;
use crate::harness::{
    Answer, Browser, Code, TestApp, TestServer, TestUser, Tokens, on_both, param, problem,
};

/// Whether the person is signed in.
pub(crate) async fn alive(browser: &Browser) -> bool {
    browser.get("/api/session").await.status == 200
}

/// How a sign-in travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Form,
    Api,
}

impl By {
    const ALL: [Self; 2] = [Self::Form, Self::Api];

    /// Signs in with this ticket; where that leads.
    pub(crate) async fn sign_in(self, browser: &Browser, user: &TestUser, flow: &str) -> String {
        match self {
            Self::Form => form(browser, user, &user.password, flow).await.location(),
            Self::Api => browser.sign_in_for(user, flow).await,
        }
    }

    /// Allows everything; where that leads.
    pub(crate) async fn allow(self, browser: &Browser, flow: &str) -> String {
        match self {
            Self::Form => decide(browser, flow, "allow").await.location(),
            Self::Api => browser.allow(flow).await,
        }
    }
}

async fn form(browser: &Browser, user: &TestUser, password: &str, flow: &str) -> Answer {
    let fields = [
        ("username", user.username.as_str()),
        ("password", password),
        ("flow", flow),
    ];
    browser.submit("/login", &fields).await
}

pub(crate) async fn decide(browser: &Browser, flow: &str, decision: &str) -> Answer {
    let fields = [("flow", flow), ("decision", decision)];
    browser.submit("/consent", &fields).await
}

#[track_caller]
pub(crate) fn ticket(location: &str, page: &str) -> String {
    assert!(location.starts_with(&format!("{page}?flow=")), "{location}");
    param(location, "flow").unwrap()
}

/// A page that says why a flow is over, and has a way on.
pub(crate) async fn says(browser: &Browser, location: &str, words: &[&str]) {
    let text = browser.get(location).await.is(200).text();
    for words in words.iter().chain(&["href=\"/connections\""]) {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("<form"), "{text}");
}

pub(crate) async fn tokens(app: &TestApp, location: String) -> Tokens {
    app.redeem(&Code::of(location)).await.into()
}

#[apply(on_both!)]
async fn an_answered_sign_in_form_that_comes_again_ends_nothing(server: TestServer) {
    let app = server.app().create().await;
    for by in By::ALL {
        let user = server.any_user().await;
        let browser = server.browser();
        let login = browser.ask(&app.ask()).await.ticket("/login");
        let consent = ticket(&by.sign_in(&browser, &user, &login).await, "/consent");
        let got = tokens(&app, by.allow(&browser, &consent).await).await;
        server.advance(2);
        for _ in 0..2 {
            let location = by.sign_in(&browser, &user, &login).await;
            ticket(&location, "/signed-in");
            let words = [
                "Already answered",
                "Go to Calendar",
                "href=\"https://client.example/\"",
            ];
            says(&browser, &location, &words).await;
            assert!(alive(&browser).await, "{by:?}");
        }
        // A wrong password changes nothing either.
        let wrong = form(&browser, &user, "wrong", &login).await;
        assert_eq!(wrong.status, 401);
        assert!(alive(&browser).await);
        // The session that applications know has gone on.
        app.refresh(&got.refresh).await.is(200);
    }
}

/// What may have become of the ticket in a form.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Garbage,
    OtherBrowser,
    LostCookies,
    Late,
    Bookmarked,
    Denied,
    Disabled,
}

#[apply(on_both!)]
async fn who_signs_in_is_signed_in_and_led_onward_whatever_the_ticket_is_worth(server: TestServer) {
    let owner = server.signed_in(&server.owner().await).await;
    for fate in [
        Fate::Garbage,
        Fate::OtherBrowser,
        Fate::LostCookies,
        Fate::Late,
        Fate::Bookmarked,
        Fate::Denied,
        Fate::Disabled,
    ] {
        for (by, signed_in_before) in [
            (By::Form, false),
            (By::Form, true),
            (By::Api, false),
            (By::Api, true),
        ] {
            let what = format!("{fate:?} {by:?} {signed_in_before}");
            let app = server.app().create().await;
            let user = server.any_user().await;
            let mut browser = server.browser();
            let mut flow = browser.ask(&app.ask()).await.ticket("/login");
            match fate {
                Fate::Garbage => flow = "made-up".to_owned(),
                Fate::OtherBrowser | Fate::LostCookies => browser = server.browser(),
                Fate::Late => server.advance(700),
                Fate::Bookmarked => server.advance(90 * 24 * 3600),
                Fate::Denied => {
                    let consent = browser.sign_in_for(&user, &flow).await;
                    browser.deny(&ticket(&consent, "/consent")).await;
                    browser.delete("/api/session").await.is(204);
                }
                Fate::Disabled => {
                    let path = format!("/api/applications/{}", app.client_id);
                    let patch = serde_json::json!({ "disabled": true });
                    owner.call("PATCH", &path).json(&patch).await;
                }
            }
            let page = format!("/login?flow={flow}");
            assert!(browser.get(&page).await.is(200).text().contains("Password"));
            if signed_in_before {
                browser.sign_in(&user).await;
            }
            let wrong = browser
                .try_sign_in(&user.username, "wrong", Some(&flow))
                .await;
            problem(&wrong, 401, "bad-credentials");
            assert_eq!(alive(&browser).await, signed_in_before, "{what}");
            let location = by.sign_in(&browser, &user, &flow).await;
            assert!(alive(&browser).await, "{what}");
            let start = "href=\"https://client.example/\"";
            match fate {
                Fate::Garbage => assert_eq!(location, "/connections", "{what}"),
                Fate::Late => {
                    let consent = ticket(&location, "/consent");
                    Code::of(by.allow(&browser, &consent).await);
                }
                Fate::OtherBrowser | Fate::LostCookies | Fate::Bookmarked => {
                    ticket(&location, "/signed-in");
                    let words = ["You are signed in", "Start again at Calendar", start];
                    says(&browser, &location, &words).await;
                }
                Fate::Denied => {
                    ticket(&location, "/signed-in");
                    says(&browser, &location, &["Already answered", start]).await;
                }
                Fate::Disabled => {
                    ticket(&location, "/signed-in");
                    says(&browser, &location, &["/rules/client-disabled"]).await;
                }
            }
            // The bookmark itself, by who is signed in.
            let answer = browser.get(&page).await;
            assert_eq!(answer.status, 303, "{what} {}", answer.text());
        }
        // The owner's session lasts as long as theirs.
        owner.sign_in(&server.owner().await).await;
    }
}

/// A form that was answered in another browser can't be made to do anything in this one.
#[apply(on_both!)]
async fn a_ticket_of_another_browser_asks_nothing_and_gives_nothing(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let flow = server.browser().ask(&app.ask()).await.ticket("/login");
    let other = server.signed_in(&user).await;
    let location = other.get(&format!("/login?flow={flow}")).await.location();
    ticket(&location, "/signed-in");
    let location = decide(&other, &flow, "allow").await.location();
    assert_eq!(location, format!("/login?flow={flow}"));
    assert_eq!(server.count("authorization_codes").await, 0);
}

/// The steps of two tabs, A and B: ask, sign in, look at the page again, allow.
#[apply(on_both!)]
async fn two_tabs_of_a_browser_both_end_well_in_every_order(server: TestServer) {
    let (one, two) = (server.app().create().await, server.app().create().await);
    for by in By::ALL {
        for (first, second) in [(&one, &two), (&one, &one)] {
            for order in [
                "ask A, ask B, sign A, allow A, sign B, allow B",
                "ask A, ask B, sign A, sign B, allow A, allow B",
                "ask A, ask B, sign B, sign A, allow B, allow A",
                "ask A, sign A, ask B, allow A, allow B",
                "ask A, sign A, ask B, allow B, allow A",
                "ask A, ask B, sign A, allow A, look B, allow B",
                "ask A, ask B, sign A, look B, allow B, look A, allow A",
                "ask A, ask B, sign A, sign B, sign A, sign B, allow B, allow A",
            ] {
                let user = server.any_user().await;
                let browser = server.browser();
                let apps = [first, second];
                let mut at = [String::new(), String::new()];
                for step in order.split(", ") {
                    let (what, tab) = step.split_once(' ').unwrap();
                    let tab = usize::from(tab == "B");
                    // The same application, allowed in the other tab, asks no more.
                    if at[tab].starts_with("https:") && what != "sign" {
                        continue;
                    }
                    let flow = param(&at[tab], "flow").unwrap_or_default();
                    let next = match what {
                        "ask" => browser.ask(&apps[tab].ask()).await.location(),
                        "sign" => by.sign_in(&browser, &user, &flow).await,
                        "look" => {
                            let answer = browser.get(&at[tab]).await;
                            if answer.status == 200 {
                                continue;
                            }
                            answer.location()
                        }
                        _ => by.allow(&browser, &flow).await,
                    };
                    at[tab] = next;
                    server.advance(1);
                }
                for (app, location) in apps.into_iter().zip(at) {
                    assert_eq!(param(&location, "state").as_deref(), Some(STATE), "{order}");
                    tokens(app, location).await;
                }
                assert!(alive(&browser).await, "{order}");
            }
        }
    }
}

/// A browser that opens its tabs of yesterday asks twice before it has a cookie.
#[apply(on_both!)]
async fn two_tabs_that_start_at_once_both_end_well(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let path = format!("/o/authorize?{}", app.ask().params.encoded());
    let (a, b) = (server.get(&path).await, server.get(&path).await);
    let browser = server.browser();
    browser.keep(&a);
    browser.keep(&b);
    for login in [a.ticket("/login"), b.ticket("/login")] {
        let consent = By::Form.sign_in(&browser, &user, &login).await;
        if let Some(flow) = consent.strip_prefix("/consent?flow=") {
            tokens(&app, browser.allow(flow).await).await;
        } else {
            tokens(&app, consent).await;
        }
    }
}

#[apply(on_both!)]
async fn a_form_over_lunch_begins_the_same_request_again(server: TestServer) {
    let app = server.app().create().await;
    for by in By::ALL {
        for (seconds, goes_on) in [(599, true), (600, true), (3599, true), (3600, false)] {
            let user = server.any_user().await;
            let browser = server.browser();
            let login = browser.ask(&app.ask()).await.ticket("/login");
            server.advance(seconds);
            let page = browser
                .get(&format!("/login?flow={login}"))
                .await
                .is(200)
                .text();
            assert!(page.contains("Calendar"), "{page}");
            let location = by.sign_in(&browser, &user, &login).await;
            if !goes_on {
                says(&browser, &location, &["Start again at Calendar"]).await;
                continue;
            }
            let flow = ticket(&location, "/consent");
            let location = by.allow(&browser, &flow).await;
            assert_eq!(param(&location, "state").as_deref(), Some(STATE));
            tokens(&app, location).await;
        }
    }
}
