use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::credential::{Credential, CredentialKind};

const KINDS: [CredentialKind; 8] = [
    CredentialKind::AccessToken,
    CredentialKind::RefreshToken,
    CredentialKind::AuthorizationCode,
    CredentialKind::Session,
    CredentialKind::DeviceCode,
    CredentialKind::PushedRequest,
    CredentialKind::InitialAccess,
    CredentialKind::Registration,
];

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn some_percent(text: &str) -> String {
    let one = |(at, b): (usize, u8)| match at % 3 {
        0 => format!("%{b:02x}"),
        _ => char::from(b).to_string(),
    };
    text.bytes().enumerate().map(one).collect()
}

fn json(text: &str) -> String {
    text.bytes().map(|b| format!("\\u{b:04x}")).collect()
}

/// The ways in which a text may be written inside of another one.
fn writings(text: &str) -> Vec<String> {
    vec![
        text.to_owned(),
        percent(text),
        some_percent(text),
        percent(&percent(text)),
        percent(&percent(&percent(text))),
        json(text),
        percent(&json(text)),
    ]
}

fn jwt(parts: usize, header: &str, payload: &[u8]) -> String {
    let mut all = vec![URL_SAFE_NO_PAD.encode(header)];
    all.resize_with(parts, || URL_SAFE_NO_PAD.encode(payload));
    all.join(".")
}

#[test]
fn a_secret_is_hidden_wherever_it_stands_and_the_rest_is_shown() {
    let token = "clv_at_AAAA-bbbb_CCCC";
    let print = fingerprint(token);
    for (text, shown) in [
        ("{}", "{}"),
        (
            "https://a.example/cb?x={}&y=1",
            "https://a.example/cb?x={}&y=1",
        ),
        ("https://a.example/{}/z", "https://a.example/{}/z"),
        ("{\"login_hint\":\"{}\"}", "{\"login_hint\":\"{}\"}"),
        ("Bearer {}", "Bearer {}"),
        ("x={}, y={}", "x={}, y={}"),
        ("é{}é", "é{}é"),
    ] {
        for written in writings(token) {
            let text = text.replace("{}", &written);
            assert_eq!(redact(&text), shown.replace("{}", &print), "{text}");
        }
    }
    let upper = token.replace("clv_at", "CLV_AT");
    assert_eq!(redact(&upper), fingerprint(&upper));
    // Client secrets carry a prefix too, and so will kinds that are still to come.
    for other in ["clv_cs_abc", "clv_zz_abc"] {
        assert_eq!(redact(other), fingerprint(other));
    }
}

