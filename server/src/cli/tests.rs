use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Arguments, clap::error::ErrorKind> {
    Arguments::try_parse_from(line.split_whitespace()).map_err(|error| error.kind())
}

#[test]
fn the_definition_of_the_arguments_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_takes_settings_and_json_before_and_after_it() {
    for line in [
        "claviger serve --listen 127.0.0.1:1 --json",
        "claviger --json --database-url sqlite://x migrate",
        "claviger doctor --secret-key-file x --config y",
        "claviger sweep --public-url http://localhost",
        "claviger user add zoe --email z@e --password-stdin --role admin --insecure-http",
        "claviger user passwd zoe --password-stdin --registration open",
        "claviger app add X --owner zoe --public --grant refresh_token --grant authorization_code \
         --redirect-uri a --redirect-uri b --require-pkce false --skip-consent \
         --access-token opaque --id-token-alg EdDSA --client-id x --json",
        "claviger app list --json",
        "claviger app secret rotate x --overlap 2h --json",
        "claviger resource add https://a.example --name A --scope a:read --scope a:write \
         --access-token jwt --lifetime 300 --introspect-by x --introspect-by y --json",
        "claviger resource list --json",
        "claviger keys list --log-format json",
        "claviger keys rotate --alg PS256",
        "claviger user list --json",
        "claviger user disable zoe",
        "claviger user enable zoe --json",
        "claviger app disable x --json",
        "claviger app enable x",
        "claviger app add X --owner zoe --grant urn:ietf:params:oauth:grant-type:device_code \
         --jwks keys.json --token-endpoint-auth-method private_key_jwt \
         --backchannel-logout-uri https://x.example/logout --access-token jwt --id-token-alg PS256",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
    }
}

#[test]
fn wrong_arguments_are_the_parsers_business() {
    for line in [
        "claviger",
        "claviger resource add",
        "claviger user add zoe --password-stdin",
        "claviger user add zoe --email z@e",
        "claviger user add zoe --email z@e --password-stdin --role king",
        "claviger user passwd zoe",
        "claviger app add X --grant refresh_token",
        "claviger app add X --owner zoe",
        "claviger app add X --owner zoe --grant implicit",
        "claviger app add X --owner zoe --grant refresh_token --jwks",
        "claviger app add X --owner zoe --grant urn:ietf:params:oauth:grant-type:token-exchange",
        "claviger app add X --owner zoe --grant refresh_token --token-endpoint-auth-method tls",
        "claviger user disable",
        "claviger app enable",
        "claviger app secret rotate x --overlap soon",
        "claviger keys rotate --alg HS256",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}
