//! Authenticated encryption: AES-256-GCM with a random nonce before the ciphertext.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::CryptoError;
use super::random::Random;

pub struct Seal(LessSafeKey);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// # Errors
    /// The library refuses the key: can't happen for 32 bytes.
    pub fn new(key: &[u8; 32]) -> Result<Self, CryptoError> {
        UnboundKey::new(&AES_256_GCM, key)
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| CryptoError::Seal)
    }

    /// `context` is bound to the result and has to be given again to open it.
    ///
    /// # Errors
    /// The library fails.
    pub fn seal(
        &self,
        plain: &[u8],
        context: &[u8],
        random: &Random,
    ) -> Result<Vec<u8>, CryptoError> {
        let nonce: [u8; NONCE_LEN] = random.bytes();
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut sealed,
            )
            .map_err(|_| CryptoError::Seal)?;
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        Ok(out)
    }

    /// # Errors
    /// Damaged, sealed with another key or for another context.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (nonce, rest) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(CryptoError::Seal)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoError::Seal)?;
        let mut buffer = rest.to_vec();
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(context), &mut buffer)
            .map_err(|_| CryptoError::Seal)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_context() {
        let random = Random::counter();
        let seal = Seal::new(&[7; 32]).unwrap();
        let other = Seal::new(&[8; 32]).unwrap();
        let sealed = seal.seal(b"hello", b"a", &random).unwrap();
        assert_eq!(seal.open(&sealed, b"a").unwrap(), b"hello");
        assert!(seal.open(&sealed, b"b").is_err());
        assert!(other.open(&sealed, b"a").is_err());
        assert!(seal.open(&sealed[..11], b"a").is_err());
        let mut damaged = sealed;
        damaged[20] ^= 1;
        assert!(seal.open(&damaged, b"a").is_err());
    }
}
