use super::super::SigningAlg;
use super::*;

fn build(
    name: Option<&str>,
    settings: &ApplicationSettings,
    existing: Option<&Settings>,
    known: Known<'_>,
) -> Result<Settings, FieldErrors> {
    let (built, errors) = read_form(name, settings, existing, known);
    errors.or(built)
}

fn strings(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|&value| value.to_owned()).collect())
}

fn good() -> ApplicationSettings {
    ApplicationSettings {
        redirect_uris: strings(&["https://app.example/cb"]),
        ..ApplicationSettings::default()
    }
}

/// The fields that are named when `change` is made to settings that pass.
fn fields(change: impl FnOnce(&mut ApplicationSettings)) -> Vec<String> {
    let mut settings = good();
    change(&mut settings);
    build(Some("Acme"), &settings, None, Known::default())
        .map(|_| Vec::new())
        .unwrap_or_else(|errors| errors.0.into_keys().collect())
}

fn message(rule: &Rule, detail: &str) -> Vec<String> {
    vec![format!("{} {detail}", rule.said)]
}

#[test]
fn a_name_can_be_seen() {
    for (name, good) in [
        ("Acme \u{1f468}\u{200d}\u{1f4bb}", true),
        ("\u{645}\u{6cc}\u{200c}\u{62e}", true),
        ("Ac\u{200b}me", false),
        ("Acme\u{feff}", false),
        ("\u{2060}", false),
        ("A\u{200f}cme", false),
        ("A\u{ad}cme", false),
        ("\u{200d}", false),
        ("\u{3164}\u{3164}", false),
        ("\u{2800}", false),
        ("A\u{0}", false),
    ] {
        assert_eq!(
            build(Some(name), &self::good(), None, Known::default()).is_ok(),
            good,
            "{name:?}"
        );
    }
}

#[test]
fn what_is_left_out_gets_its_default() {
    let built = build(Some(" Acme "), &good(), None, Known::default()).unwrap();
    assert_eq!(built.name, "Acme");
    assert_eq!(built.client_type, ClientType::Confidential);
    assert_eq!(
        built.grant_types,
        [GrantType::AuthorizationCode, GrantType::RefreshToken]
    );
    assert_eq!(
        built.scopes.to_string(),
        "openid profile email groups offline_access read write"
    );
    assert!(built.require_pkce && !built.skip_consent);
    assert_eq!(built.access_token_lifetime, 3600);
    assert_eq!(built.refresh_token_lifetime, 2_592_000);
    assert_eq!(built.refresh_reuse_window, 30);
    assert_eq!(built.id_token_alg, SigningAlg::Rs256);
}

#[test]
fn all_errors_are_named_at_once() {
    let settings = ApplicationSettings {
        client_type: Some("public".into()),
        grant_types: strings(&["authorization_code", "client_credentials"]),
        redirect_uris: strings(&["", "https://app.example/cb", "http://app.example/#"]),
        post_logout_redirect_uris: strings(&["/out"]),
        allowed_origins: strings(&["https://app.example", "https://app.example/"]),
        scopes: strings(&["openid", "admin"]),
        require_pkce: Some(false),
        access_token_format: Some("xml".into()),
        access_token_lifetime: Some(59),
        refresh_token_lifetime: Some(0),
        refresh_reuse_window: Some(61),
        id_token_alg: Some("none".into()),
        ..ApplicationSettings::default()
    };
    let errors = build(Some(""), &settings, None, Known::default()).unwrap_err();
    let fields: Vec<&str> = errors.0.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "access_token_format",
            "access_token_lifetime",
            "allowed_origins.1",
            "grant_types",
            "id_token_alg",
            "name",
            "post_logout_redirect_uris.0",
            "redirect_uris.2",
            "refresh_reuse_window",
            "refresh_token_lifetime",
            "require_pkce",
            "scopes",
        ]
    );
    assert_eq!(
        errors.0["redirect_uris.2"],
        [rules::REDIRECT_URI_FRAGMENT.said]
    );
    assert_eq!(errors.0["require_pkce"], [rules::PKCE_REQUIRED.said]);
    assert_eq!(
        errors.0["access_token_lifetime"],
        message(
            &rules::LIFETIME_OUT_OF_RANGE,
            "Between 60 and 86400 seconds."
        )
    );
}

