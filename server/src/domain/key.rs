//! When a signing key is published, when it signs, and when it is forgotten.
//!
//! A key is made and published (next), signs once every cached copy of the JWKS can hold it
//! (active), stays published after its successor took over until nothing that it signed counts
//! any more (retiring), and then loses its private part (retired). Its public part is kept for
//! good: an `id_token_hint` of any age is verified with it (OpenID Connect Core 1.0 §3.1.2.1).

use std::time::Duration;

use contract::named;

use super::client::SigningAlg;
use super::time::Timestamp;

/// How long clients may keep the JWKS: a new key is published for at least this long
/// before it signs, so a client never meets a `kid` that its fresh copy lacks.
pub const JWKS_MAX_AGE: Duration = Duration::from_hours(1);
/// Between its publication and its first signature.
pub const PUBLISH_AHEAD: Duration = JWKS_MAX_AGE.saturating_mul(2);
/// The longest time for which anything that we sign may be good: an access token as a
/// JWT (RFC 9068). id_tokens and logout tokens live shorter.
pub const LONGEST_SIGNED: Duration = Duration::from_hours(24);
/// For how long a replaced key stays published: what it signed last must be verified
/// until its end, by copies of the JWKS that were read at any time.
pub const PUBLISH_AFTER: Duration = Duration::from_hours(48);
/// A key that has signed for this long is replaced.
pub const ROTATE_EVERY: Duration = Duration::from_hours(90 * 24);

const _: () = assert!(PUBLISH_AHEAD.as_secs() > JWKS_MAX_AGE.as_secs());
const _: () = assert!(
    PUBLISH_AFTER.as_secs()
        >= LONGEST_SIGNED.as_secs() + PUBLISH_AHEAD.as_secs() + JWKS_MAX_AGE.as_secs()
);

/// A signing key as it is stored; the private part is sealed.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    pub kid: String,
    pub alg: SigningAlg,
    /// The public key as a JWK in JSON (RFC 7517).
    pub public_jwk: String,
    /// Empty once the key has retired.
    pub private_sealed: Vec<u8>,
    pub created_at: Timestamp,
    pub activates_at: Timestamp,
    pub retires_at: Option<Timestamp>,
    /// Since when nothing that it signed counts: it may be known to others.
    pub revoked_at: Option<Timestamp>,
}

named! {
    /// What a key does at a moment.
    pub enum KeyState {
        Next = "next",
        Active = "active",
        Retiring = "retiring",
        Retired = "retired",
        Revoked = "revoked",
    }
}

/// The key that signs: the one of this algorithm that became active last. Where all become active
/// later, the first of them: they were made while the clock was ahead, and a server that signs
/// nothing until then helps no client.
pub fn signer(keys: &[KeyRecord], alg: SigningAlg, now: Timestamp) -> Option<&KeyRecord> {
    let trusted = || {
        keys.iter()
            .filter(|key| key.alg == alg && key.revoked_at.is_none())
    };
    let order = |key: &&KeyRecord| (key.activates_at, key.kid.clone());
    trusted()
        .filter(|key| key.activates_at <= now)
        .max_by_key(order)
        .or_else(|| trusted().min_by_key(order))
}

pub fn state(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> KeyState {
    if key.revoked_at.is_some() {
        KeyState::Revoked
    } else if signer(keys, key.alg, now).is_some_and(|active| active.kid == key.kid) {
        KeyState::Active
    } else if key.activates_at > now {
        KeyState::Next
    } else if key.retires_at.is_some_and(|at| at <= now) {
        KeyState::Retired
    } else {
        KeyState::Retiring
    }
}

/// Whether it is time to make the next key of this algorithm: the one that signs is old, and no
/// successor waits.
pub fn wants_rotation(keys: &[KeyRecord], alg: SigningAlg, now: Timestamp) -> bool {
    // One that waits for longer than any key was made while the clock was ahead.
    let soon = now + PUBLISH_AHEAD;
    let waits = keys.iter().any(|key| {
        key.alg == alg
            && key.revoked_at.is_none()
            && key.activates_at > now
            && key.activates_at <= soon
    });
    !waits && signer(keys, alg, now).is_some_and(|active| active.activates_at + ROTATE_EVERY <= now)
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
            revoked_at: None,
        }
    }

    /// OpenID Connect Core 1.0 §10.1.1: a key is published before it signs and after.
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

    #[test]
    fn a_key_that_was_made_while_the_clock_was_ahead_signs_all_the_same() {
        let keys = [
            key("first", 3_600_000, None),
            key("second", 7_200_000, None),
        ];
        let now = Timestamp(0);
        let signs = signer(&keys, SigningAlg::Rs256, now).map(|k| k.kid.as_str());
        assert_eq!(signs, Some("first"));
        assert_eq!(state(&keys[0], &keys, now), KeyState::Active);
        assert_eq!(state(&keys[1], &keys, now), KeyState::Next);
    }

    #[test]
    fn a_revoked_key_signs_no_more() {
        let mut keys = [key("old", 0, None), key("new", 100, None)];
        keys[1].revoked_at = Some(Timestamp(150));
        let now = Timestamp(200);
        let signs = signer(&keys, SigningAlg::Rs256, now).map(|k| k.kid.as_str());
        assert_eq!(signs, Some("old"));
        assert_eq!(state(&keys[1], &keys, now), KeyState::Revoked);
    }

    #[test]
    fn an_old_key_is_replaced_once() {
        let due = (Timestamp(0) + ROTATE_EVERY).millis();
        let wants =
            |keys: &[KeyRecord], now| wants_rotation(keys, SigningAlg::Rs256, Timestamp(now));
        let old = [key("old", 0, None)];
        assert!(!wants(&old, due - 1));
        assert!(wants(&old, due));
        assert!(!wants_rotation(&old, SigningAlg::Es256, Timestamp(due)));
        let waiting = [key("old", 0, None), key("new", due + 5, None)];
        assert!(!wants(&waiting, due));
        // Made while the clock was ten years ahead.
        let far = [key("old", 0, None), key("far", 40 * due, None)];
        assert!(wants(&far, due));
        assert!(!wants(&waiting, due + 5));
        assert!(wants(&waiting, 2 * due + 5));
    }
}
