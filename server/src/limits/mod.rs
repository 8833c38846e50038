//! Limits on what strangers may do: back-off after failures, quotas and places by network.
//!
//! Nothing here knows HTTP or the database; `http::address` finds the client's address, and
//! [`network`] says which networks count for it.

pub mod network;
pub mod places;
pub mod quota;
pub mod rate;
pub mod throttle;

use places::Places;
use quota::{Limit, Quota};
use rate::Rate;
use throttle::Throttle;

/// Applications that came without a token, or by their documents, at most of either kind.
pub const MAX_SELF_MADE: u64 = 10_000;
/// How many of them one network may bring: no single one can fill the room of all.
pub const SHARE: u64 = MAX_SELF_MADE / 10;

/// So many traces may strangers cause of one client in a minute; past these they are counted.
const TRACES: u32 = 120;

/// The limits of a server.
#[derive(Debug)]
pub struct Limits {
    /// Failed sign-ins and wrong codes of devices.
    pub throttle: Throttle,
    /// Who may wait for a password to be checked.
    pub password_checks: Places,
    /// Applications that are registered without a token.
    pub registrations: Quota,
    /// Changes of a registration by the application itself.
    pub registration_updates: Quota,
    /// Metadata documents that are read for the first time.
    pub first_reads: Quota,
    /// Device codes of public clients.
    pub device_requests: Quota,
    /// Pushed requests of public clients.
    pub pushed_requests: Quota,
    /// Links to set a new password.
    pub password_resets: Quota,
    /// Traces that strangers cause, by client.
    pub traces: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        let quota = |network, wide, client, seconds| {
            Quota::new(Limit {
                network,
                wide,
                client,
                seconds,
            })
        };
        Self {
            throttle: Throttle::default(),
            password_checks: Places::default(),
            registrations: quota(50, 200, u32::MAX, 3600),
            registration_updates: quota(100, 400, 60, 3600),
            first_reads: quota(50, 200, u32::MAX, 600),
            device_requests: quota(100, 400, 2000, 600),
            pushed_requests: quota(300, 1200, 6000, 600),
            password_resets: quota(30, 120, u32::MAX, 3600),
            traces: Rate::new(TRACES),
        }
    }
}
