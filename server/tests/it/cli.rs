//! The program itself: commands, what they print, and their exit status.

use serde_json::Value;

use crate::harness::installation::{Installation, PASSWORD, is_one_line, stderr};

#[test]
fn wrong_arguments_exit_with_2() {
    let place = Installation::new();
    for line in [
        "",
        "nothing",
        "app add",
        "user add ada",
        "serve --nothing",
        "keys rotate --alg HS256",
    ] {
        place.fails(2, line);
    }
    assert_eq!(place.run("--help").status.code(), Some(0));
    assert_eq!(place.run("--version").status.code(), Some(0));
}

#[test]
fn a_setting_that_does_not_parse_is_one_line_with_key_value_and_place() {
    let place = Installation::new();
    std::fs::write(place.path().join("claviger.toml"), "listen = \"nowhere\"\n").unwrap();
    let said = place.fails(1, "migrate");
    is_one_line(&said);
    for word in ["listen", "nowhere", "claviger.toml", "line 1"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    std::fs::write(place.path().join("claviger.toml"), "\nlisten_on = \"x\"\n").unwrap();
    let said = place.fails(1, "migrate");
    is_one_line(&said);
    assert!(
        said.contains("listen_on") && said.contains("line 2"),
        "{said}"
    );
    std::fs::remove_file(place.path().join("claviger.toml")).unwrap();
    let output = place
        .command("migrate")
        .env("CLAVIGER_PUBLIC_URL", "http://id.example.com")
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    is_one_line(&stderr(&output));
    assert!(stderr(&output).contains("CLAVIGER_PUBLIC_URL"));
}

#[test]
fn an_address_is_verified_when_the_command_says_so() {
    let place = Installation::with_ada();
    let line = "user add bob --email bob@example.com --email-verified --password-stdin --json";
    assert_eq!(place.run_with(line, PASSWORD).status.code(), Some(0));
    let people = place.json("user list");
    let people = people.as_array().unwrap();
    for (name, verified) in [("ada", false), ("bob", true)] {
        let person = people.iter().find(|p| p["username"] == name).unwrap();
        assert_eq!(person["email_verified"], verified, "{name}");
    }
}

#[test]
fn line_ends_behind_a_password_are_no_part_of_it() {
    let place = Installation::with_ada();
    let longest = "abcdefgh ".repeat(113);
    for (input, expected) in [
        (format!("{PASSWORD}\n\n"), 0),
        (format!("{PASSWORD}\r\n\r\n\n"), 0),
        ("\r\n\n".to_owned(), 1),
        (format!("{longest}{longest}\n"), 1),
    ] {
        let output = place.run_with("user passwd ada --password-stdin", &input);
        assert_eq!(output.status.code(), Some(expected), "{input:?}");
    }
}

#[test]
fn a_resource_is_registered_once_with_and_without_the_slash_of_an_empty_path() {
    let place = Installation::with_ada();
    place.json("resource add https://api.example");
    let output = place.run_with("resource add https://api.example/", "");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("https://api.example"));
    place.json("resource add https://api.example/v1");
}

#[test]
fn plain_http_on_another_host_is_registered_where_it_was_allowed() {
    let place = Installation::with_ada();
    let add = "app add Lamp --owner ada --public --grant authorization_code \
               --redirect-uri http://192.168.1.20/cb";
    assert_eq!(place.run_with(add, "").status.code(), Some(1));
    let made = place.json(&format!("{add} --insecure-http"));
    assert_eq!(made["redirect_uris"][0], "http://192.168.1.20/cb");
}

#[test]
fn people_are_added_and_get_new_passwords() {
    let place = Installation::with_ada();
    let line = "user add bob --email bob@example.com --password-stdin --json";
    let output = place.run_with(line, PASSWORD);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&json["username"], &json["role"]),
        (&"bob".into(), &"user".into())
    );
    for (line, input) in [
        (line, PASSWORD),
        (
            "user add eve --email eve@example.com --password-stdin",
            "password\n",
        ),
        ("user add eve --email eve@example.com --password-stdin", ""),
        ("user add eve --email nonsense --password-stdin", PASSWORD),
        (
            "user add a@b --email eve@example.com --password-stdin",
            PASSWORD,
        ),
        ("user passwd nobody --password-stdin", PASSWORD),
    ] {
        let output = place.run_with(line, input);
        assert_eq!(output.status.code(), Some(1), "{line}");
        is_one_line(&stderr(&output));
    }
    let output = place.run_with(
        "user passwd bob --password-stdin",
        "another long password\n",
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(
        !String::from_utf8(output.stdout)
            .unwrap()
            .contains("another")
    );
}

