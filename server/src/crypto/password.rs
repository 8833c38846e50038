//! Passwords: argon2id, off the async threads, as many at a time as there are cores.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::CryptoError;
use super::random::Random;

/// People who may wait for a hash; past these the answer is 503.
const MAX_WAITING: usize = 128;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    random: Random,
    /// What an unknown user's password is compared with: the same work as for a known one.
    decoy: Arc<str>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    pub fn new(random: Random) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            permits: Arc::new(Semaphore::new(cores)),
            waiting: Arc::default(),
            random,
            // Verification takes its costs from the stored hash; no password has this one.
            decoy: Arc::from(format!(
                "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$ZGVjb3kgZGVjb3kgMDAwMA${}",
                "A".repeat(43)
            )),
        }
    }

    /// The hash to store, as a PHC string.
    ///
    /// # Errors
    /// [`CryptoError::Busy`] when too many wait.
    pub async fn hash(&self, password: &str) -> Result<String, CryptoError> {
        let salt: [u8; 16] = self.random.bytes();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        self.run(move || {
            argon2()
                .hash_password_with_salt(&password, &salt)
                .map(|hash| hash.to_string())
                .map_err(|_| CryptoError::Password)
        })
        .await?
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, after
    /// the same work.
    ///
    /// # Errors
    /// [`CryptoError::Busy`] when too many wait.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, CryptoError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        let password = Zeroizing::new(password.as_bytes().to_vec());
        self.run(move || {
            let right = PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2().verify_password(&password, &hash).is_ok());
            right && known
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CryptoError> {
        struct Place(Arc<AtomicUsize>);
        impl Drop for Place {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let place = Place(self.waiting.clone());
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= MAX_WAITING {
            return Err(CryptoError::Busy);
        }
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| CryptoError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work ends, even if whoever asked has gone away.
            let _permit = permit;
            work()
        })
        .await
        .map_err(|_| CryptoError::Password);
        drop(place);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_passes_and_nothing_else() {
        let passwords = Passwords::new(Random::System);
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let check = |password: &'static str, hash: Option<String>| {
            let passwords = passwords.clone();
            async move { passwords.verify(password, hash).await.unwrap() }
        };
        assert!(check("correct horse battery", Some(hash.clone())).await);
        assert!(!check("correct horse batter", Some(hash)).await);
        assert!(!check("correct horse battery", None).await);
    }

    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let passwords = Passwords::new(Random::System);
        let parsed = PasswordHash::new(&passwords.decoy).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        assert_eq!((params.m_cost(), params.t_cost()), (MEMORY_KIB, PASSES));
    }
}
