//! Proof Key for Code Exchange (RFC 7636), with `S256` only (RFC 9700 §2.1.1).

use contract::rules;

use super::refusal::Refusal;

/// A `code_challenge` made with `S256`: 43 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it was stored, after [`challenge`] had accepted it.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }
}

/// The challenge of an authorization request.
///
/// # Errors
/// `pkce-required`, `pkce-challenge-missing`, `pkce-method-unsupported` (a challenge without a
/// method means `plain`, RFC 7636 §4.3), `pkce-challenge-malformed`.
pub fn challenge(
    challenge: Option<&str>,
    method: Option<&str>,
    required: bool,
) -> Result<Option<CodeChallenge>, Refusal> {
    match (challenge, method) {
        (None, None) if required => Err(Refusal::new(&rules::PKCE_REQUIRED)),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal::new(&rules::PKCE_CHALLENGE_MISSING)),
        (Some(_), method) if method != Some("S256") => {
            Err(Refusal::new(&rules::PKCE_METHOD_UNSUPPORTED)
                .expected("S256")
                .received(method.unwrap_or("plain (no method was sent)")))
        }
        // SHA-256 is 32 bytes: 43 characters of base64url without padding (RFC 7636 §4.2).
        (Some(text), _) if text.len() == 43 && text.bytes().all(is_base64url) => {
            Ok(Some(CodeChallenge(text.to_owned())))
        }
        (Some(_), _) => Err(Refusal::new(&rules::PKCE_CHALLENGE_MALFORMED)),
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The shape of a `code_verifier` (RFC 7636 §4.1): 43 to 128 unreserved characters.
///
/// # Errors
/// `pkce-verifier-malformed`.
pub fn verifier(text: &str) -> Result<&str, Refusal> {
    let unreserved = |b: u8| is_base64url(b) || matches!(b, b'.' | b'~');
    if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
        Ok(text)
    } else {
        Err(Refusal::new(&rules::PKCE_VERIFIER_MALFORMED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 §4.3: the method of a challenge is S256; plain, which it would be if left
    /// out, is refused.
    #[test]
    fn which_challenges_pass() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let table = [
            (Some(good), Some("S256"), true, Ok(true)),
            (None, None, false, Ok(false)),
            (None, None, true, Err("pkce-required")),
            (None, Some("S256"), false, Err("pkce-challenge-missing")),
            (Some(good), None, true, Err("pkce-method-unsupported")),
            (
                Some(good),
                Some("plain"),
                true,
                Err("pkce-method-unsupported"),
            ),
            (
                Some(good),
                Some("s256"),
                true,
                Err("pkce-method-unsupported"),
            ),
            (
                Some("short"),
                Some("S256"),
                true,
                Err("pkce-challenge-malformed"),
            ),
            (
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
                Some("S256"),
                true,
                Err("pkce-challenge-malformed"),
            ),
        ];
        for (text, method, required, expected) in table {
            let got = challenge(text, method, required)
                .map(|c| c.is_some())
                .map_err(|r| r.rule.id);
            assert_eq!(got, expected, "{text:?} {method:?} {required}");
        }
    }

    /// RFC 7636 §4.1: a verifier has 43 to 128 unreserved characters.
    #[test]
    fn which_verifiers_have_the_right_shape() {
        assert!(verifier(&"a".repeat(43)).is_ok());
        assert!(verifier(&"~".repeat(128)).is_ok());
        assert!(verifier(&"a".repeat(42)).is_err());
        assert!(verifier(&"a".repeat(129)).is_err());
        assert!(verifier(&"+".repeat(43)).is_err());
    }
}