#[test]
fn a_jwt_is_known_by_its_header() {
    let jws = jwt(3, r#"{"typ":"JWT","alg":"RS256"}"#, b"{\"sub\":\"ada\"}");
    let jwe = jwt(
        5,
        "{\n \"alg\": \"dir\", \"enc\": \"A256GCM\" }",
        b"x\x01\xff",
    );
    for token in [&jws, &jwe] {
        for written in writings(token) {
            let text = format!("https://a.example/?hint={written}&a=b");
            let shown = format!("https://a.example/?hint={}&a=b", fingerprint(token));
            assert_eq!(redact(&text), shown, "{text}");
        }
    }
    // Glued to something else, cut short, with an empty part.
    for token in [
        format!("urn-x-{jws}"),
        jws[..jws.len() - 5].to_owned(),
        format!("{}..abc", jws.split('.').next().unwrap_or_default()),
    ] {
        assert!(!redact(&token).contains("eyJ"), "{token}");
    }
    let long = format!(r#"{{"x5c":["{}"],"alg":"RS256"}}"#, "A".repeat(20_000));
    let token = jwt(3, &long, b"{}");
    assert_eq!(redact(&token), fingerprint(&token));
}

#[test]
fn credentials_in_base64_are_hidden() {
    let ours = STANDARD.encode("calendar:clv_cs_0123456789");
    let others = STANDARD.encode("calendar:hunter2");
    assert!(!redact(&ours).contains(&ours));
    for written in writings(&others) {
        let header = format!("Basic {written}");
        assert_eq!(redact(&header), format!("Basic {}", fingerprint(&others)));
    }
}

#[test]
fn what_is_no_secret_stays_as_it_is() {
    for text in [
        "",
        "openid profile",
        "https://client.example/cb?a=%20b%2Fc",
        "com.example.app:/oauth",
        "eyJones.example.com",
        "clv_at_",
        "the prefix clv_at_ begins it",
        "Basic credentials are malformed",
        "0198c5d4-1b2c-7000-8000-000000000000",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "100 %",
        "%zz%4",
        "\\u00",
    ] {
        assert!(matches!(redact(text), Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn some_names_make_a_secret_of_whatever_they_hold() {
    for name in [
        "client_secret",
        "clientSecret",
        "CLIENT-SECRET",
        "password",
        "new_password",
        "code",
        "code_verifier",
        "client_assertion",
        "state",
        "id_token",
    ] {
        assert!(is_secret_name(name), "{name}");
        assert_eq!(value(name, "hunter2"), fingerprint("hunter2"));
        assert_eq!(value(name, ""), "");
    }
    for name in [
        "client_id",
        "client_assertion_type",
        "token_type_hint",
        "code_challenge_method",
        "scope",
        "login_hint",
        "grant_type",
    ] {
        assert!(!is_secret_name(name), "{name}");
        assert_eq!(value(name, "hunter2"), "hunter2");
    }
}

/// 16 KB of what could make it look twice: it comes to an end at once, and hides what is at
/// the end.
#[test]
fn long_texts_of_short_pieces_are_read_once() {
    let token = "clv_rt_0123456789abcdef";
    for piece in [
        "%25", "ey", "ey.", "eyJ", ".", "%", "clv_", "\\u00", "\\u0025", "a=", "%2", "Basic ",
    ] {
        let text = format!("{} {token}", piece.repeat(16 * 1024 / piece.len()));
        assert!(!redact(&text).contains(token), "{piece}");
    }
}

proptest! {
    #[test]
    fn no_credential_of_ours_gets_through(
        kind in 0..KINDS.len(),
        id: u128,
        secret: [u8; 32],
        before in "\\PC{0,30}",
        after in "\\PC{0,30}",
        writing in 0_usize..7,
    ) {
        let token = Credential::new(KINDS[kind], Uuid::from_u128(id), secret).reveal();
        let text = format!("{before}{}{after}", writings(&token)[writing]);
        let shown = redact(&text);
        prop_assert!(!shown.contains(&writings(&token[7..])[writing]), "{}", shown);
        let mut read = Some(Reading::of(&shown));
        while let Some(reading) = read {
            let secret = &token.as_bytes()[7..];
            prop_assert!(!reading.bytes.windows(64).any(|part| part == secret));
            read = reading.decoded();
        }
    }

    #[test]
    fn no_jwt_gets_through(
        header in "[a-zA-Z0-9 :/\\-]{0,60}",
        payload in proptest::collection::vec(any::<u8>(), 1..60),
        parts in prop_oneof![Just(3_usize), Just(5)],
        before in "(https://a\\.example/[?&=a-z]{0,9}| |\")?",
        after in "([&\" ,][a-z0-9=&]{0,20})?",
        writing in 0_usize..7,
    ) {
        let header = serde_json::json!({ "kid": header, "alg": "ES256" }).to_string();
        let token = jwt(parts, &header, &payload);
        let text = format!("{before}{}{after}", writings(&token)[writing]);
        let shown = redact(&text).into_owned();
        prop_assert_eq!(shown, format!("{before}{}{after}", fingerprint(&token)));
    }

    #[test]
    fn no_text_panics_and_twice_is_once(text in "\\PC{0,200}") {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once).into_owned(), once.clone());
    }
}
