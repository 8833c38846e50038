use contract::rules;

use super::*;

fn described(checks: Checks, query: &str, refusal: &Refusal) -> Vec<(String, ParameterCheck)> {
    let params = Params::parse(query.as_bytes()).unwrap();
    let described = checks.describe(&params, Some(refusal));
    described.into_iter().map(|p| (p.name, p.check)).collect()
}

/// Contract of the token endpoint's order: client, grant type, code, redirect URI, verifier.
#[test]
fn what_was_checked_before_the_one_that_failed_has_passed() {
    use ParameterCheck::{Ignored, Missing, NotReached, Ok, Refused, Unknown};
    let code = Checks::Token(Some(GrantType::AuthorizationCode));
    let refresh = Checks::Token(Some(GrantType::RefreshToken));
    let exchange = "grant_type=x&code=c&redirect_uri=r&code_verifier=v&client_id=i\
                    &client_secret=s&resource=a&foo=b";
    let table: [(Checks, &Rule, &str, &[ParameterCheck]); 12] = [
        (
            code,
            &rules::PKCE_VERIFIER_MISMATCH,
            exchange,
            &[Ok, Ok, Ok, Refused, Ok, Ok, NotReached, Ignored],
        ),
        (
            code,
            &rules::CODE_REDIRECT_URI_MISMATCH,
            exchange,
            &[Ok, Ok, Refused, NotReached, Ok, Ok, NotReached, Ignored],
        ),
        (
            code,
            &rules::CLIENT_AUTH_FAILED,
            exchange,
            &[
                NotReached, NotReached, NotReached, NotReached, Ok, Refused, NotReached, Ignored,
            ],
        ),
        (
            code,
            &rules::PKCE_VERIFIER_MISSING,
            "grant_type=x&code=c&client_id=i",
            &[Ok, Ok, Ok, Missing],
        ),
        (
            code,
            &rules::SERVER_BUSY,
            "grant_type=x&code=c",
            &[Unknown, Unknown],
        ),
        (
            refresh,
            &rules::SCOPE_WIDENED,
            "grant_type=x&refresh_token=t&scope=s&resource=r",
            &[Ok, Ok, Refused, NotReached],
        ),
        (
            Checks::Token(None),
            &rules::GRANT_TYPE_UNSUPPORTED,
            "grant_type=x&client_id=i&code=c",
            &[Refused, Ok, NotReached],
        ),
        (
            Checks::Authorize,
            &rules::REDIRECT_URI_MISMATCH,
            "client_id=i&redirect_uri=r&scope=s&ui_locales=de",
            &[Ok, Refused, NotReached, Ignored],
        ),
        (
            Checks::Authorize,
            &rules::PKCE_METHOD_UNSUPPORTED,
            "client_id=i&code_challenge=c&code_challenge_method=plain&response_type=code",
            &[Ok, NotReached, Refused, Ok],
        ),
        (
            Checks::Pushed,
            &rules::SCOPE_UNKNOWN,
            "client_id=i&client_secret=s&redirect_uri=r&scope=s&state=x",
            &[Ok, Ok, Ok, Refused, NotReached],
        ),
        (
            Checks::OfToken,
            &rules::TOKEN_MISSING,
            "client_id=i&token_type_hint=t",
            &[Ok, Ignored, Missing],
        ),
        (
            Checks::Logout,
            &rules::POST_LOGOUT_REDIRECT_URI_MISMATCH,
            "id_token_hint=h&post_logout_redirect_uri=r&state=s&ui_locales=de",
            &[Ok, Refused, NotReached, Ignored],
        ),
    ];
    for (checks, rule, query, expected) in table {
        let found = described(checks, query, &Refusal::new(rule));
        let found: Vec<_> = found.into_iter().map(|(_, check)| check).collect();
        assert_eq!(found, expected, "{} {query}", rule.id);
    }
}

#[test]
fn a_repeated_parameter_is_found_before_or_after_the_address_of_the_answer() {
    let repeated = |name: &str| Refusal::new(&rules::PARAMETER_REPEATED).received(name.to_owned());
    let query = "client_id=i&redirect_uri=r&redirect_uri=r&scope=a&scope=b";
    for (name, address, scope) in [
        (
            "redirect_uri",
            ParameterCheck::Refused,
            ParameterCheck::NotReached,
        ),
        ("scope", ParameterCheck::Ok, ParameterCheck::Refused),
    ] {
        let found = described(Checks::Authorize, query, &repeated(name));
        assert_eq!(found[0].1, ParameterCheck::Ok);
        assert_eq!((found[1].1, found[3].1), (address, scope), "{name}");
    }
}

/// Whatever rule refuses a request that has a trace, it is known which check that was, or
/// nothing is said of any.
#[test]
fn each_rule_that_is_about_a_parameter_names_one_that_its_endpoint_checks() {
    let all = [
        Checks::Authorize,
        Checks::Pushed,
        Checks::Token(Some(GrantType::AuthorizationCode)),
        Checks::Token(Some(GrantType::RefreshToken)),
        Checks::Token(Some(GrantType::DeviceCode)),
        Checks::DeviceAuthorization,
        Checks::OfToken,
        Checks::Logout,
    ];
    let params = Params::default();
    for rule in rules::all() {
        let places = all.map(|checks| (checks, judged(checks, &params, rule).0));
        if places.iter().all(|(_, place)| place.is_empty()) {
            continue;
        }
        let known = places
            .iter()
            .any(|(checks, place)| checks.place(place).is_some());
        assert!(known, "{}: {places:?}", rule.id);
    }
}

#[test]
fn names_and_values_are_shown_without_their_secrets() {
    let token = "clv_at_0123456789";
    let query = format!("{token}=x&login_hint={token}&state=s&scope=openid");
    let params = Params::parse(query.as_bytes()).unwrap();
    let described = Checks::Authorize.describe(&params, None);
    assert!(!format!("{described:?}").contains(token));
    assert!(described[2].value.starts_with("fingerprint "));
    assert_eq!(described[3].value, "openid");
}
