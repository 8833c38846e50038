//! The page of the device grant and its plain forms.

use macro_rules_attribute::apply;

use crate::device_person::waiting;
use crate::harness::{TestServer, Tokens, on_both, refused_on_page};

#[apply(on_both!)]
async fn the_plain_forms_do_what_the_api_does(server: TestServer) {
    let device = waiting(&server, "openid email").await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let here = format!("/device?user_code={}", device.user_code);
    let login = browser.get(&here).await.location();
    assert_eq!(
        login,
        format!("/login?next=%2Fdevice%3Fuser_code%3D{}", device.user_code)
    );
    let fields = [
        ("username", "ada"),
        ("password", user.password.as_str()),
        ("next", &here),
    ];
    assert_eq!(browser.submit("/login", &fields).await.location(), here);
    let page = browser.get(&here).await.is(200).text();
    for word in ["Code", "Continue", &device.user_code] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(!page.contains("Calendar") && !page.contains("Allow"));
    let page = browser
        .submit("/device", &[("user_code", &device.user_code)])
        .await
        .is(200)
        .text();
    for word in [
        "Calendar",
        "Know who you are",
        "ada@example.com",
        "only if you started it yourself",
        "Allow",
        "Deny",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let fields = [
        ("user_code", device.user_code.as_str()),
        ("decision", "allow"),
        ("scope", "openid"),
    ];
    let page = browser.submit("/device", &fields).await.is(200).text();
    assert!(page.contains("Your device is connected"), "{page}");
    assert_eq!(Tokens::from(device.poll().await).scope, "openid");
    let page = browser.submit("/device", &fields).await.is(200).text();
    assert!(page.contains("That code has already been used"), "{page}");
}

#[apply(on_both!)]
async fn the_form_says_beside_the_field_what_is_wrong(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let wrong = browser
        .submit("/device", &[("user_code", "<bbbb>")])
        .await
        .is(200)
        .text();
    assert!(wrong.contains("That code isn't right"), "{wrong}");
    assert!(wrong.contains("&lt;bbbb"), "{wrong}");
    let device = waiting(&server, "read").await;
    server.advance(1800);
    let late = browser
        .submit("/device", &[("user_code", &device.user_code)])
        .await
        .is(200)
        .text();
    assert!(late.contains("That code has expired"), "{late}");
    let fields = [
        ("user_code", device.user_code.as_str()),
        ("decision", "other"),
    ];
    refused_on_page(
        &browser.submit("/device", &fields).await,
        400,
        "device-decision-unknown",
    );
}

#[apply(on_both!)]
async fn a_no_on_the_page_is_a_no(server: TestServer) {
    let device = waiting(&server, "read").await;
    let browser = server.browser_of("ada").await;
    let fields = [
        ("user_code", device.user_code.as_str()),
        ("decision", "deny"),
    ];
    let page = browser.submit("/device", &fields).await.is(200).text();
    assert!(page.contains("Access denied"), "{page}");
    assert_eq!(device.poll().await.member("error"), "access_denied");
}

#[apply(on_both!)]
async fn a_person_who_is_not_signed_in_signs_in_first_and_comes_back(server: TestServer) {
    let device = waiting(&server, "read").await;
    let anonymous = server.browser();
    assert_eq!(
        anonymous.get("/device").await.location(),
        "/login?next=%2Fdevice"
    );
    let fields = [
        ("user_code", device.user_code.as_str()),
        ("decision", "allow"),
    ];
    let login = format!("/login?next=%2Fdevice%3Fuser_code%3D{}", device.user_code);
    assert_eq!(anonymous.submit("/device", &fields).await.location(), login);
    assert_eq!(device.poll().await.member("error"), "authorization_pending");
    let here = format!("/device?user_code={}", device.user_code);
    for path in ["/device/", "/o/device", "/o/device/", "/o/device/confirm"] {
        let query = format!("{path}?user_code={}", device.user_code);
        assert_eq!(anonymous.get(&query).await.location(), here);
        assert_eq!(anonymous.get(path).await.location(), "/device");
    }
}

/// RFC 8628 §5.4: another site can't press the button in the person's name.
#[apply(on_both!)]
async fn another_site_can_not_approve_a_device(server: TestServer) {
    let device = waiting(&server, "read").await;
    let browser = server.browser_of("ada").await;
    let fields = [
        ("user_code", device.user_code.as_str()),
        ("decision", "allow"),
    ];
    let call = browser.call("POST", "/device").form(&fields);
    let answer = call.header("sec-fetch-site", "cross-site").await;
    refused_on_page(&answer, 403, "cross-site-request");
    assert_eq!(device.poll().await.member("error"), "authorization_pending");
}
