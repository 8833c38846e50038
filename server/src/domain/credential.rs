//! Opaque credentials: a prefix that names the kind, and base64url of a UUIDv7 and 32 random
//! bytes. The UUID finds the row, the random bytes prove the right to it; only their hash is
//! stored.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What a credential is for. One kind presented as another is simply not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    AccessToken,
    RefreshToken,
    AuthorizationCode,
    Session,
    DeviceCode,
    /// The random part of a pushed request's `request_uri` (RFC 9126 §2.2).
    PushedRequest,
    /// Lets a client register itself (RFC 7591 §1.2).
    InitialAccess,
    /// Lets a client that registered itself read and change its registration (RFC 7592 §3).
    Registration,
    /// A link in a mail, or one that an administrator hands over.
    Link,
}

impl CredentialKind {
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessToken => "clv_at_",
            Self::RefreshToken => "clv_rt_",
            Self::AuthorizationCode => "clv_ac_",
            Self::Session => "clv_ss_",
            Self::DeviceCode => "clv_dc_",
            Self::PushedRequest => "clv_pr_",
            Self::InitialAccess => "clv_ia_",
            Self::Registration => "clv_ra_",
            Self::Link => "clv_ml_",
        }
    }
}

/// A credential in plain: made once for the answer, or read from a request.
#[derive(Clone)]
pub struct Credential {
    pub kind: CredentialKind,
    pub id: Uuid,
    secret: Zeroizing<[u8; 32]>,
}

impl Credential {
    pub fn new(kind: CredentialKind, id: Uuid, secret: [u8; 32]) -> Self {
        Self {
            kind,
            id,
            secret: Zeroizing::new(secret),
        }
    }

    /// `None` for whatever is not a credential of this kind, in exactly our form.
    pub fn parse(kind: CredentialKind, text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(kind.prefix())?;
        if encoded.len() != 64 {
            return None;
        }
        let mut bytes = Zeroizing::new([0_u8; 48]);
        let length = URL_SAFE_NO_PAD.decode_slice(encoded, &mut bytes[..]).ok()?;
        if length != 48 {
            return None;
        }
        let id = Uuid::from_slice(&bytes[..16]).ok()?;
        let secret = bytes[16..].try_into().ok()?;
        Some(Self::new(kind, id, secret))
    }

    /// The text that goes to its holder.
    pub fn reveal(&self) -> String {
        let mut bytes = Zeroizing::new([0_u8; 48]);
        bytes[..16].copy_from_slice(self.id.as_bytes());
        bytes[16..].copy_from_slice(&self.secret[..]);
        let mut text = String::with_capacity(71);
        text.push_str(self.kind.prefix());
        URL_SAFE_NO_PAD.encode_string(&bytes[..], &mut text);
        text
    }

    /// The random part, to be hashed.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_credential_reads_back_as_it_was_written(id: u128, secret: [u8; 32]) {
            let made = Credential::new(CredentialKind::AccessToken, Uuid::from_u128(id), secret);
            let text = made.reveal();
            let read = Credential::parse(CredentialKind::AccessToken, &text);
            prop_assert_eq!(read.as_ref().map(|c| c.id), Some(made.id));
            prop_assert_eq!(read.as_ref().map(|c| *c.secret()), Some(secret));
            prop_assert!(Credential::parse(CredentialKind::RefreshToken, &text).is_none());
        }

        #[test]
        fn nothing_else_is_read(text in ".{0,100}") {
            let read = Credential::parse(CredentialKind::AccessToken, &text);
            prop_assert!(read.is_none_or(|c| c.reveal() == text));
        }
    }
}
