//! The audit log's vocabulary.

use crate::named;

named! {
    /// What happened: the object, a dot, and what became of it. A text that has been
    /// written once keeps its meaning for ever. Sorted by its text.
    #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
    pub enum AuditKind {
        ApplicationChanged = "application.changed",
        ApplicationCreated = "application.created",
        ApplicationDeleted = "application.deleted",
        ApplicationDisabled = "application.disabled",
        /// Its metadata document says something else now.
        ApplicationDocumentChanged = "application.document_changed",
        /// An application was known by its metadata document for the first time.
        ApplicationDocumentRead = "application.document_read",
        ApplicationEnabled = "application.enabled",
        /// It registered itself.
        ApplicationRegistered = "application.registered",
        /// It changed its own registration.
        ApplicationRegistrationChanged = "application.registration_changed",
        /// It deleted its own registration.
        ApplicationUnregistered = "application.unregistered",
        ClientSecretCreated = "client_secret.created",
        ClientSecretRetired = "client_secret.retired",
        /// A new one, and an end for those before.
        ClientSecretRotated = "client_secret.rotated",
        CodeReplayed = "code.replayed",
        /// A person took an application's access away.
        ConsentWithdrawn = "consent.withdrawn",
        DeviceCodeReplayed = "device_code.replayed",
        GrantRevoked = "grant.revoked",
        InitialAccessTokenCreated = "initial_access_token.created",
        InitialAccessTokenRevoked = "initial_access_token.revoked",
        RefreshTokenReplayed = "refresh_token.replayed",
        ResourceServerCreated = "resource_server.created",
        /// A person signed out everywhere.
        SessionsEnded = "sessions.ended",
        SigningKeyRevoked = "signing_key.revoked",
        SigningKeysRotated = "signing_keys.rotated",
        UserCreated = "user.created",
        UserDisabled = "user.disabled",
        UserEnabled = "user.enabled",
        /// The first administrator, by the one-time link.
        UserFirstCreated = "user.first_created",
        /// By the person.
        UserPasswordChanged = "user.password_changed",
        /// By the person, with a link.
        UserPasswordReset = "user.password_reset",
        /// By an administrator or the command line.
        UserPasswordSet = "user.password_set",
        /// An administrator or the command line made a link to set a password.
        UserResetLinkMade = "user.reset_link_made",
        UserRoleChanged = "user.role_changed",
    }
}

impl AuditKind {
    /// Whether it tells of a change that strangers make as often as they like, to what is theirs
    /// alone: kept for a short time only.
    pub const fn is_self_service(self) -> bool {
        matches!(
            self,
            Self::ApplicationRegistrationChanged | Self::ApplicationDocumentChanged
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vocabulary of the log: filters by kind rely on these names.
    #[test]
    fn the_kinds_of_the_audit_log_are_these() {
        let names: Vec<&str> = AuditKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(
            names,
            [
                "application.changed",
                "application.created",
                "application.deleted",
                "application.disabled",
                "application.document_changed",
                "application.document_read",
                "application.enabled",
                "application.registered",
                "application.registration_changed",
                "application.unregistered",
                "client_secret.created",
                "client_secret.retired",
                "client_secret.rotated",
                "code.replayed",
                "consent.withdrawn",
                "device_code.replayed",
                "grant.revoked",
                "initial_access_token.created",
                "initial_access_token.revoked",
                "refresh_token.replayed",
                "resource_server.created",
                "sessions.ended",
                "signing_key.revoked",
                "signing_keys.rotated",
                "user.created",
                "user.disabled",
                "user.enabled",
                "user.first_created",
                "user.password_changed",
                "user.password_reset",
                "user.password_set",
                "user.reset_link_made",
                "user.role_changed",
            ]
        );
    }

    #[test]
    fn a_kind_is_lower_case_with_one_dot_and_reads_back() {
        for kind in AuditKind::ALL {
            let name = kind.name();
            let (object, verb) = name.split_once('.').unwrap();
            for part in [object, verb] {
                let fits = |b: u8| b.is_ascii_lowercase() || b == b'_';
                assert!(!part.is_empty() && part.bytes().all(fits), "{name}");
            }
            assert_eq!(AuditKind::parse(name), Some(kind));
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<AuditKind>(&json).unwrap(), kind);
        }
        assert!(AuditKind::ALL.is_sorted_by_key(|kind| kind.name()));
    }
}
