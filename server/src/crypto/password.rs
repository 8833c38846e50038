//! Passwords: argon2id, off the async threads, as many at a time as there are cores.
//!
//! People whom we know have a queue of their own and are served first: strangers can fill theirs
//! and hold up no other person for longer than one hash takes. How much of it one network may fill is
//! decided before (`limits::places`).

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

/// Who asks for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A signed-in person, a browser that was in this account before, the command line.
    Known,
    Stranger,
}

/// Callers of one kind that may wait for a hash; past these the answer is 503.
const MAX_WAITING: usize = 128;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

#[derive(Clone)]
pub struct Passwords {
    queue: Queue,
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
            queue: Queue::new(cores),
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
    pub async fn hash(&self, password: &str, caller: Caller) -> Result<String, CryptoError> {
        let salt: [u8; 16] = self.random.bytes();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let work = move || {
            argon2()
                .hash_password_with_salt(&password, &salt)
                .map(|hash| hash.to_string())
                .map_err(|_| CryptoError::Password)
        };
        self.queue.run(caller, work).await?
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, after
    /// the same work.
    ///
    /// # Errors
    /// [`CryptoError::Busy`] when too many wait.
    pub async fn verify(
        &self,
        password: &str,
        hash: Option<String>,
        caller: Caller,
    ) -> Result<bool, CryptoError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let work = move || {
            let right = PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2().verify_password(&password, &hash).is_ok());
            right && known
        };
        self.queue.run(caller, work).await
    }
}

/// The work that waits for a core.
#[derive(Clone)]
struct Queue {
    cores: Arc<Semaphore>,
    /// A stranger waits here first. So of all strangers only those at work, or about to be, stand
    /// in the line for `cores`, and a known caller comes next.
    strangers: Arc<Semaphore>,
    /// Known callers, strangers.
    waiting: Arc<[AtomicUsize; 2]>,
}

/// Counts a caller who waits or is served.
struct Counted {
    waiting: Arc<[AtomicUsize; 2]>,
    kind: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting[self.kind].fetch_sub(1, Ordering::SeqCst);
    }
}

impl Queue {
    fn new(cores: usize) -> Self {
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            strangers: Arc::new(Semaphore::new(cores)),
            waiting: Arc::default(),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CryptoError> {
        let _counted = self.count(caller)?;
        let acquire = async |permits: &Arc<Semaphore>| {
            let permit = permits.clone().acquire_owned().await;
            permit.map_err(|_| CryptoError::Busy)
        };
        let turn = match caller {
            Caller::Known => None,
            Caller::Stranger => Some(acquire(&self.strangers).await?),
        };
        let core = acquire(&self.cores).await?;
        tokio::task::spawn_blocking(move || {
            // Held until the work ends, even if the caller has gone away. The core is free
            // before the next stranger is let in.
            let _turn = turn;
            let _core = core;
            work()
        })
        .await
        .map_err(|_| CryptoError::Password)
    }

    fn count(&self, caller: Caller) -> Result<Counted, CryptoError> {
        let counted = Counted {
            waiting: self.waiting.clone(),
            kind: usize::from(caller == Caller::Stranger),
        };
        let before = self.waiting[counted.kind].fetch_add(1, Ordering::SeqCst);
        if before >= MAX_WAITING {
            return Err(CryptoError::Busy);
        }
        Ok(counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_passes_and_nothing_else() {
        let passwords = Passwords::new(Random::System);
        let hash = passwords
            .hash("correct horse battery", Caller::Known)
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let check = |password: &'static str, hash: Option<String>| {
            let passwords = passwords.clone();
            async move {
                passwords
                    .verify(password, hash, Caller::Stranger)
                    .await
                    .unwrap()
            }
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

    /// On one core that is at work: callers come in this order, and are served in that one.
    async fn order(callers: &[(Caller, u8)]) -> Vec<u8> {
        let queue = Queue::new(1);
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (say, served) = std::sync::mpsc::channel();
        let start = |caller, work: Box<dyn FnOnce() + Send>| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.run(caller, work).await.unwrap() })
        };
        let mut tasks = vec![start(
            Caller::Stranger,
            Box::new(move || wait.recv().unwrap()),
        )];
        for (caller, name) in callers.iter().copied() {
            let say = say.clone();
            tasks.push(start(caller, Box::new(move || say.send(name).unwrap())));
        }
        tokio::task::yield_now().await;
        go.send(()).unwrap();
        for task in tasks {
            task.await.unwrap();
        }
        served.try_iter().collect()
    }

    #[tokio::test]
    async fn known_callers_are_served_before_strangers_who_came_earlier() {
        use Caller::{Known, Stranger};
        let callers = [
            (Stranger, 1),
            (Stranger, 2),
            (Known, 3),
            (Stranger, 4),
            (Known, 5),
        ];
        assert_eq!(order(&callers).await, [3, 5, 1, 2, 4]);
    }

    #[tokio::test]
    async fn strangers_who_fill_their_queue_leave_room_for_known_callers() {
        let queue = Queue::new(1);
        let counted: Vec<_> = (0..MAX_WAITING)
            .map(|_| queue.count(Caller::Stranger).unwrap())
            .collect();
        let busy = queue.run(Caller::Stranger, || ()).await;
        assert!(matches!(busy, Err(CryptoError::Busy)));
        queue.run(Caller::Known, || ()).await.unwrap();
        drop(counted);
        queue.run(Caller::Stranger, || ()).await.unwrap();
    }
}