#[test]
fn each_field_and_what_it_takes() {
    assert!(fields(|_| {}).is_empty());
    assert!(fields(|s| s.client_type = Some("public".into())).is_empty());
    assert!(fields(|s| s.require_pkce = Some(false)).is_empty());
    assert!(fields(|s| s.id_token_alg = Some("EdDSA".into())).is_empty());
    assert!(fields(|s| s.access_token_format = Some("opaque".into())).is_empty());
    assert_eq!(
        fields(|s| s.client_type = Some("Public".into())),
        ["client_type"]
    );
    assert_eq!(fields(|s| s.grant_types = strings(&[])), ["grant_types"]);
    assert_eq!(
        fields(|s| s.grant_types = strings(&["implicit"])),
        ["grant_types"]
    );
    assert_eq!(fields(|s| s.redirect_uris = None), ["redirect_uris"]);
    assert_eq!(
        fields(|s| s.redirect_uris = strings(&["", " "])),
        ["redirect_uris"]
    );
    assert_eq!(
        fields(|s| s.redirect_uris = strings(&["https://app.example/\0"])),
        ["redirect_uris.0"]
    );
    let many: Vec<String> = (0..51)
        .map(|n| format!("https://app.example/{n}"))
        .collect();
    assert_eq!(fields(|s| s.redirect_uris = Some(many)), ["redirect_uris"]);
}

#[test]
fn a_service_needs_no_redirect_uri() {
    let service = ApplicationSettings {
        grant_types: strings(&["client_credentials"]),
        ..ApplicationSettings::default()
    };
    assert!(build(Some("Job"), &service, None, Known::default()).is_ok());
}

#[test]
fn a_device_has_no_address_to_come_back_to() {
    let device = ApplicationSettings {
        client_type: Some("public".into()),
        grant_types: strings(&[
            "urn:ietf:params:oauth:grant-type:device_code",
            "refresh_token",
        ]),
        ..ApplicationSettings::default()
    };
    assert!(build(Some("Television"), &device, None, Known::default()).is_ok());
}

#[test]
fn a_repeated_address_counts_once() {
    let settings = ApplicationSettings {
        redirect_uris: strings(&["https://a.example/cb", "https://a.example/cb", ""]),
        ..ApplicationSettings::default()
    };
    let built = build(Some("Acme"), &settings, None, Known::default()).unwrap();
    assert_eq!(built.redirect_uris, ["https://a.example/cb"]);
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let before = build(Some("Acme"), &good(), None, Known::default()).unwrap();
    let same = build(
        None,
        &ApplicationSettings::default(),
        Some(&before),
        Known::default(),
    )
    .unwrap();
    assert_eq!(same, before);
    let change = ApplicationSettings {
        access_token_lifetime: Some(60),
        client_type: Some("confidential".into()),
        ..ApplicationSettings::default()
    };
    let after = build(None, &change, Some(&before), Known::default()).unwrap();
    assert_eq!(
        after,
        Settings {
            access_token_lifetime: 60,
            ..before.clone()
        }
    );
    for change in [
        ApplicationSettings {
            client_type: Some("public".into()),
            ..good()
        },
        ApplicationSettings {
            redirect_uris: strings(&[]),
            ..good()
        },
    ] {
        assert!(build(None, &change, Some(&before), Known::default()).is_err());
    }
}

#[test]
fn names_that_people_can_read() {
    let check = |name: &str| build(Some(name), &good(), None, Known::default()).is_ok();
    for name in ["Acme", "Ünïcode 🎉", "a", &"é".repeat(100)] {
        assert!(check(name), "{name}");
    }
    for name in [
        "",
        "  ",
        "a\0b",
        "a\nb",
        "Acme\u{202e}moc",
        &"a".repeat(101),
    ] {
        assert!(!check(name), "{name:?}");
    }
}

