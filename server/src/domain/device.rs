//! The device grant (RFC 8628): a device waits with a device code while its user types the user
//! code somewhere else.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::grant::{Grant, SecretHash};
use super::scope::Scopes;
use super::time::Timestamp;

/// How long both codes are good for.
pub const DEVICE_CODE_LIFETIME: Duration = Duration::from_mins(30);
/// Between two polls (seconds), until the device is told to slow down.
pub const POLL_SECONDS: i64 = 5;
/// Added to the interval of a device that polls too fast (seconds, RFC 8628 §3.5).
pub const SLOW_DOWN_SECONDS: i64 = 5;

/// RFC 8628 §6.1: without vowels no word comes out, and without digits nothing is mistaken for
/// a letter.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// What a person types in: 8 letters, 34.5 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    /// Reads the code that the user typed. Case does not matter. Characters that can't be part of a
    /// code are skipped: hyphens, spaces, a full stop at the end (RFC 8628 §6.1).
    pub fn parse(text: &str) -> Option<Self> {
        let letters: Vec<u8> = text
            .bytes()
            .map(|b| b.to_ascii_uppercase())
            .filter(|b| ALPHABET.contains(b))
            .take(LENGTH + 1)
            .collect();
        letters.try_into().ok().map(Self)
    }

    /// Makes one of random bytes; asks for more as long as it needs them. Each letter is equally
    /// likely: bytes past the last whole multiple of the alphabet are left out.
    pub fn generate(mut random: impl FnMut() -> [u8; 16]) -> Self {
        let mut letters = [0; LENGTH];
        let mut made = 0;
        loop {
            for byte in random() {
                let place = usize::from(byte);
                if place >= 256 - 256 % ALPHABET.len() {
                    continue;
                }
                letters[made] = ALPHABET[place % ALPHABET.len()];
                made += 1;
                if made == LENGTH {
                    return Self(letters);
                }
            }
        }
    }

    /// The letters alone, to be hashed.
    pub fn letters(&self) -> &[u8] {
        &self.0
    }
}

/// As the device shows it: `BCDF-GHJK`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, letter) in self.0.iter().enumerate() {
            if place == LENGTH / 2 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode")
    }
}

/// A device that waits. Its id is also the id of the grant that it becomes, and of the flow's
/// trace.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceCode {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    /// Keyed: a user code is short.
    pub user_code_hash: SecretHash,
    pub client_id: String,
    /// What was asked for; once it is approved, what was granted.
    pub scopes: Scopes,
    /// URIs of the resource servers that were asked for (RFC 8707 §2).
    pub resources: Vec<String>,
    pub status: Status,
    /// Seconds.
    pub poll_interval: i64,
    pub polled_at: Option<Timestamp>,
    /// Who decided.
    pub user_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    Pending,
    Approved(Approval),
    Denied,
    Redeemed,
}

/// Who approved a device, and how they were signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    pub user_id: Uuid,
    /// The `sid` of the session.
    pub session_id: Uuid,
    pub auth_time: Timestamp,
    /// Names of RFC 8176, with a space between.
    pub amr: String,
}

impl DeviceCode {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

impl Grant {
    /// What an approved device code becomes; it ends with its last token, which is yet to be made.
    pub fn from_device(device: &DeviceCode, approval: &Approval, now: Timestamp) -> Self {
        Self {
            id: device.id,
            client_id: device.client_id.clone(),
            user_id: approval.user_id,
            session_id: approval.session_id,
            scopes: device.scopes.clone(),
            resources: device.resources.clone(),
            nonce: None,
            auth_time: approval.auth_time,
            amr: approval.amr.clone(),
            created_at: now,
            expires_at: now,
            revoked_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for text in [
            "BCDF-GHJK",
            "bcdfghjk",
            "bcdf ghjk",
            " Bcdf\u{2013}gHjk. ",
            "b-c-d-f-g-h-j-k",
        ] {
            let code = UserCode::parse(text).map(|code| code.to_string());
            assert_eq!(code.as_deref(), Some("BCDF-GHJK"), "{text}");
        }
        for text in ["", "BCDF-GHJ", "BCDF-GHJKL", "ABCD-EFGH", "1234-5678"] {
            assert_eq!(UserCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_letter_comes_up_and_no_other() {
        let mut seen = HashSet::new();
        for start in 0..=255_u8 {
            let code = UserCode::generate(|| std::array::from_fn(|_| start));
            seen.extend(code.letters().to_vec());
            if start == 239 {
                break;
            }
        }
        assert_eq!(seen.len(), ALPHABET.len());
    }

    #[test]
    fn bytes_that_would_favour_a_letter_are_left_out() {
        let mut round = 0;
        let code = UserCode::generate(|| {
            round += 1;
            if round == 1 { [240; 16] } else { [0; 16] }
        });
        assert_eq!((round, code.to_string().as_str()), (2, "BBBB-BBBB"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(bytes: [u8; 16]) {
            let mut all = bytes.into_iter().map(|b| b % 240).cycle();
            let code = UserCode::generate(|| std::array::from_fn(|_| all.next().unwrap_or(0)));
            prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
        }

        #[test]
        fn no_input_panics(text in ".{0,60}") {
            let _ = UserCode::parse(&text);
        }
    }
}
