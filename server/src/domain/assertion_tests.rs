use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const AT: i64 = 1_800_000_000;

fn token(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.AAAA", part(header), part(claims))
}

fn good() -> Value {
    json!({ "iss": "app", "sub": "app", "aud": "https://id/o", "exp": AT + 60, "iat": AT,
        "jti": "1" })
}

fn rule_of(claims: &Value) -> Option<&'static str> {
    let audiences = ["https://id/o".to_owned(), "https://id/o/token".to_owned()];
    read(&token(&json!({ "alg": "ES256" }), claims))
        .and_then(|assertion| {
            let claims = assertion.jws.verified(|_, _| true).unwrap();
            check(claims, "app", &audiences, NOW)
        })
        .err()
        .map(|refusal| refusal.rule.id)
}

#[test]
fn which_claims_hold() {
    assert_eq!(rule_of(&good()), None);
    let table = [
        ("iss", json!("other"), Some("assertion-subject")),
        ("iss", json!(""), Some("assertion-claims")),
        ("sub", json!("other"), Some("assertion-subject")),
        ("sub", json!(7), Some("assertion-claims")),
        ("aud", json!("https://id/o/"), Some("assertion-audience")),
        ("aud", json!("https://id"), Some("assertion-audience")),
        ("aud", json!([]), Some("assertion-audience")),
        ("aud", json!({}), Some("assertion-claims")),
        ("aud", json!(["https://x", "https://id/o/token"]), None),
        ("exp", json!(AT), Some("assertion-expired")),
        ("exp", json!(AT - 1), Some("assertion-expired")),
        ("exp", json!(AT + 3600), None),
        ("exp", json!(AT + 3601), Some("assertion-lifetime")),
        ("exp", json!(1e300), Some("assertion-lifetime")),
        ("exp", json!(60.5 + 1_800_000_000.0), None),
        ("exp", json!("soon"), Some("assertion-claims")),
        ("iat", json!(AT + 30), None),
        ("iat", json!(AT + 31), Some("assertion-early")),
        ("iat", json!(AT - 3541), Some("assertion-lifetime")),
        ("iat", json!("now"), Some("assertion-claims")),
        ("nbf", json!(AT - 5), None),
        ("nbf", json!(AT + 31), Some("assertion-early")),
        ("jti", json!(""), Some("assertion-claims")),
        ("jti", json!(1), Some("assertion-claims")),
        ("jti", json!("x".repeat(501)), Some("assertion-claims")),
    ];
    for (name, value, rule) in table {
        let mut claims = good();
        claims[name] = value.clone();
        assert_eq!(rule_of(&claims), rule, "{name} {value}");
    }
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(rule_of(&claims), Some("assertion-claims"), "{name}");
    }
    // Without iat the lifetime counts from now, by a clock that may be ahead.
    let mut claims = good();
    claims.as_object_mut().unwrap().remove("iat");
    assert_eq!(rule_of(&claims), None);
    claims["exp"] = json!(AT + 3630);
    assert_eq!(rule_of(&claims), None);
    claims["exp"] = json!(AT + 3631);
    assert_eq!(rule_of(&claims), Some("assertion-lifetime"));
}

#[test]
fn which_headers_are_taken() {
    let table = [
        (json!({ "alg": "RS256", "typ": "JWT" }), None),
        (json!({ "alg": "PS256", "kid": "1" }), None),
        (
            json!({ "alg": "EdDSA", "typ": "client-authentication+jwt" }),
            None,
        ),
        (
            json!({ "alg": "ES256", "jwk": {}, "jku": "https://x" }),
            None,
        ),
        (json!({}), Some("assertion-algorithm")),
        (json!({ "alg": "none" }), Some("assertion-algorithm")),
        (json!({ "alg": "NONE" }), Some("assertion-algorithm")),
        (json!({ "alg": "HS256" }), Some("assertion-algorithm")),
        (json!({ "alg": "es256" }), Some("assertion-algorithm")),
        (json!({ "alg": ["ES256"] }), Some("assertion-algorithm")),
        (
            json!({ "alg": "ES256", "crit": ["b64"] }),
            Some("assertion-malformed"),
        ),
        (
            json!({ "alg": "ES256", "crit": [] }),
            Some("assertion-malformed"),
        ),
        (
            json!({ "alg": "ES256", "typ": "dpop+jwt" }),
            Some("assertion-malformed"),
        ),
        (
            json!({ "alg": "ES256", "typ": 1 }),
            Some("assertion-malformed"),
        ),
        (
            json!({ "alg": "ES256", "kid": 1 }),
            Some("assertion-malformed"),
        ),
        (
            json!({ "alg": "ES256", "kid": "k".repeat(501) }),
            Some("assertion-malformed"),
        ),
    ];
    for (header, rule) in table {
        let got = read(&token(&header, &good())).err().map(|r| r.rule.id);
        assert_eq!(got, rule, "{header}");
    }
}

#[test]
fn what_is_no_jwt() {
    let whole = token(&json!({ "alg": "ES256" }), &good());
    let list = URL_SAFE_NO_PAD.encode("[]");
    let (head, _) = whole.rsplit_once('.').unwrap();
    for text in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b".to_owned(),
        head.to_owned(),
        format!("{head}.A="),
        format!("{head}.A A"),
        format!("{list}.{list}.AAAA"),
        format!("{whole}.AAAA"),
        format!(" {whole}"),
    ] {
        let rule = read(&text).err().map(|r| r.rule.id);
        assert_eq!(rule, Some("assertion-malformed"), "{text}");
    }
}

proptest! {
    #[test]
    fn no_input_panics(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn no_claim_panics(exp: f64, iat: i64, nbf in proptest::option::of(any::<f64>()), jti in ".{0,9}") {
        let claims = json!({ "iss": "app", "sub": "app", "aud": ["https://id/o"], "exp": exp,
            "iat": iat, "nbf": nbf, "jti": jti });
        let _ = rule_of(&claims);
    }
}