#[test]
fn client_ids_that_can_be_chosen() {
    for id in ["a", "my-app", "com.example_1", &"x".repeat(100)] {
        assert!(check_client_id(id).is_ok(), "{id}");
    }
    for id in [
        "",
        "a b",
        "a/b",
        "a\0",
        "..",
        "-a",
        "é",
        "new",
        &"x".repeat(101),
    ] {
        assert!(check_client_id(id).is_err(), "{id}");
    }
}

#[test]
fn scopes_of_resource_servers_can_be_held() {
    let known = [ResourceServer {
        uri: "https://api.example".to_owned(),
        name: "API".to_owned(),
        scopes: ["api:read"].into_iter().collect(),
        access_token_format: None,
        access_token_lifetime: None,
        introspect_by: Vec::new(),
        created_at: crate::domain::time::Timestamp(0),
        open: false,
        built_in: false,
    }];
    let with_servers = Known {
        servers: &known,
        ..Known::default()
    };
    let mut settings = good();
    settings.scopes = strings(&["openid", "api:read"]);
    assert!(build(Some("Acme"), &settings, None, with_servers).is_ok());
    let errors = build(Some("Acme"), &settings, None, Known::default()).unwrap_err();
    assert_eq!(errors.0.keys().collect::<Vec<_>>(), ["scopes"]);
}

#[test]
fn resources_are_uris_and_a_star_is_any() {
    let resources = |uris: &[&str]| {
        let mut settings = good();
        settings.resources = strings(uris);
        let built = build(Some("Acme"), &settings, None, Known::default());
        built
            .map(|built| built.resources)
            .map_err(|errors| errors.0.into_keys().collect())
    };
    let bad = |fields: &[&str]| Err(fields.iter().map(|&field| field.to_owned()).collect());
    assert_eq!(resources(&[]), Ok(Some(vec![])) as Result<_, Vec<String>>);
    assert_eq!(
        resources(&["urn:a:b", "", "urn:a:b"]),
        Ok(strings(&["urn:a:b"]))
    );
    assert_eq!(resources(&["*", "x"]), Ok(None));
    assert_eq!(
        resources(&["urn:a:b", "x", "urn:a#b"]),
        bad(&["resources.1", "resources.2"])
    );
}

#[test]
fn a_client_id_that_could_be_the_sub_of_a_user_is_refused() {
    for id in [
        "019284a1-7d3c-7f00-8000-000000000001",
        "019284a17d3c7f008000000000000001",
    ] {
        assert!(check_client_id(id).is_err(), "{id}");
    }
}

/// RFC 3986 §6.2.2.1: browsers send hosts in lower case, so that is how they are kept.
#[test]
fn hosts_in_capitals_are_kept_in_lower_case() {
    let mut settings = good();
    settings.redirect_uris = strings(&["HTTPS://App.Example/Cb", "https://app.example/Cb"]);
    settings.post_logout_redirect_uris = strings(&["https://APP.example/Bye"]);
    let built = build(Some("Acme"), &settings, None, Known::default()).unwrap();
    assert_eq!(built.redirect_uris, ["https://app.example/Cb"]);
    assert_eq!(built.post_logout_redirect_uris, ["https://app.example/Bye"]);
}

#[test]
fn plain_http_on_other_hosts_is_taken_where_the_settings_say_so() {
    let mut settings = good();
    settings.redirect_uris = strings(&["http://192.168.1.20/cb"]);
    settings.allowed_origins = strings(&["http://192.168.1.20"]);
    let errors = build(Some("Acme"), &settings, None, Known::default()).unwrap_err();
    let fields: Vec<_> = errors.0.keys().map(String::as_str).collect();
    assert_eq!(fields, ["allowed_origins.0", "redirect_uris.0"]);
    let known = Known {
        plain_http: PlainHttp::AnyHost,
        ..Known::default()
    };
    assert!(build(Some("Acme"), &settings, None, known).is_ok());
}
