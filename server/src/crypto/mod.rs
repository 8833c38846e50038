//! Everything that touches a secret: randomness, hashes, seals, passwords, signing keys.
//!
//! Nothing in here logs, and no type in here shows a secret through `Debug`. One library does
//! the work (aws-lc-rs); argon2 is the exception, since it has none.

pub mod client_secret;
pub mod hash;
pub mod jose;
pub mod jws;
pub mod keyring;
pub mod pack;
pub mod password;
pub mod public_key;
pub mod random;
pub mod seal;
pub mod secret_key;
pub mod user_code;

/// What can go wrong in here. Says what, never with which bytes.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    #[error("the secret key file {path}: {problem}")]
    SecretKey { path: String, problem: String },
    #[error("what was sealed can't be opened with this secret key")]
    Seal,
    #[error("a signing key can't be {0}")]
    SigningKey(&'static str),
    #[error("password hashing failed")]
    Password,
    #[error("too many people sign in at this moment")]
    Busy,
}
