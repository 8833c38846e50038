//! Applications. Lists are JSON arrays of strings.

use sea_orm::entity::prelude::*;

use super::{corrupt, list, to_json};
use crate::domain::client::{
    AuthMethod, Client, ClientType, DisplayMetadata, GrantType, Origin, Secret, Settings,
    SigningAlg, TokenFormat,
};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::columns::hash_of;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    pub name: String,
    pub client_type: String,
    pub owner_id: Uuid,
    pub grant_types: String,
    pub redirect_uris: String,
    pub post_logout_redirect_uris: String,
    pub allowed_origins: String,
    pub scopes: String,
    pub require_pkce: bool,
    pub skip_consent: bool,
    pub access_token_format: String,
    pub access_token_lifetime: i64,
    pub refresh_token_lifetime: i64,
    pub refresh_reuse_window: i64,
    pub id_token_alg: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub token_endpoint_auth_method: Option<String>,
    pub jwks: Option<String>,
    pub jwks_uri: Option<String>,
    pub backchannel_logout_uri: Option<String>,
    pub backchannel_logout_session_required: bool,
    pub require_pushed_requests: bool,
    pub resources: Option<String>,
    pub origin: String,
    pub about: String,
    pub registration_token_hash: Option<Vec<u8>>,
    pub disabled_at: Option<i64>,
    pub last_used_at: Option<i64>,
    /// The network that a stranger registered it from.
    pub registered_from: Option<String>,
    pub optional_scopes: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::users::Entity",
        from = "Column::OwnerId",
        to = "super::users::Column::Id"
    )]
    Owner,
}

impl Related<super::users::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Owner.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The row of an application. Its secrets have rows of their own.
    pub fn new(application: Client) -> Self {
        let settings = application.settings;
        Self {
            client_id: application.client_id,
            name: settings.name,
            client_type: settings.client_type.name().to_owned(),
            owner_id: application.owner_id,
            grant_types: grant_types(&settings.grant_types),
            redirect_uris: to_json(settings.redirect_uris),
            post_logout_redirect_uris: to_json(settings.post_logout_redirect_uris),
            allowed_origins: to_json(settings.allowed_origins),
            scopes: to_json(settings.scopes.to_vec()),
            require_pkce: settings.require_pkce,
            skip_consent: settings.skip_consent,
            access_token_format: settings.access_token_format.name().to_owned(),
            access_token_lifetime: settings.access_token_lifetime,
            refresh_token_lifetime: settings.refresh_token_lifetime,
            refresh_reuse_window: settings.refresh_reuse_window,
            id_token_alg: settings.id_token_alg.name().to_owned(),
            created_at: application.created_at.millis(),
            updated_at: application.updated_at.millis(),
            token_endpoint_auth_method: auth_method(settings.token_endpoint_auth_method),
            jwks: settings.jwks,
            jwks_uri: settings.jwks_uri,
            backchannel_logout_uri: settings.backchannel_logout_uri,
            backchannel_logout_session_required: settings.backchannel_logout_session_required,
            require_pushed_requests: settings.require_pushed_requests,
            resources: settings.resources.map(to_json),
            origin: application.origin.name().to_owned(),
            about: about(&application.about),
            registration_token_hash: application.registration_token_hash.map(Vec::from),
            disabled_at: application.disabled_at.map(Timestamp::millis),
            last_used_at: application.last_used_at.map(Timestamp::millis),
            registered_from: None,
            optional_scopes: to_json(settings.optional_scopes.to_vec()),
        }
    }

    /// The application, together with its owner's user name and its secrets.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a column holds what was never written.
    pub fn into_application(
        self,
        owner: String,
        secrets: Vec<Secret>,
    ) -> Result<Client, StoreError> {
        let client_type = ClientType::parse(&self.client_type)
            .ok_or_else(|| corrupt("applications.client_type", &self.client_type))?;
        let id_token_alg = SigningAlg::parse(&self.id_token_alg)
            .ok_or_else(|| corrupt("applications.id_token_alg", &self.id_token_alg))?;
        let access_token_format =
            TokenFormat::parse(&self.access_token_format).ok_or_else(|| {
                corrupt(
                    "applications.access_token_format",
                    &self.access_token_format,
                )
            })?;
        let token_endpoint_auth_method = self
            .token_endpoint_auth_method
            .map(|name| {
                AuthMethod::parse(&name)
                    .ok_or_else(|| corrupt("applications.token_endpoint_auth_method", &name))
            })
            .transpose()?;
        let grant_types = list("applications.grant_types", &self.grant_types)?
            .iter()
            .map(|name| {
                GrantType::parse(name).ok_or_else(|| corrupt("applications.grant_types", name))
            })
            .collect::<Result<_, _>>()?;
        Ok(Client {
            owner_id: self.owner_id,
            owner,
            settings: Settings {
                name: self.name,
                client_type,
                grant_types,
                redirect_uris: list("applications.redirect_uris", &self.redirect_uris)?,
                post_logout_redirect_uris: list(
                    "applications.post_logout_redirect_uris",
                    &self.post_logout_redirect_uris,
                )?,
                allowed_origins: list("applications.allowed_origins", &self.allowed_origins)?,
                scopes: list("applications.scopes", &self.scopes)?
                    .iter()
                    .map(String::as_str)
                    .collect(),
                optional_scopes: list("applications.optional_scopes", &self.optional_scopes)?
                    .iter()
                    .map(String::as_str)
                    .collect(),
                require_pkce: self.require_pkce,
                skip_consent: self.skip_consent,
                access_token_lifetime: self.access_token_lifetime,
                refresh_token_lifetime: self.refresh_token_lifetime,
                refresh_reuse_window: self.refresh_reuse_window,
                id_token_alg,
                access_token_format,
                token_endpoint_auth_method,
                jwks: self.jwks,
                jwks_uri: self.jwks_uri,
                backchannel_logout_uri: self.backchannel_logout_uri,
                backchannel_logout_session_required: self.backchannel_logout_session_required,
                require_pushed_requests: self.require_pushed_requests,
                resources: self
                    .resources
                    .map(|text| list("applications.resources", &text))
                    .transpose()?,
            },
            origin: Origin::parse(&self.origin)
                .ok_or_else(|| corrupt("applications.origin", &self.origin))?,
            about: serde_json::from_str(&self.about)
                .map_err(|_| corrupt("applications.about", &self.about))?,
            registration_token_hash: self.registration_token_hash.map(hash_of).transpose()?,
            disabled_at: self.disabled_at.map(Timestamp),
            last_used_at: self.last_used_at.map(Timestamp),
            secrets,
            client_id: self.client_id,
            created_at: Timestamp(self.created_at),
            updated_at: Timestamp(self.updated_at),
        })
    }
}

/// What a registration says, as the column holds it.
pub fn about(about: &DisplayMetadata) -> String {
    serde_json::to_string(about).unwrap_or_else(|_| "{}".to_owned())
}

/// The name of a way to authenticate, as the column holds it.
pub fn auth_method(method: Option<AuthMethod>) -> Option<String> {
    method.map(|method| method.name().to_owned())
}

/// The names of the grants, as the column holds them.
pub fn grant_types(grants: &[GrantType]) -> String {
    to_json(grants.iter().map(|grant| grant.name().to_owned()).collect())
}
