use super::super::{AuthMethod, ClientType, GrantType, SigningAlg, TokenFormat};
use super::*;
use crate::domain::scope::Scopes;

fn settings() -> Settings {
    Settings {
        name: "Intranet".to_owned(),
        grant_types: vec![GrantType::AuthorizationCode],
        redirect_uris: vec!["https://intranet.example/cb".to_owned()],
        scopes: ["openid"].into_iter().collect(),
        optional_scopes: Scopes::default(),
        refresh_token_lifetime: 86_400,
        ..Settings::default()
    }
}

fn client(settings: Settings) -> Editable {
    Editable {
        settings,
        enabled: true,
        owner_id: Uuid::nil(),
    }
}

type Edit = fn(&mut Editable);

/// Two values for each thing that can be changed. The destructuring does not compile when a field
/// is missing in it: give a new one its rows.
fn edits() -> Vec<(&'static str, Edit)> {
    let Editable {
        settings:
            Settings {
                name: _,
                client_type: _,
                grant_types: _,
                redirect_uris: _,
                post_logout_redirect_uris: _,
                allowed_origins: _,
                scopes: _,
                optional_scopes: _,
                require_pkce: _,
                skip_consent: _,
                access_token_format: _,
                access_token_lifetime: _,
                refresh_token_lifetime: _,
                refresh_reuse_window: _,
                id_token_alg: _,
                token_endpoint_auth_method: _,
                jwks: _,
                jwks_uri: _,
                backchannel_logout_uri: _,
                backchannel_logout_session_required: _,
                require_pushed_authorization_requests: _,
                resources: _,
            },
        enabled: _,
        owner_id: _,
    } = client(settings());
    vec![
        ("name", |c| c.settings.name = "Weather".to_owned()),
        ("name", |c| c.settings.name = "Intranet".to_owned()),
        ("client_type", |c| {
            c.settings.client_type = ClientType::Public;
        }),
        ("client_type", |c| {
            c.settings.client_type = ClientType::Confidential;
        }),
        ("grant_types", |c| {
            c.settings.grant_types = GrantType::ALL.to_vec();
        }),
        ("grant_types", |c| {
            c.settings.grant_types = vec![GrantType::AuthorizationCode];
        }),
        ("redirect_uris", |c| {
            c.settings.redirect_uris = vec!["https://evil.example/cb".to_owned()];
        }),
        ("redirect_uris", |c| {
            c.settings.redirect_uris = vec!["https://intranet.example/cb".to_owned()];
        }),
        ("post_logout_redirect_uris", |c| {
            c.settings.post_logout_redirect_uris = vec!["https://a.example/".to_owned()];
        }),
        ("post_logout_redirect_uris", |c| {
            c.settings.post_logout_redirect_uris = Vec::new();
        }),
        ("allowed_origins", |c| {
            c.settings.allowed_origins = vec!["https://a.example".to_owned()];
        }),
        ("allowed_origins", |c| {
            c.settings.allowed_origins = Vec::new()
        }),
        ("scopes", |c| {
            c.settings.scopes = ["openid", "email"].into_iter().collect();
        }),
        ("scopes", |c| {
            c.settings.scopes = ["openid"].into_iter().collect();
        }),
        ("optional_scopes", |c| {
            c.settings.optional_scopes = ["email"].into_iter().collect();
        }),
        ("optional_scopes", |c| {
            c.settings.optional_scopes = Scopes::default();
        }),
        ("require_pkce", |c| c.settings.require_pkce = false),
        ("require_pkce", |c| c.settings.require_pkce = true),
        ("skip_consent", |c| c.settings.skip_consent = true),
        ("skip_consent", |c| c.settings.skip_consent = false),
        ("access_token_format", |c| {
            c.settings.access_token_format = TokenFormat::Jwt;
        }),
        ("access_token_format", |c| {
            c.settings.access_token_format = TokenFormat::Opaque;
        }),
        ("access_token_lifetime", |c| {
            c.settings.access_token_lifetime = 60
        }),
        ("access_token_lifetime", |c| {
            c.settings.access_token_lifetime = 3600;
        }),
        ("refresh_token_lifetime", |c| {
            c.settings.refresh_token_lifetime = 300;
        }),
        ("refresh_token_lifetime", |c| {
            c.settings.refresh_token_lifetime = 86_400;
        }),
        ("refresh_reuse_window", |c| {
            c.settings.refresh_reuse_window = 0
        }),
        ("refresh_reuse_window", |c| {
            c.settings.refresh_reuse_window = 30
        }),
        ("id_token_alg", |c| {
            c.settings.id_token_alg = SigningAlg::EdDsa;
        }),
        ("id_token_alg", |c| {
            c.settings.id_token_alg = SigningAlg::Rs256;
        }),
        ("token_endpoint_auth_method", |c| {
            c.settings.token_endpoint_auth_method = Some(AuthMethod::PrivateKeyJwt);
        }),
        ("token_endpoint_auth_method", |c| {
            c.settings.token_endpoint_auth_method = None;
        }),
        ("jwks", |c| {
            c.settings.jwks = Some("{\"keys\":[]}".to_owned())
        }),
        ("jwks", |c| c.settings.jwks = None),
        ("jwks_uri", |c| {
            c.settings.jwks_uri = Some("https://a.example/jwks".to_owned());
        }),
        ("jwks_uri", |c| c.settings.jwks_uri = None),
        ("backchannel_logout_uri", |c| {
            c.settings.backchannel_logout_uri = Some("https://a.example/out".to_owned());
        }),
        ("backchannel_logout_uri", |c| {
            c.settings.backchannel_logout_uri = None;
        }),
        ("backchannel_logout_session_required", |c| {
            c.settings.backchannel_logout_session_required = true;
        }),
        ("backchannel_logout_session_required", |c| {
            c.settings.backchannel_logout_session_required = false;
        }),
        ("require_pushed_authorization_requests", |c| {
            c.settings.require_pushed_authorization_requests = true;
        }),
        ("require_pushed_authorization_requests", |c| {
            c.settings.require_pushed_authorization_requests = false;
        }),
        ("resources", |c| c.settings.resources = Some(Vec::new())),
        ("resources", |c| c.settings.resources = None),
        ("disabled", |c| c.enabled = false),
        ("disabled", |c| c.enabled = true),
        ("owner", |c| c.owner_id = Uuid::max()),
        ("owner", |c| c.owner_id = Uuid::nil()),
    ]
}

