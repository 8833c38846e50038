//! Between HTTP and the rest: parameters in, answers out, cookies, headers, limits.
//!
//! Handlers live in `oauth`, `api` and `web`; what all of them need of HTTP is here, and
//! nothing of what they decide.

pub mod accept;
pub mod address;
pub mod authorization;
pub mod cookies;
pub mod cors;
pub mod csrf;
mod forwarded;
pub mod health;
pub mod listen;
pub mod media_type;
pub mod params;
pub mod request_id;
pub mod response;
pub mod security;
pub mod session;

pub use address::PeerAddress;
pub use request_id::RequestId;
pub use security::CspNonce;
