//! From names to addresses that may be connected to.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{AllowedNetwork, Reach};

/// What a name resolves to, once it is known.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks names up. Tests bring their own; what comes out is checked in any case.
pub trait Resolver: Send + Sync {
    fn lookup(&self, name: &str) -> Lookup;
}

/// The operating system's.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn lookup(&self, name: &str) -> Lookup {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The HTTP library asks this one right before it connects, and connects to nothing else: there
/// is no moment between check and use in which a name could change its address.
pub(super) struct Checked {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) target: AllowedNetwork,
    pub(super) reach: Reach,
}

/// One of the addresses is not allowed, so none is used.
#[derive(Debug, thiserror::Error)]
#[error("the host has an address that is not public")]
pub(super) struct NotAllowed;

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.resolver.lookup(name.as_str());
        let (target, reach) = (self.target, self.reach);
        Box::pin(async move {
            let addresses = lookup.await?;
            if !target.allows(&addresses) {
                return Err(NotAllowed.into());
            }
            let addresses: Vec<SocketAddr> = match reach {
                Reach::StandIn(stand_in) if !addresses.iter().all(IpAddr::is_loopback) => {
                    vec![stand_in]
                }
                _ => addresses
                    .into_iter()
                    .map(|address| SocketAddr::new(address, 0))
                    .collect(),
            };
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
