use contract::wire::session::Role;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::client::Settings;
use crate::domain::user::User;

const A: &str = "https://a.example/";
const B: &str = "https://b.example/mcp";
const OURS: &str = "https://id.example/o";

fn set(text: &str) -> Scopes {
    text.split(' ').filter(|name| !name.is_empty()).collect()
}

fn server(uri: &str, scopes: &str) -> ResourceServer {
    ResourceServer {
        uri: uri.to_owned(),
        name: uri.to_owned(),
        scopes: set(scopes),
        access_token_format: None,
        access_token_lifetime: None,
        introspect_by: Vec::new(),
        created_at: Timestamp(1),
        open: false,
        built_in: uri == OURS,
    }
}

fn known() -> Vec<ResourceServer> {
    vec![
        server(OURS, ""),
        server(A, "a:read both"),
        server(B, "b:read both"),
    ]
}

fn client(resources: Option<&[&str]>) -> Client {
    let owner = User {
        id: Uuid::nil(),
        username: "ada".to_owned(),
        email: String::new(),
        email_verified: false,
        role: Role::User,
        created_at: Timestamp(0),
        disabled_at: None,
    };
    let settings = Settings {
        grant_types: Vec::new(),
        scopes: set("read a:read"),
        optional_scopes: Scopes::default(),
        refresh_token_lifetime: 86_400,
        resources: resources.map(|uris| uris.iter().map(|&uri| uri.to_owned()).collect()),
        ..Settings::default()
    };
    Client::new("app".to_owned(), &owner, settings, Timestamp(0))
}

#[test]
fn which_resources_a_request_may_name() {
    let any = client(None);
    let ask = |sent: &[&str], client: &Client| {
        requested(sent, &known(), client).map_err(|refusal| refusal.rule.id)
    };
    assert_eq!(ask(&[], &any), Ok(vec![]));
    let both = vec![B.to_owned(), A.to_owned()];
    assert_eq!(ask(&[B, A, B], &any), Ok(both.clone()));
    for (uri, rule) in [
        ("", "resource-malformed"),
        ("/mcp", "resource-malformed"),
        ("a.example", "resource-malformed"),
        ("https://", "resource-malformed"),
        ("https:///x", "resource-malformed"),
        ("https://a.example/#", "resource-malformed"),
        ("https://a.example/ b", "resource-malformed"),
        ("https://a.example/\u{e9}", "resource-malformed"),
        ("https://a.example:443", "resource-unknown"),
        ("https://b.example/mcp/", "resource-unknown"),
        ("HTTPS://a.example/", "resource-unknown"),
        ("urn:example:api", "resource-unknown"),
    ] {
        assert_eq!(ask(&[A, uri], &any), Err(rule), "{uri}");
    }
    let one = client(Some(&[A]));
    assert_eq!(ask(&[A, OURS], &one).map(|all| all.len()), Ok(2));
    assert_eq!(ask(&[A, B], &one), Err("resource-not-allowed"));
}

#[test]
fn a_token_is_for_all_that_was_granted_or_less() {
    let granted = [A.to_owned(), B.to_owned()];
    let ask = |sent: &[&str]| narrowed(sent, &granted).map_err(|refusal| refusal.rule.id);
    assert_eq!(ask(&[]), Ok(granted.to_vec()));
    assert_eq!(ask(&[B, B]), Ok(vec![B.to_owned()]));
    assert_eq!(ask(&[A, OURS]), Err("resource-not-granted"));
    assert_eq!(ask(&["#"]), Err("resource-malformed"));
}

#[test]
fn a_scope_is_the_applications_or_comes_with_the_resource_server_that_has_it() {
    let client = client(None);
    let ask = |scope: &str, sent: &[&str]| {
        requested_access(
            Some(&set(scope)),
            sent,
            &known(),
            &client,
            GrantSubject::User,
        )
        .map(|asked| asked.scopes.to_string())
        .map_err(|refusal| refusal.rule.id)
    };
    assert_eq!(ask("read a:read", &[]), Ok("read a:read".to_owned()));
    assert_eq!(ask("b:read both", &[A, B]), Ok("b:read both".to_owned()));
    for (scope, sent, rule) in [
        ("b:read", &[][..], "scope-not-allowed"),
        ("b:read", &[A][..], "scope-not-allowed"),
        // Known from the start: no resource server can give it.
        ("write", &[A, B], "scope-not-allowed"),
        ("c:read", &[A, B], "scope-unknown"),
        // The scope is looked at first.
        ("c:read", &["x"], "scope-unknown"),
        ("read", &["x"], "resource-malformed"),
    ] {
        assert_eq!(ask(scope, sent), Err(rule), "{scope} {sent:?}");
    }
}

