//! How values lie in columns. Knows the domain only.

use uuid::Uuid;

use super::StoreError;
use crate::domain::grant::SecretHash;
use crate::domain::scope::Scopes;
use crate::domain::time::Timestamp;

/// A stored hash back as an array.
pub(super) fn hash_of(bytes: Vec<u8>) -> Result<SecretHash, StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt("a hash is not 32 bytes long".to_owned()))
}

/// A stored set of scopes.
pub(super) fn scopes_of(text: &str) -> Scopes {
    text.split(' ').filter(|name| !name.is_empty()).collect()
}

/// A stored list of words: URIs, or names of methods.
pub(super) fn split_words(text: &str) -> Vec<String> {
    text.split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The smallest id that can have been made at this time (RFC 9562 §5.7: a UUIDv7 begins with 48
/// bits of Unix milliseconds).
pub(super) fn first_id_at(time: Timestamp) -> Uuid {
    let millis = u128::try_from(time.millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    Uuid::from_u128(millis << 80)
}
