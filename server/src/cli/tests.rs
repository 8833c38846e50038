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
        "claviger keys list --log-format json",
        "claviger keys rotate --alg RS256",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
    }
}

#[test]
fn wrong_arguments_are_the_parsers_business() {
    for line in [
        "claviger",
        "claviger resource list",
        "claviger user add zoe --password-stdin",
        "claviger user add zoe --email z@e",
        "claviger user add zoe --email z@e --password-stdin --role king",
        "claviger user passwd zoe",
        "claviger app add X --grant refresh_token",
        "claviger app add X --owner zoe",
        "claviger app add X --owner zoe --grant implicit",
        "claviger app add X --owner zoe --grant refresh_token --jwks x",
        "claviger app secret rotate x --overlap soon",
        "claviger keys rotate --alg HS256",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}