#[test]
fn the_default_leaves_out_what_belongs_to_resource_servers_that_are_not_named() {
    let client = client(None);
    for (sent, scopes) in [
        (&[][..], "read a:read"),
        (&[A][..], "read a:read"),
        (&[B][..], "read"),
        (&[OURS][..], "read"),
    ] {
        let asked = requested_access(None, sent, &known(), &client, GrantSubject::User)
            .map(|asked| asked.scopes);
        assert_eq!(
            asked.map(|s| s.to_string()).ok().as_deref(),
            Some(scopes),
            "{sent:?}"
        );
    }
}

#[test]
fn a_token_holds_no_scope_that_belongs_only_to_others() {
    let scopes = set("openid a:read b:read both gone");
    let left = |audience: &[&str]| {
        let audience: Vec<_> = audience.iter().map(|&uri| uri.to_owned()).collect();
        scopes_for(scopes.clone(), &audience, &known()).to_string()
    };
    assert_eq!(left(&[]), scopes.to_string());
    assert_eq!(left(&[A]), "openid a:read both gone");
    assert_eq!(left(&[B]), "openid b:read both gone");
    assert_eq!(left(&[A, B]), scopes.to_string());
    assert_eq!(left(&[OURS]), "openid gone");
}

#[test]
fn what_a_resource_server_says_of_form_and_lifetime_wins() {
    let mut known = known();
    known[1].access_token_format = Some(TokenFormat::Jwt);
    known[1].access_token_lifetime = Some(60);
    known[2].access_token_format = Some(TokenFormat::Opaque);
    known[2].access_token_lifetime = Some(7200);
    let mut client = client(None);
    for (format, expected) in [
        (
            TokenFormat::Opaque,
            ["opaque", "opaque", "jwt", "opaque", "jwt"],
        ),
        (TokenFormat::Jwt, ["jwt", "jwt", "jwt", "opaque", "jwt"]),
    ] {
        client.settings.access_token_format = format;
        let audiences: [&[&str]; 5] = [&[], &[OURS], &[A], &[B], &[A, B]];
        for ((audience, form_name), life) in audiences
            .iter()
            .zip(expected)
            .zip([3600, 3600, 60, 7200, 60])
        {
            let uris: Vec<_> = audience.iter().map(|&uri| uri.to_owned()).collect();
            let (format, lifetime) = form(&uris, &known, &client);
            assert_eq!((format.name(), lifetime), (form_name, life), "{audience:?}");
        }
    }
}

#[test]
fn the_clients_that_it_names_speak_for_a_resource_server() {
    let mut server = server(A, "");
    let client = client(None);
    assert!(!server.is_spoken_for_by(&client));
    server.introspect_by = vec!["app".to_owned()];
    assert!(server.is_spoken_for_by(&client));
}

proptest! {
    #[test]
    fn no_resource_panics_and_what_is_taken_can_be_stored(text in ".{0,60}") {
        if is_indicator(&text) {
            prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()) && !text.contains('#'));
        }
    }
}

/// RFC 3986 §6.2.3: an empty path and a slash are the same.
#[test]
fn the_slash_of_an_empty_path_makes_no_difference() {
    for (one, other) in [
        ("https://a.example", "https://a.example/"),
        ("https://a.example?x", "https://a.example/?x"),
        ("urn:a", "urn:a"),
    ] {
        assert!(same(one, other) && same(other, one), "{one} {other}");
    }
    for (one, other) in [
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example//", "https://a.example/"),
        ("https://a.example", "https://a.example:443"),
        ("https://a.example/", "https://b.example/"),
        ("urn:a", "urn:a/"),
    ] {
        assert!(!same(one, other) && !same(other, one), "{one} {other}");
    }
    let slash = "https://a.example";
    let asked = requested(&[slash, A], &known(), &client(Some(&[slash])));
    assert_eq!(asked.unwrap(), [A]);
    let narrow = narrowed(&["https://a.example"], &[A.to_owned(), B.to_owned()]);
    assert_eq!(narrow.unwrap(), [A]);
    let kept = still_allowed(vec![A.to_owned()], true, &known(), &client(Some(&[slash])));
    assert_eq!(kept.unwrap(), [A]);
}
