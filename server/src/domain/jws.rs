//! JWTs in the compact serialization of a JWS (RFC 7515 §7.1), taken apart. What needs no key is
//! here: the form, and the members of header and claims. `crypto::jws` checks the signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::client::SigningAlg;
use super::json;

/// A JWT as it was sent. Nothing in it is true before its signature was checked.
#[derive(Clone)]
pub struct Unverified {
    /// Header and claims in their encoded form: the JWS Signing Input.
    message: String,
    signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// The claims of a JWT that a known key has signed.
#[derive(Clone, Copy)]
pub struct Verified<'a>(&'a Map<String, Value>);

/// Why a text is not read as a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Form,
    /// The header asks for an extension; we know none (RFC 7515 §4.1.11).
    Critical,
}

/// Takes a JWT apart (RFC 7515 §5.2). Keys that it brings along (`jwk`, `jku`, `x5u`) are ignored.
///
/// # Errors
/// It is not three parts in base64url of which two are JSON objects; a member stands twice; `crit`.
pub fn parse(text: &str) -> Result<Unverified, Malformed> {
    let (message, signature) = text.rsplit_once('.').ok_or(Malformed::Form)?;
    let (header, claims) = message.split_once('.').ok_or(Malformed::Form)?;
    let header = object(header)?;
    let claims = object(claims)?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| Malformed::Form)?;
    if header.contains_key("crit") {
        return Err(Malformed::Critical);
    }
    Ok(Unverified {
        message: message.to_owned(),
        signature,
        header,
        claims,
    })
}

fn object(part: &str) -> Result<Map<String, Value>, Malformed> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Malformed::Form)?;
    json::object(&bytes).map_err(|_| Malformed::Form)
}

impl Unverified {
    /// A member of the header.
    pub fn header(&self, name: &str) -> Option<&Value> {
        self.header.get(name)
    }

    /// What the header says. The key decides whether that is so (RFC 8725 §3.1).
    pub fn alg(&self) -> Option<SigningAlg> {
        SigningAlg::parse(self.header("alg")?.as_str()?)
    }

    /// A claim, to find out whose key to check the signature with.
    pub fn unverified_claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// The claims, if the signature holds: `holds` gets the message and the signature.
    pub fn verified(&self, holds: impl FnOnce(&[u8], &[u8]) -> bool) -> Option<Verified<'_>> {
        holds(self.message.as_bytes(), &self.signature).then_some(Verified(&self.claims))
    }
}

impl<'a> Verified<'a> {
    pub fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    pub fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }
}
