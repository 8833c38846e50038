//! What tokens come of: an authorization code, a refresh token, a device code. Each is a
//! credential that names a row, and counts only for the client that it was issued to.
//!
//! To add one: its [`Parameter`], its [`Source`].

use contract::rules::{self, Rule};
use contract::wire::audit::AuditKind;
use uuid::Uuid;

use crate::crypto::hash::{credential_hash, equal};
use crate::domain::client::Client;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::device::DeviceCode;
use crate::domain::grant::{AuthorizationCode, Grant, RefreshToken, SecretHash};
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::params::Params;
use crate::oauth::endpoint::ClientRequest;
use crate::state::App;
use crate::store::{AuditEvent, RevocationReason, Store, StoreError};

/// The parameter that holds a credential, and the rules that it may break.
pub(in crate::oauth) struct Parameter {
    name: &'static str,
    kind: CredentialKind,
    missing: &'static Rule,
    unknown: &'static Rule,
    other_client: &'static Rule,
}

static CODE: Parameter = Parameter {
    name: "code",
    kind: CredentialKind::AuthorizationCode,
    missing: &rules::CODE_MISSING,
    unknown: &rules::CODE_UNKNOWN,
    other_client: &rules::CODE_OTHER_CLIENT,
};

static REFRESH_TOKEN: Parameter = Parameter {
    name: "refresh_token",
    kind: CredentialKind::RefreshToken,
    missing: &rules::REFRESH_TOKEN_MISSING,
    unknown: &rules::REFRESH_TOKEN_UNKNOWN,
    other_client: &rules::REFRESH_TOKEN_OTHER_CLIENT,
};

static DEVICE_CODE: Parameter = Parameter {
    name: "device_code",
    kind: CredentialKind::DeviceCode,
    missing: &rules::DEVICE_CODE_MISSING,
    unknown: &rules::DEVICE_CODE_UNKNOWN,
    other_client: &rules::DEVICE_CODE_OTHER_CLIENT,
};

/// What a credential names, read by one question.
pub(in crate::oauth) trait Source: Sized + Send {
    const PARAMETER: &'static Parameter;

    fn find(
        store: &Store,
        id: Uuid,
    ) -> impl Future<Output = Result<Option<Self>, StoreError>> + Send;
    fn secret_hash(&self) -> &SecretHash;
    fn client_id(&self) -> &str;
}

/// A code, and the user who granted it if they still exist.
pub(in crate::oauth) type CodeAndUser = (AuthorizationCode, Option<User>);

impl Source for CodeAndUser {
    const PARAMETER: &'static Parameter = &CODE;

    async fn find(store: &Store, id: Uuid) -> Result<Option<Self>, StoreError> {
        store.find_code(id).await
    }

    fn secret_hash(&self) -> &SecretHash {
        &self.0.secret_hash
    }

    fn client_id(&self) -> &str {
        &self.0.client_id
    }
}

impl Source for RefreshToken {
    const PARAMETER: &'static Parameter = &REFRESH_TOKEN;

    async fn find(store: &Store, id: Uuid) -> Result<Option<Self>, StoreError> {
        store.refresh_token(id).await
    }

    fn secret_hash(&self) -> &SecretHash {
        &self.secret_hash
    }

    fn client_id(&self) -> &str {
        &self.client_id
    }
}

/// With its grant.
impl Source for (RefreshToken, Grant) {
    const PARAMETER: &'static Parameter = &REFRESH_TOKEN;

    async fn find(store: &Store, id: Uuid) -> Result<Option<Self>, StoreError> {
        store.find_refresh_token(id).await
    }

    fn secret_hash(&self) -> &SecretHash {
        &self.0.secret_hash
    }

    fn client_id(&self) -> &str {
        &self.0.client_id
    }
}

impl Source for DeviceCode {
    const PARAMETER: &'static Parameter = &DEVICE_CODE;

    async fn find(store: &Store, id: Uuid) -> Result<Option<Self>, StoreError> {
        store.find_device_code(id).await
    }

    fn secret_hash(&self) -> &SecretHash {
        &self.secret_hash
    }

    fn client_id(&self) -> &str {
        &self.client_id
    }
}

/// The credential of this kind in a text, in exactly our form.
pub(in crate::oauth) fn parse<S: Source>(text: &str) -> Option<Credential> {
    Credential::parse(S::PARAMETER.kind, text)
}

/// The credential that the request's parameter holds.
pub(in crate::oauth) fn sent<S: Source>(params: &Params) -> Option<Credential> {
    parse::<S>(params.get(S::PARAMETER.name)?)
}

/// What the credential names, if its secret fits. Nothing is changed by looking.
async fn find<S: Source>(state: &App, credential: &Credential) -> Result<Option<S>, StoreError> {
    let found = S::find(&state.store, credential.id).await?;
    Ok(found.filter(|found| equal(&credential_hash(credential), found.secret_hash())))
}

/// The same, if it is this client's.
///
/// # Errors
/// The database fails.
pub(in crate::oauth) async fn find_own<S: Source>(
    state: &App,
    client: &Client,
    credential: &Credential,
) -> Result<Option<S>, StoreError> {
    let found = find::<S>(state, credential).await?;
    Ok(found.filter(|found| found.client_id() == client.client_id))
}

/// What a token request names, with the credential that names it.
///
/// # Errors
/// The rules of its [`Parameter`]; the database fails.
pub(super) async fn load<S: Source>(
    state: &App,
    request: &ClientRequest,
) -> Result<(Credential, S), Error> {
    let parameter = S::PARAMETER;
    let text = request
        .params
        .get(parameter.name)
        .ok_or_else(|| Refusal::new(parameter.missing))?;
    let unknown = || Refusal::new(parameter.unknown);
    let credential = parse::<S>(text).ok_or_else(unknown)?;
    let found: S = find(state, &credential).await?.ok_or_else(unknown)?;
    if found.client_id() != request.client.client_id {
        return Err(Refusal::new(parameter.other_client).into());
    }
    Ok((credential, found))
}

/// # Errors
/// `user-gone`: deleted or disabled.
pub(super) fn live(user: Option<User>) -> Result<User, Refusal> {
    user.filter(|user| user.disabled_at.is_none())
        .ok_or_else(|| Refusal::new(&rules::USER_GONE))
}

/// A source that is used once, and whose second use ends the grant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spent {
    Code,
    RefreshToken,
}

/// Ends everything that came of the first use (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
pub(super) async fn replayed(
    state: &App,
    spent: Spent,
    grant_id: Uuid,
    user_id: Uuid,
    client_id: &str,
) -> Error {
    let (kind, reason, rule) = match spent {
        Spent::Code => (
            AuditKind::CodeReplayed,
            RevocationReason::CodeReplayed,
            &rules::CODE_REPLAYED,
        ),
        Spent::RefreshToken => (
            AuditKind::RefreshTokenReplayed,
            RevocationReason::RefreshTokenReplayed,
            &rules::REFRESH_TOKEN_REPLAYED,
        ),
    };
    let audit = state.audit_entry(AuditEvent {
        kind,
        actor_id: None,
        user_id: Some(user_id),
        client_id: Some(client_id.to_owned()),
        detail: format!("grant {grant_id} ended"),
    });
    let ended = state
        .store
        .revoke_grant(grant_id, reason, state.now(), audit)
        .await;
    match ended {
        Ok(_) => Refusal::new(rule).in_flow(grant_id).into(),
        Err(error) => error.into(),
    }
}
