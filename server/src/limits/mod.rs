//! Limits on what strangers may do: back-off after failures, quotas by network.
//!
//! Nothing here knows HTTP or the database; `http` reads the peer's address and hands it in.

pub mod quota;
pub mod rate;
pub mod throttle;
