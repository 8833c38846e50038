//! The proxies that may say where a request comes from.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};

/// Networks of proxies. Empty: a peer is believed in nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Each part is a network (`10.0.0.0/8`) or an address, which stands for itself.
    ///
    /// # Errors
    /// The first part that is neither.
    pub fn parse(parts: &[&str]) -> Result<Self, String> {
        let each = |part: &&str| network(part).ok_or_else(|| (*part).to_owned());
        parts.iter().map(each).collect::<Result<_, _>>().map(Self)
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every address is inside.
    pub fn contains_all(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&names.join(", "))
    }
}

fn network(text: &str) -> Option<IpNet> {
    let parsed = text.parse::<IpNet>().ok();
    let network = parsed.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(canonical(network.trunc()))
}

/// Addresses are compared in their canonical form, so an IPv4 network inside IPv6 is one of IPv4.
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network.addr().to_canonical() {
        IpAddr::V4(address) if matches!(network, IpNet::V6(_)) => network
            .prefix_len()
            .checked_sub(96)
            .and_then(|length| Ipv4Net::new(address, length).ok()),
        _ => None,
    };
    mapped.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_or_an_address_is_one_of_proxies() {
        let parts = [
            "10.0.0.1/8",
            "192.0.2.1",
            "2001:db8::/32",
            "::ffff:172.16.0.0/108",
        ];
        let trusted = TrustedProxies::parse(&parts).unwrap();
        assert_eq!(
            trusted.to_string(),
            "10.0.0.0/8, 192.0.2.1/32, 2001:db8::/32, 172.16.0.0/12"
        );
        for (address, inside) in [
            ("10.255.0.1", true),
            ("::ffff:10.255.0.1", true),
            ("11.0.0.1", false),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::1", false),
            ("172.31.0.1", true),
            ("172.32.0.1", false),
        ] {
            assert_eq!(
                trusted.contains(address.parse().unwrap()),
                inside,
                "{address}"
            );
        }
        assert!(!TrustedProxies::default().contains(IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn what_is_no_network_is_named() {
        for part in [
            "proxy",
            "10.0.0.0/33",
            "10.0.0",
            "10.0.0.0/8/8",
            "[::1]",
            "::1/129",
        ] {
            let parts = ["127.0.0.1", part];
            assert_eq!(TrustedProxies::parse(&parts).unwrap_err(), part);
        }
    }
}
