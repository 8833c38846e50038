//! Applications. Lists are JSON arrays of strings.
//!
//! To add a setting: its column in [`Model`], written in [`settings`] and read in
//! [`Model::into_application`]. Neither compiles without it.

use sea_orm::Set;
use sea_orm::entity::prelude::*;

use super::{corrupt, list, named, to_json};
use crate::domain::client::{Client, DisplayMetadata, Secret, Settings};
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
    #[sea_orm(column_name = "require_pushed_requests")]
    pub require_pushed_authorization_requests: bool,
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

/// The row of an application that is new. Its secrets have rows of their own.
pub fn row(application: Client) -> ActiveModel {
    ActiveModel {
        client_id: Set(application.client_id),
        owner_id: Set(application.owner_id),
        created_at: Set(application.created_at.millis()),
        updated_at: Set(application.updated_at.millis()),
        origin: Set(application.origin.name().to_owned()),
        about: Set(about(&application.about)),
        registration_token_hash: Set(application.registration_token_hash.map(Vec::from)),
        disabled_at: Set(application.disabled_at.map(Timestamp::millis)),
        last_used_at: Set(application.last_used_at.map(Timestamp::millis)),
        ..settings(application.settings)
    }
}

/// The columns of the settings; the others are not set.
pub fn settings(settings: Settings) -> ActiveModel {
    let Settings {
        name,
        client_type,
        grant_types,
        redirect_uris,
        post_logout_redirect_uris,
        allowed_origins,
        scopes,
        optional_scopes,
        require_pkce,
        skip_consent,
        access_token_format,
        access_token_lifetime,
        refresh_token_lifetime,
        refresh_reuse_window,
        id_token_alg,
        token_endpoint_auth_method: auth_method,
        jwks,
        jwks_uri,
        backchannel_logout_uri,
        backchannel_logout_session_required,
        require_pushed_authorization_requests,
        resources,
    } = settings;
    let grants = grant_types.iter().map(|grant| grant.name().to_owned());
    ActiveModel {
        name: Set(name),
        client_type: Set(client_type.name().to_owned()),
        grant_types: Set(to_json(grants.collect())),
        redirect_uris: Set(to_json(redirect_uris)),
        post_logout_redirect_uris: Set(to_json(post_logout_redirect_uris)),
        allowed_origins: Set(to_json(allowed_origins)),
        scopes: Set(to_json(scopes.to_vec())),
        optional_scopes: Set(to_json(optional_scopes.to_vec())),
        require_pkce: Set(require_pkce),
        skip_consent: Set(skip_consent),
        access_token_format: Set(access_token_format.name().to_owned()),
        access_token_lifetime: Set(access_token_lifetime),
        refresh_token_lifetime: Set(refresh_token_lifetime),
        refresh_reuse_window: Set(refresh_reuse_window),
        id_token_alg: Set(id_token_alg.name().to_owned()),
        token_endpoint_auth_method: Set(auth_method.map(|method| method.name().to_owned())),
        jwks: Set(jwks),
        jwks_uri: Set(jwks_uri),
        backchannel_logout_uri: Set(backchannel_logout_uri),
        backchannel_logout_session_required: Set(backchannel_logout_session_required),
        require_pushed_authorization_requests: Set(require_pushed_authorization_requests),
        resources: Set(resources.map(to_json)),
        ..Default::default()
    }
}

impl Model {
    /// The application, together with its owner's user name and its secrets.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a column holds what was never written.
    pub fn into_application(
        self,
        owner: String,
        secrets: Vec<Secret>,
    ) -> Result<Client, StoreError> {
        let grant_types = list("applications.grant_types", &self.grant_types)?;
        let auth_method = self.token_endpoint_auth_method.as_deref();
        Ok(Client {
            owner_id: self.owner_id,
            owner,
            settings: Settings {
                name: self.name,
                client_type: named("applications.client_type", &self.client_type)?,
                grant_types: grant_types
                    .iter()
                    .map(|name| named("applications.grant_types", name))
                    .collect::<Result<_, _>>()?,
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
                id_token_alg: named("applications.id_token_alg", &self.id_token_alg)?,
                access_token_format: named(
                    "applications.access_token_format",
                    &self.access_token_format,
                )?,
                token_endpoint_auth_method: auth_method
                    .map(|name| named("applications.token_endpoint_auth_method", name))
                    .transpose()?,
                jwks: self.jwks,
                jwks_uri: self.jwks_uri,
                backchannel_logout_uri: self.backchannel_logout_uri,
                backchannel_logout_session_required: self.backchannel_logout_session_required,
                require_pushed_authorization_requests: self.require_pushed_authorization_requests,
                resources: self
                    .resources
                    .map(|text| list("applications.resources", &text))
                    .transpose()?,
            },
            origin: named("applications.origin", &self.origin)?,
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
