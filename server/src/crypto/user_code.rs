//! User codes of the device grant at rest.
//!
//! A user code has 34.5 bits, so a plain hash of it could be undone by trying all of them; keyed,
//! a stolen database says nothing about the codes that are live.

use aws_lc_rs::hmac;

use super::secret_key::SecretKey;
use crate::domain::device::UserCode;

/// HMAC-SHA-256 under a key of its own.
pub fn hash(key: &SecretKey, code: &UserCode) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key.derive("user codes"));
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&key, code.letters()).as_ref());
    out
}