#[test]
fn applications_are_added_and_listed_and_their_secrets_replaced() {
    let place = Installation::with_ada();
    let add = "app add Calendar --owner ada --grant authorization_code --grant refresh_token \
               --redirect-uri https://a.example/cb --scope openid --scope read --client-id calendar";
    let made = place.json(add);
    assert_eq!(made["client_id"], "calendar");
    assert!(
        made["client_secret"]
            .as_str()
            .unwrap()
            .starts_with("clv_cs_")
    );
    let line = "app add Spa --owner ada --public --grant authorization_code --redirect-uri https://b.example/cb";
    let public = place.json(line);
    assert!(public.get("client_secret").is_none_or(Value::is_null));
    let list = place.json("app list");
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0]["scopes"], serde_json::json!(["openid", "read"]));
    assert!(!list.to_string().contains("clv_cs_"));
    let rotated = place.json("app secret rotate calendar --overlap 1h");
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    assert_eq!(
        place.json("app list")[0]["secrets"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    place.json("app secret rotate calendar");
    assert_eq!(
        place.json("app list")[0]["secrets"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let spa = public["client_id"].as_str().unwrap();
    for line in [
        add,
        "app add X --owner nobody --grant client_credentials",
        "app add X --owner ada --grant authorization_code",
        "app add X --owner ada --public --grant client_credentials",
        "app add X --owner ada --grant authorization_code --redirect-uri http://a.example/cb",
        "app add X --owner ada --grant client_credentials --scope everything",
        "app secret rotate nothing",
        &format!("app secret rotate {spa}"),
    ] {
        is_one_line(&place.fails(1, line));
    }
}

#[test]
fn an_application_with_keys_of_its_own_gets_no_secret() {
    let place = Installation::with_ada();
    let set = |d: &str| {
        let x = "gYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYE";
        let text = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"{d}}}]}}"#);
        std::fs::write(place.path().join("jwks.json"), text).unwrap();
    };
    set("");
    let add = "app add Robot --owner ada --grant client_credentials --jwks jwks.json";
    let made = place.json(&format!(
        "{add} --access-token jwt --id-token-alg PS256 \
         --backchannel-logout-uri https://a.example/out"
    ));
    assert!(made.get("client_secret").is_none_or(Value::is_null));
    assert_eq!(made["secrets"], serde_json::json!([]));
    assert_eq!(made["token_endpoint_auth_method"], "private_key_jwt");
    assert_eq!(made["jwks"]["keys"][0]["crv"], "Ed25519");
    assert_eq!(made["access_token_format"], "jwt");
    assert_eq!(made["id_token_alg"], "PS256");
    assert_eq!(made["backchannel_logout_uri"], "https://a.example/out");
    let method = "--token-endpoint-auth-method client_secret_post";
    let made = place.json(&format!("{add} {method}"));
    assert_eq!(made["token_endpoint_auth_method"], "client_secret_post");
    assert!(made["client_secret"].is_string());
    let device = "app add TV --owner ada --public \
                  --grant urn:ietf:params:oauth:grant-type:device_code";
    assert_eq!(place.json(device)["client_type"], "public");
    set(r#","d":"AAAA""#);
    for line in [
        add,
        "app add Robot --owner ada --grant client_credentials --jwks nothing.json",
        "app add Robot --owner ada --grant client_credentials \
         --token-endpoint-auth-method private_key_jwt",
    ] {
        is_one_line(&place.fails(1, line));
    }
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let said = place.fails(2, &format!("app add X --owner ada --grant {exchange}"));
    assert!(said.contains("does not exchange tokens"), "{said}");
}

#[test]
fn people_and_applications_are_disabled_and_enabled() {
    let place = Installation::with_ada();
    place.json("app add Robot --owner ada --grant client_credentials --client-id robot");
    for disabled in [true, false] {
        let verb = if disabled { "disable" } else { "enable" };
        for _ in 0..2 {
            let user = place.json(&format!("user {verb} ada"));
            assert_eq!(
                (&user["username"], &user["disabled"]),
                (&"ada".into(), &disabled.into())
            );
            let app = place.json(&format!("app {verb} robot"));
            assert_eq!(
                (&app["client_id"], &app["disabled"]),
                (&"robot".into(), &disabled.into())
            );
        }
        let users = place.json("user list");
        assert_eq!(users.as_array().unwrap().len(), 1);
        assert_eq!(users[0]["disabled"], disabled);
        assert_eq!(place.json("app list")[0]["disabled"], disabled);
    }
    for line in [
        "user disable nobody",
        "user disable @registration",
        "user enable @registration",
        "user passwd @registration --password-stdin",
        "app disable nothing",
    ] {
        is_one_line(&place.fails(1, line));
    }
}

#[test]
fn keys_are_rotated_and_listed() {
    let place = Installation::with_ada();
    assert_eq!(place.json("keys list"), serde_json::json!([]));
    let made = place.json("keys rotate");
    assert_eq!(made.as_array().unwrap().len(), 4);
    assert!(
        made.as_array()
            .unwrap()
            .iter()
            .all(|key| key["state"] == "active")
    );
    place.json("keys rotate --alg EdDSA");
    let keys = place.json("keys list");
    let of = |state: &str| {
        keys.as_array()
            .unwrap()
            .iter()
            .filter(|key| key["state"] == state)
            .count()
    };
    assert_eq!((of("active"), of("next")), (4, 1));
    assert!(!keys.to_string().contains("private"));
}

#[test]
fn an_empty_database_has_nothing_to_sweep() {
    let place = Installation::new();
    assert_eq!(place.json("sweep"), serde_json::json!({ "deleted": 0 }));
    assert_eq!(place.run("migrate").status.code(), Some(0));
    assert_eq!(place.run("migrate").status.code(), Some(0));
}

#[test]
fn a_database_that_can_not_be_had_is_one_line_without_its_password() {
    let place = Installation::new();
    let said = place.fails(
        1,
        "migrate --database-url postgres://ada:hunter2@127.0.0.1:1/x",
    );
    is_one_line(&said);
    assert!(!said.contains("hunter2"), "{said}");
}

/// RFC 7591 §1.2: an initial access token is shown once and kept as a hash.
#[test]
fn initial_access_tokens_are_made_shown_once_and_taken_back() {
    let place = Installation::new();
    let made = place.json("registration-token add --uses 2 --expires 1h");
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("clv_ia_"));
    assert_eq!(
        (&made["registration_token"], &made["uses_left"]),
        (&made["token"], &2.into())
    );
    let any = place.json("registration-token add");
    assert!(any["uses_left"].is_null() && any["expires_at"].is_null());
    let list = place.json("registration-token list");
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains("clv_ia_"));
    let id = made["id"].as_str().unwrap();
    place.json(&format!("registration-token revoke {id}"));
    is_one_line(&place.fails(1, &format!("registration-token revoke {id}")));
    for line in [
        "registration-token",
        "registration-token add --uses 0",
        "registration-token add --expires never",
        "registration-token revoke x",
    ] {
        place.fails(2, line);
    }
}

/// With no mail server the command line shows what a person would have got.
#[test]
fn mails_that_nothing_sends_are_listed_and_links_are_made() {
    let place = Installation::with_ada();
    assert_eq!(place.json("mail list"), serde_json::json!([]));
    let link = place.json("user reset ada")["link"].to_string();
    assert!(
        link.contains("http://localhost:8000/reset?token=clv_ml_"),
        "{link}"
    );
    is_one_line(&place.fails(1, "user reset eve"));
    is_one_line(&place.fails(1, "mail show 00000000-0000-7000-8000-000000000000"));
    // A mail server that is set up is not called for a list.
    let set = "mail list --smtp-url smtps://ada:hunter2@mail.example.com";
    assert_eq!(place.json(set), serde_json::json!([]));
    let wrong = place.fails(
        1,
        "mail list --smtp-url smtp://ada:hunter2@mail.example.com?tls=none",
    );
    is_one_line(&wrong);
    assert!(
        wrong.contains("loopback") && !wrong.contains("hunter2"),
        "{wrong}"
    );
}
