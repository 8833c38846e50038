//! `claviger app add`: the form of the dashboard as flags, checked by the same function.

use app::wire::application::{ApplicationSettings, CreatedApplication, NewApplication};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use serde_json::json;

use super::super::failure::Failure;
use super::super::output::{Output, printable};
use super::super::{open, user};
use super::audit;
use crate::actions::application_form;
use crate::config::Config;
use crate::crypto::client_secret::{ClientSecrets, NewClientSecret};
use crate::crypto::random::Random;
use crate::domain::application::{Application, Secret, client_type_name};
use crate::store::StoreError;

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
        value_parser = ["authorization_code", "refresh_token", "client_credentials"]
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
    /// false takes a confidential application without PKCE [default: true]
    #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
    require_pkce: Option<bool>,
    /// Never ask people for their consent
    #[arg(long)]
    skip_consent: bool,
    /// The form of its access tokens
    #[arg(long, value_name = "FORM", value_parser = ["opaque", "jwt"])]
    access_token: Option<String>,
    /// How its id_tokens are signed
    #[arg(long, value_name = "ALG", value_parser = ["RS256", "ES256", "EdDSA"])]
    id_token_alg: Option<String>,
    /// Its client id [default: a random one]
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

impl Add {
    fn to_form(&self) -> NewApplication {
        let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        let client_type = if self.public {
            "public"
        } else {
            "confidential"
        };
        NewApplication {
            name: self.name.clone(),
            client_id: self.client_id.clone(),
            settings: ApplicationSettings {
                client_type: Some(client_type.to_owned()),
                grant_types: Some(self.grant.clone()),
                redirect_uris: some(&self.redirect_uri),
                post_logout_redirect_uris: some(&self.post_logout_redirect_uri),
                allowed_origins: some(&self.allowed_origin),
                scopes: some(&self.scope),
                require_pkce: self.require_pkce,
                skip_consent: Some(self.skip_consent),
                access_token_format: self.access_token.clone(),
                id_token_alg: self.id_token_alg.clone(),
                ..ApplicationSettings::default()
            },
        }
    }
}

pub(super) async fn run(command: Add, config: &Config, output: Output) -> Result<(), Failure> {
    if command.access_token.as_deref() == Some("jwt") {
        return Err(Failure::new(
            "--access-token jwt: this release issues opaque access tokens only",
        ));
    }
    let form = command.to_form();
    let settings = application_form::build_new(&form).map_err(|errors| {
        let lines: Vec<String> = errors
            .iter()
            .map(|(field, messages)| format!("{}: {}", flag(field), messages.join(" ")))
            .collect();
        Failure::new(lines.join("; "))
    })?;

    let opened = open::database(config).await?;
    let owner = user::find(&opened, &command.owner).await?;
    let now = opened.now();
    let client_id = form.client_id.unwrap_or_else(|| client_id(&opened.random));
    let mut application = Application::new(client_id, &owner, settings, now);
    let made = if application.is_confidential() {
        let key = open::secret_key(config, &opened).await?;
        let made = ClientSecrets::new(&key).generate(&opened.random);
        Some((stored(&made, &opened), made.plain))
    } else {
        None
    };
    let (secret, plain) = made.unzip();
    opened
        .store
        .insert_application(&application, secret.clone())
        .await
        .map_err(|error| match error {
            StoreError::Conflict(_) => Failure::new(format!(
                "the client id {:?} is taken",
                application.client_id
            )),
            error => error.into(),
        })?;
    application.secrets.extend(secret);
    audit(&opened, "application added", &application.client_id);
    opened.store.close().await;
    output.print(
        &as_text(&application, plain.as_deref()),
        &json!(CreatedApplication {
            application: application.to_wire(now),
            client_secret: plain,
        }),
    );
    Ok(())
}

/// What is kept of a new secret.
pub(super) fn stored(made: &NewClientSecret, opened: &open::Opened) -> Secret {
    let now = opened.now();
    Secret {
        id: opened.random.uuid(now),
        hash: made.hash.clone(),
        hint: made.hint.clone(),
        created_at: now,
        last_used_at: None,
        expires_at: None,
    }
}

/// 128 random bits. Not beginning with a hyphen: it is an argument of other commands.
fn client_id(random: &Random) -> String {
    loop {
        let id = URL_SAFE_NO_PAD.encode(random.bytes::<16>());
        if !id.starts_with('-') {
            return id;
        }
    }
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
        "access_token_format" => "--access-token".to_owned(),
        other => format!("--{}", other.replace('_', "-")),
    }
}

fn as_text(application: &Application, secret: Option<&str>) -> String {
    let settings = &application.settings;
    let mut lines = vec![
        format!(
            "Registered {} ({}), owned by {}.",
            printable(&settings.name),
            client_type_name(settings.client_type),
            printable(&application.owner)
        ),
        format!("  client_id      {}", application.client_id),
    ];
    if let Some(secret) = secret {
        lines.push(format!("  client_secret  {secret}"));
        lines.push("Keep the secret now: it is not shown again.".to_owned());
    }
    lines.join("\n")
}
