//! Which addresses are public: on no list of the IANA's special-purpose registries
//! (RFC 6890; iana-ipv4-special-registry, iana-ipv6-special-registry).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address and prefix length of everything in IPv4 that is not public.
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    // "This network" (RFC 791 §3.2).
    ([0, 0, 0, 0], 8),
    // Private use (RFC 1918).
    ([10, 0, 0, 0], 8),
    // Shared address space of carriers (RFC 6598).
    ([100, 64, 0, 0], 10),
    // Loopback.
    ([127, 0, 0, 0], 8),
    // Link-local (RFC 3927); clouds keep their metadata at 169.254.169.254.
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    // Protocol assignments (RFC 6890 §2.1).
    ([192, 0, 0, 0], 24),
    // Documentation (RFC 5737).
    ([192, 0, 2, 0], 24),
    // 6to4 relays (RFC 7526).
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    // Benchmarks (RFC 2544).
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast.
    ([224, 0, 0, 0], 4),
    // Reserved, with the broadcast address at its end.
    ([240, 0, 0, 0], 4),
    // Metadata of one cloud, inside an otherwise public block.
    ([168, 63, 129, 16], 32),
];

/// The same within 2000::/3, outside of which nothing is public.
const SPECIAL_V6: [(u128, u32); 4] = [
    // Protocol assignments with Teredo 2001::/32 and benchmarks 2001:2::/48 (RFC 2928).
    (0x2001 << 112, 23),
    // Documentation (RFC 3849, RFC 9637).
    (0x2001_0db8 << 96, 32),
    (0x3fff << 112, 20),
    // 6to4 (RFC 3056): the address inside decides, and it reaches no host today.
    (0x2002 << 112, 16),
];

/// 64:ff9b::/96: an IPv4 address as seen from a network that has only IPv6 (RFC 6052 §2.1).
const NAT64: u128 = 0x0064_ff9b << 96;

/// Whether this address belongs to the public internet and to no other network.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !SPECIAL_V4.iter().any(|(first, length)| {
        let mask = u32::MAX << (32 - length);
        bits & mask == u32::from(Ipv4Addr::from(*first))
    })
}

fn public_v6(address: Ipv6Addr) -> bool {
    // ::ffff:a.b.c.d reaches a.b.c.d (RFC 4291 §2.5.5.2).
    if let Some(inside) = address.to_ipv4_mapped() {
        return public_v4(inside);
    }
    let bits = u128::from(address);
    if bits >> 32 == NAT64 >> 32 {
        let inside = Ipv4Addr::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap_or(0));
        return public_v4(inside);
    }
    // Global unicast (RFC 4291 §2.4) is what has been given out so far. Loopback, unspecified,
    // IPv4-compatible, unique-local, link-local, site-local and multicast are outside of it.
    bits >> 125 == 0b001
        && !SPECIAL_V6
            .iter()
            .any(|(first, length)| bits & (u128::MAX << (128 - length)) == *first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn which_addresses_are_public() {
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for special in [
            // IPv4, the ends of each block.
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "169.254.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            "168.63.129.16",
            // IPv6.
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "100::1",
            "2001:db8::1",
            "3fff::1",
            "2001:2::1",
            "2001:10::1",
            "5f00::1",
            "4000::1",
            // IPv4 within IPv6: mapped, compatible, NAT64 (also its local prefix), 6to4, Teredo.
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::",
            "2001::7f00:1",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }

    proptest! {
        #[test]
        fn what_the_standard_library_knows_to_be_special_is_not_public(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_broadcast() || v4.is_documentation() || v4.is_multicast()
                || v4.is_unspecified();
            prop_assert!(!(special && is_public(IpAddr::V4(v4))));
        }

        #[test]
        fn an_address_within_another_is_as_public_as_by_itself(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let public = is_public(IpAddr::V4(v4));
            let mapped = IpAddr::V6(v4.to_ipv6_mapped());
            let nat64 = IpAddr::V6(Ipv6Addr::from_bits(NAT64 | u128::from(bits)));
            prop_assert_eq!(is_public(mapped), public);
            prop_assert_eq!(is_public(nat64), public);
            let compatible = IpAddr::V6(Ipv6Addr::from_bits(u128::from(bits)));
            let six_to_four = IpAddr::V6(Ipv6Addr::from_bits(
                (0x2002 << 112) | (u128::from(bits) << 80),
            ));
            prop_assert!(!is_public(compatible) && !is_public(six_to_four));
        }

        #[test]
        fn nothing_outside_of_global_unicast_is_public(bits: u128) {
            let v6 = Ipv6Addr::from_bits(bits);
            let local = v6.is_loopback() || v6.is_unspecified() || v6.is_multicast()
                || v6.is_unique_local() || v6.is_unicast_link_local();
            prop_assert!(!(local && is_public(IpAddr::V6(v6))));
            let unique_local = Ipv6Addr::from_bits((bits >> 7) | (0b111_1110 << 121));
            prop_assert!(!is_public(IpAddr::V6(unique_local)));
        }
    }
}
