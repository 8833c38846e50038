//! SHA-256 and what is made of it.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::domain::credential::Credential;

pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    out
}

/// Whether two byte strings are equal, in a time that depends on their length alone.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// What a row holds of a credential. The secret is 256 random bits: it needs no slow hash.
pub fn credential_hash(credential: &Credential) -> [u8; 32] {
    sha256(credential.secret())
}

/// `S256` (RFC 7636 §4.6).
pub fn pkce_s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

/// `at_hash` of an access token (OpenID Connect Core 1.0 §3.1.3.6): the left half of the hash
/// that the id_token's algorithm uses. EdDSA (Ed25519) hashes with SHA-512.
pub fn at_hash(access_token: &str, sha512: bool) -> String {
    let algorithm = if sha512 {
        &digest::SHA512
    } else {
        &digest::SHA256
    };
    let hash = digest::digest(algorithm, access_token.as_bytes());
    let half = hash.as_ref().len() / 2;
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..half])
}

/// A session's name in tokens: not the id itself, which names a row.
pub fn sid(session: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(&sha256(session.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B: S256 of the example is what stands there.
    #[test]
    fn s256_of_the_standards_example() {
        // RFC 7636 appendix B
        assert_eq!(
            pkce_s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn at_hash_of_the_standards_example() {
        // OpenID Connect Core 1.0 appendix A.3
        assert_eq!(
            at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", false),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
