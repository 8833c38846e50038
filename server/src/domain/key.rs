//! When a signing key is published and when it signs.

use super::application::SigningAlg;
use super::time::Timestamp;

/// How long clients may keep the JWKS (seconds): a new key is published for at least this long
/// before it signs, so that nobody meets a `kid` that a fresh enough copy does not hold.
pub const JWKS_MAX_AGE: i64 = 3600;
/// Between its publication and its first signature (seconds).
pub const PUBLISH_AHEAD: i64 = 2 * JWKS_MAX_AGE;
/// For how long a replaced key stays published (seconds): longer than an id_token lives.
pub const PUBLISH_AFTER: i64 = 24 * 3600;

/// A signing key as it is stored; the private part is sealed.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    pub kid: String,
    pub alg: SigningAlg,
    /// The public key as a JWK in JSON (RFC 7517).
    pub public_jwk: String,
    pub private_sealed: Vec<u8>,
    pub created_at: Timestamp,
    pub activates_at: Timestamp,
    pub retires_at: Option<Timestamp>,
}

/// What a key does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Next,
    Active,
    Retiring,
    Retired,
}

impl KeyState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

/// The key that signs: the one of this algorithm that became active last.
pub fn signer(keys: &[KeyRecord], alg: SigningAlg, now: Timestamp) -> Option<&KeyRecord> {
    keys.iter()
        .filter(|key| key.alg == alg && key.activates_at <= now)
        .max_by(|a, b| (a.activates_at, &a.kid).cmp(&(b.activates_at, &b.kid)))
}

pub fn state(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> KeyState {
    if key.activates_at > now {
        KeyState::Next
    } else if signer(keys, key.alg, now).is_some_and(|active| active.kid == key.kid) {
        KeyState::Active
    } else if key.retires_at.is_some_and(|at| at <= now) {
        KeyState::Retired
    } else {
        KeyState::Retiring
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, activates_at: i64, retires_at: Option<i64>) -> KeyRecord {
        KeyRecord {
            kid: kid.to_owned(),
            alg: SigningAlg::Rs256,
            public_jwk: String::new(),
            private_sealed: Vec::new(),
            created_at: Timestamp(0),
            activates_at: Timestamp(activates_at),
            retires_at: retires_at.map(Timestamp),
        }
    }

    #[test]
    fn a_new_key_is_published_before_it_signs_and_the_old_one_after() {
        let keys = [key("old", 0, Some(200)), key("new", 100, None)];
        let at = |now| {
            let now = Timestamp(now);
            (
                signer(&keys, SigningAlg::Rs256, now).map(|k| k.kid.as_str()),
                state(&keys[0], &keys, now),
                state(&keys[1], &keys, now),
            )
        };
        assert_eq!(at(50), (Some("old"), KeyState::Active, KeyState::Next));
        assert_eq!(at(100), (Some("new"), KeyState::Retiring, KeyState::Active));
        assert_eq!(at(200), (Some("new"), KeyState::Retired, KeyState::Active));
    }
}
