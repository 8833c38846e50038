//! Reading a JWT (RFC 7519) and judging it the way a client must (OIDC Core §3.1.3.7).
//!
//! The signature itself is checked by the browser's WebCrypto, with a key from the server's
//! JWKS: see `browser::verify`. Nothing in here may be used to trust a token on the server.
//! To add an algorithm: a line in `Algorithm::of` and in `Algorithm::webcrypto`.

use serde_json::Value;

use super::encode;

/// A JWT in its parts; nothing is checked yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Jwt {
    pub(super) header: Value,
    pub(super) claims: Value,
    /// What the signature covers: the first two parts with the dot between them.
    pub(super) signed: String,
    pub(super) signature: Vec<u8>,
}

impl Jwt {
    /// Takes a compact JWS apart (RFC 7515 §7.1).
    pub(super) fn parse(token: &str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| {
            let value: Value = serde_json::from_slice(&encode::base64url_decode(part)?).ok()?;
            value.is_object().then_some(value)
        };
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: encode::base64url_decode(signature)?,
        })
    }

    /// A text in the header: `alg`, `kid`.
    pub(super) fn header(&self, name: &str) -> &str {
        self.header[name].as_str().unwrap_or_default()
    }

    /// A text among the claims.
    pub(super) fn claim(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    /// A time among the claims, in seconds since 1970.
    pub(super) fn time(&self, name: &str) -> Option<f64> {
        self.claims[name].as_f64()
    }

    /// Whether `aud`, one text or several, names this client.
    pub(super) fn is_for(&self, client_id: &str) -> bool {
        match &self.claims["aud"] {
            Value::Array(several) => several.iter().any(|one| one == client_id),
            one => one == client_id,
        }
    }
}

/// The algorithms that Claviger signs ID tokens with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    Ed25519,
}

impl Algorithm {
    /// By `alg`. Never by anything else in the token: `none` and the HMACs stay out.
    pub(super) fn of(alg: &str) -> Option<Self> {
        match alg {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            _ => None,
        }
    }

    fn key_type(self) -> &'static str {
        match self {
            Self::Rs256 => "RSA",
            Self::Es256 => "EC",
            Self::Ed25519 => "OKP",
        }
    }

    /// What WebCrypto calls it.
    #[cfg(feature = "hydrate")]
    pub(super) fn webcrypto(self) -> &'static str {
        match self {
            Self::Rs256 => "RSASSA-PKCS1-v1_5",
            Self::Es256 => "ECDSA",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// The hash whose left half is `at_hash` (OIDC Core §3.1.3.6).
    pub(super) fn hash(self) -> &'static str {
        match self {
            Self::Ed25519 => "SHA-512",
            _ => "SHA-256",
        }
    }
}

/// The key of a JWKS that a header points to: same `kid`, right kind, meant for signatures.
pub(super) fn key<'a>(jwks: &'a Value, kid: &str, algorithm: Algorithm) -> Option<&'a Value> {
    jwks["keys"].as_array()?.iter().find(|key| {
        key["kid"] == kid
            && key["kty"] == algorithm.key_type()
            && key.get("use").is_none_or(|it| it == "sig")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // RFC 7515 A.1, whose claims hold a line break between the members.
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_example_of_the_standard_is_taken_apart() {
        let jwt = Jwt::parse(EXAMPLE).expect("a JWT");
        assert_eq!(jwt.header("alg"), "HS256");
        assert_eq!(jwt.claim("iss"), "joe");
        assert_eq!(jwt.time("exp"), Some(1_300_819_380.0));
        assert_eq!(jwt.signature.len(), 32);
        assert!(EXAMPLE.starts_with(&jwt.signed));
    }

    #[test]
    fn what_is_no_jwt_is_none() {
        for text in [
            "",
            ".",
            "..",
            "a.b.c",
            "e30.e30",
            "W10.e30.AA",
            "e30.e30.A=",
            "e30.e30.e30.A",
        ] {
            assert_eq!(Jwt::parse(text), None, "{text}");
        }
        assert!(Jwt::parse("e30.e30.AA").is_some());
    }

    #[test]
    fn the_audience_is_one_or_several() {
        let with = |aud: Value| Jwt {
            header: json!({}),
            claims: json!({ "aud": aud }),
            signed: String::new(),
            signature: vec![],
        };
        assert!(with(json!("me")).is_for("me"));
        assert!(with(json!(["you", "me"])).is_for("me"));
        assert!(!with(json!(["you"])).is_for("me"));
        assert!(!with(json!(null)).is_for(""));
    }

    #[test]
    fn the_key_must_have_the_right_id_and_kind() {
        let jwks = json!({"keys": [
            {"kid": "1", "kty": "EC", "use": "sig"},
            {"kid": "2", "kty": "RSA", "use": "enc"},
            {"kid": "2", "kty": "RSA", "n": "mine"},
        ]});
        let found = key(&jwks, "2", Algorithm::Rs256).expect("a key");
        assert_eq!(found["n"], "mine");
        assert!(key(&jwks, "1", Algorithm::Rs256).is_none());
        assert!(key(&jwks, "1", Algorithm::Es256).is_some());
        assert!(key(&json!([]), "1", Algorithm::Es256).is_none());
    }

    #[test]
    fn no_algorithm_comes_in_by_the_back_door() {
        for alg in ["none", "HS256", "", "rs256", "RS512"] {
            assert_eq!(Algorithm::of(alg), None, "{alg}");
        }
    }
}
