//! The networks that limits count an address by: the one place that knows how large they are.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What one subscriber usually holds of IPv6 (RFC 6177 §2: between a /64 and a /48).
const LINK: u8 = 64;
const SITE: u8 = 48;
/// IPv4 addresses are handed out in blocks like this one.
const BLOCK: u8 = 24;

/// The networks of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Networks {
    /// The IPv4 address itself; the /64 of an IPv6 address.
    pub narrow: IpNet,
    /// The /48 of an IPv6 address, for which larger limits hold.
    pub wide: Option<IpNet>,
    /// The network that gets one share of a common quota: a /24 of IPv4, a /48 of IPv6.
    pub share: IpNet,
}

impl Networks {
    /// The largest network that one party may hold: the IPv4 address, the IPv6 /48.
    pub fn widest(&self) -> IpNet {
        self.wide.unwrap_or(self.narrow)
    }
}

/// The networks that count for this address.
pub fn networks(address: IpAddr) -> Networks {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let own = Ipv4Net::from(address);
            let block = Ipv4Net::new(address, BLOCK).map_or(own, |net| net.trunc());
            Networks {
                narrow: own.into(),
                wide: None,
                share: block.into(),
            }
        }
        IpAddr::V6(address) => {
            let of = |length| {
                let net = Ipv6Net::new(address, length);
                IpNet::from(net.map_or_else(|_| address.into(), |net| net.trunc()))
            };
            Networks {
                narrow: of(LINK),
                wide: Some(of(SITE)),
                share: of(SITE),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_counts_by_its_link_and_its_site() {
        for (address, narrow, wide, share) in [
            ("192.0.2.7", "192.0.2.7/32", None, "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.7/32", None, "192.0.2.0/24"),
            (
                "2001:db8:1:2:3:4:5:6",
                "2001:db8:1:2::/64",
                Some("2001:db8:1::/48"),
                "2001:db8:1::/48",
            ),
        ] {
            let found = networks(address.parse().unwrap());
            assert_eq!(found.narrow.to_string(), narrow);
            assert_eq!(found.wide.map(|net| net.to_string()).as_deref(), wide);
            assert_eq!(found.share.to_string(), share);
        }
    }
}
