//! `claviger app add`: the form of the dashboard as flags, for the same service.

use std::path::{Path, PathBuf};

use clap::Args;
use contract::wire::application::{ApplicationSettings, CreatedApplication, NewApplication};
use serde_json::{Value, json};

use super::super::error::CliError;
use super::super::output::{Output, printable};
use super::super::{open, user};
use crate::config::Config;
use crate::crypto::client_secret::ClientSecrets;
use crate::domain::client::{AuthMethod, Client, ClientType, GrantType, SigningAlg, TokenFormat};
use crate::services::applications::{self, By};
use crate::services::form::FormFailure;

#[derive(Args, Debug)]
pub(in crate::cli) struct Add {
    /// What people see when it asks for their consent
    name: String,
    /// The user whose application it is
    #[arg(long, value_name = "USER")]
    owner: String,
    /// It can't keep a secret: a program in a browser, on a desktop or a phone
    #[arg(long)]
    public: bool,
    /// A grant that it holds; once for each
    #[arg(
        long,
        value_name = "GRANT",
        required = true,
        value_parser = grant
    )]
    grant: Vec<String>,
    /// Where people come back to; once for each
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Where people go after signing out; once for each
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// Who may call the token endpoint from a browser; once for each
    #[arg(long, value_name = "ORIGIN")]
    allowed_origin: Vec<String>,
    /// A scope that it may ask for; once for each
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// A scope that people may decline; once for each [default: profile, email, groups]
    #[arg(long, value_name = "SCOPE")]
    optional_scope: Vec<String>,
    /// false takes a confidential application without PKCE [default: true]
    #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
    require_pkce: Option<bool>,
    /// Never ask people for their consent
    #[arg(long)]
    skip_consent: bool,
    /// The form of its access tokens
    #[arg(long, value_name = "FORM", value_parser = TokenFormat::ALL.map(TokenFormat::name))]
    access_token: Option<String>,
    /// How its id_tokens are signed
    #[arg(long, value_name = "ALG", value_parser = SigningAlg::ALL.map(SigningAlg::name))]
    id_token_alg: Option<String>,
    /// Its public keys: a file with a JWK Set. It then proves who it is by signing
    /// (private_key_jwt) and gets no secret, unless another method is named
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// The one way in which it proves who it is [default: a secret, by Basic or in the body]
    #[arg(
        long,
        value_name = "METHOD",
        value_parser = AuthMethod::ALL.map(AuthMethod::name)
    )]
    token_endpoint_auth_method: Option<String>,
    /// Where it is told that a session has ended
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// Its client id [default: a random one]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The name of a grant.
fn grant(name: &str) -> Result<String, String> {
    if GrantType::parse(name).is_some() {
        return Ok(name.to_owned());
    }
    let known = GrantType::ALL.map(GrantType::name).join(", ");
    Err(if name == TOKEN_EXCHANGE {
        format!("this release does not exchange tokens (RFC 8693); there are {known}")
    } else {
        format!("there are {known}")
    })
}

/// A JWK Set in a file; whether it will do, the form decides.
fn read_jwks(path: &Path) -> Result<Value, CliError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::new(format!("--jwks {shown}: {error}")))?;
    serde_json::from_str(&text)
        .map_err(|error| CliError::new(format!("--jwks {shown}: not JSON: {error}")))
}

impl Add {
    fn to_form(&self, jwks: Option<Value>) -> NewApplication {
        let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        let client_type = if self.public {
            ClientType::Public
        } else {
            ClientType::Confidential
        };
        // Keys are registered to be used.
        let method = self.token_endpoint_auth_method.clone().or_else(|| {
            jwks.as_ref()
                .map(|_| AuthMethod::PrivateKeyJwt.name().to_owned())
        });
        NewApplication {
            name: self.name.clone(),
            client_id: self.client_id.clone(),
            settings: ApplicationSettings {
                client_type: Some(client_type.name().to_owned()),
                grant_types: Some(self.grant.clone()),
                redirect_uris: some(&self.redirect_uri),
                post_logout_redirect_uris: some(&self.post_logout_redirect_uri),
                allowed_origins: some(&self.allowed_origin),
                scopes: some(&self.scope),
                optional_scopes: some(&self.optional_scope),
                require_pkce: self.require_pkce,
                skip_consent: Some(self.skip_consent),
                access_token_format: self.access_token.clone(),
                id_token_alg: self.id_token_alg.clone(),
                token_endpoint_auth_method: method,
                jwks,
                backchannel_logout_uri: self.backchannel_logout_uri.clone(),
                ..ApplicationSettings::default()
            },
        }
    }
}

pub(super) async fn run(command: Add, config: &Config, output: Output) -> Result<(), CliError> {
    let jwks = command.jwks.as_deref().map(read_jwks).transpose()?;
    let form = command.to_form(jwks);
    let core = open::database(config).await?;
    let key = open::secret_key(config, &core).await?;
    let secrets = ClientSecrets::new(&key);
    let owner = user::find(&core, &command.owner).await?;
    let (application, plain) = applications::create(&core, &secrets, By::Operator, &owner, &form)
        .await
        .map_err(by_flag)?;
    let now = core.now();
    core.store.close().await;
    output.print(
        &as_text(&application, plain.as_deref()),
        &json!(CreatedApplication {
            application: application.to_wire(now),
            client_secret: plain,
        }),
    );
    Ok(())
}

/// What is wrong, by the flags that said it.
fn by_flag(failure: FormFailure) -> CliError {
    let FormFailure::Fields(errors) = failure else {
        return failure.into();
    };
    let lines: Vec<String> = errors
        .iter()
        .map(|(field, messages)| format!("{}: {}", flag(field), messages.join(" ")))
        .collect();
    CliError::new(lines.join("; "))
}

/// The flag that fills this field of the form; a row of a list has its number behind the name.
fn flag(field: &str) -> String {
    match field.split('.').next().unwrap_or_default() {
        "name" => "NAME".to_owned(),
        "client_type" => "--public".to_owned(),
        "grant_types" => "--grant".to_owned(),
        "redirect_uris" => "--redirect-uri".to_owned(),
        "post_logout_redirect_uris" => "--post-logout-redirect-uri".to_owned(),
        "allowed_origins" => "--allowed-origin".to_owned(),
        "scopes" => "--scope".to_owned(),
        "optional_scopes" => "--optional-scope".to_owned(),
        "access_token_format" => "--access-token".to_owned(),
        other => format!("--{}", other.replace('_', "-")),
    }
}

fn as_text(application: &Client, secret: Option<&str>) -> String {
    let settings = &application.settings;
    let mut lines = vec![
        format!(
            "Registered {} ({}), owned by {}.",
            printable(&settings.name),
            settings.client_type.name(),
            printable(&application.owner)
        ),
        format!("  client_id      {}", application.client_id),
    ];
    if application.is_confidential() && !application.uses_secret() {
        lines.push("It signs with its own key to prove who it is: there is no secret.".to_owned());
    }
    if let Some(secret) = secret {
        lines.push(format!("  client_secret  {secret}"));
        lines.push("Keep the secret now: it is not shown again.".to_owned());
    }
    lines.join("\n")
}