/// What an administrator trusts a client with, or takes from it, and what makes the client the
/// one that it was trusted as.
fn holds_more(before: &Editable, after: &Editable) -> bool {
    let same_client = after.settings.name == before.settings.name
        && after.settings.redirect_uris == before.settings.redirect_uris
        && after.settings.scopes == before.settings.scopes
        && after.settings.jwks == before.settings.jwks
        && after.settings.jwks_uri == before.settings.jwks_uri;
    let trusted = after.settings.skip_consent && !(before.settings.skip_consent && same_client);
    trusted
        || after.settings.resources != before.settings.resources
        || (after.enabled && !before.enabled)
        || after.owner_id != before.owner_id
}

#[test]
fn an_owner_never_has_more_than_the_administrator_left() {
    let edits = edits();
    for skips in [false, true] {
        for (first, by_admin) in &edits {
            let mut before = client(settings());
            before.settings.skip_consent = skips;
            by_admin(&mut before);
            for (second, by_owner) in &edits {
                for (third, also) in &edits {
                    let mut asked = before.clone();
                    by_owner(&mut asked);
                    also(&mut asked);
                    for actor in [Actor::Owner, Actor::Itself] {
                        let Ok(after) = permitted(actor, &before, asked.clone()) else {
                            continue;
                        };
                        assert!(
                            !holds_more(&before, &after),
                            "{first}, then {second} and {third} by {actor:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_change_is_known_by_the_name_of_its_field() {
    for (field, edit) in edits() {
        let (before, mut after) = (client(settings()), client(settings()));
        edit(&mut after);
        if before == after || matches!(field, "disabled" | "owner") {
            continue;
        }
        let found = before.settings.changes(&after.settings);
        let names: Vec<_> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [field]);
    }
}

#[test]
fn what_an_administrator_decides_is_refused_by_its_field() {
    let mut before = client(settings());
    before.enabled = false;
    before.settings.resources = Some(Vec::new());
    let mut asked = client(settings());
    asked.settings.skip_consent = true;
    asked.owner_id = Uuid::max();
    assert_eq!(
        permitted(Actor::Owner, &before, asked.clone()),
        Err(Forbidden(vec![
            "skip_consent",
            "resources",
            "disabled",
            "owner"
        ]))
    );
    assert_eq!(
        permitted(Actor::Administrator, &before, asked.clone()),
        Ok(asked)
    );
}

#[test]
fn who_becomes_another_client_is_asked_about_again() {
    for (field, edit) in edits() {
        let mut before = client(settings());
        before.settings.skip_consent = true;
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            continue;
        }
        let kept = permitted(Actor::Owner, &before, after)
            .ok()
            .map(|after| after.settings.skip_consent);
        let expected = match field {
            "resources" | "owner" => None,
            "name"
            | "client_type"
            | "grant_types"
            | "redirect_uris"
            | "scopes"
            | "jwks"
            | "jwks_uri"
            | "token_endpoint_auth_method"
            | "skip_consent" => Some(false),
            _ => Some(true),
        };
        assert_eq!(kept, expected, "{field}");
    }
}

#[test]
fn a_new_client_has_what_its_maker_may_decide() {
    let mut asked = settings();
    asked.skip_consent = true;
    asked.resources = Some(vec!["https://api.example".to_owned()]);
    assert_eq!(
        permitted_at_first(Actor::Owner, asked.clone()),
        Err(Forbidden(vec!["skip_consent", "resources"]))
    );
    assert_eq!(
        permitted_at_first(Actor::Administrator, asked.clone()),
        Ok(asked)
    );
    assert_eq!(permitted_at_first(Actor::Owner, settings()), Ok(settings()));
}
