use axum::http::HeaderValue;

use super::*;

const F: &str = "forwarded";
const X: &str = "x-forwarded-for";
/// A trusted proxy.
const PROXY: &str = "10.0.0.1";

/// Whom a request counts as that this peer sends with these headers.
fn found(peer: &str, sent: &[(&'static str, &str)]) -> String {
    let trusted = TrustedProxies::parse(&["10.0.0.0/8", "2001:db8:f::/48"]).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
}

#[test]
fn a_peer_that_is_not_trusted_is_believed_in_nothing() {
    let sent = [(F, "for=192.0.2.1"), (X, "192.0.2.1")];
    assert_eq!(found("198.51.100.1", &sent), "198.51.100.1");
    assert_eq!(found("2001:db8:e::1", &sent), "2001:db8:e::1");
}

#[test]
fn a_proxy_that_says_nothing_is_the_client() {
    for sent in [
        &[][..],
        &[(X, "")],
        &[(F, "")],
        &[(X, " , ,")],
        &[(F, ";,")],
    ] {
        assert_eq!(found(PROXY, sent), PROXY, "{sent:?}");
    }
}

#[test]
fn the_right_most_hop_that_is_not_trusted_is_the_client() {
    for (sent, client) in [
        ("192.0.2.1", "192.0.2.1"),
        ("198.51.100.1, 192.0.2.1", "192.0.2.1"),
        ("198.51.100.1,192.0.2.1 , 10.9.9.9,,10.1.1.1,", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711, 2001:db8:f::2", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, ::ffff:10.0.0.9", "192.0.2.1"),
        // Trusted all the way: the first of them.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ] {
        assert_eq!(found(PROXY, &[(X, sent)]), client, "{sent}");
    }
}

#[test]
fn what_is_no_address_ends_the_way_at_the_last_trusted_proxy() {
    for (sent, client) in [
        ("192.0.2.1, unknown", PROXY),
        ("192.0.2.1, _hidden, 10.0.0.2", "10.0.0.2"),
        ("192.0.2.1, \"192.0.2.2\"", PROXY),
        ("192.0.2.1, 192.0.2.256", PROXY),
        ("192.0.2.1, 192.0.2.2:", PROXY),
        ("192.0.2.1, 192.0.2.2:http", PROXY),
        ("192.0.2.1, 192.0.2.2:123456", PROXY),
        ("192.0.2.1, [2001:db8::1", PROXY),
        ("192.0.2.1, [192.0.2.2]", PROXY),
        ("192.0.2.1, [fe80::1%eth0]", PROXY),
        ("192.0.2.1, [2001:db8::1]4711", PROXY),
        ("192.0.2.1, 192.0.2.2 10.0.0.2", PROXY),
        ("192.0.2.1, \u{e9}", PROXY),
        // Only what is nearer than the client counts.
        ("\u{e9}, unknown, 192.0.2.1", "192.0.2.1"),
    ] {
        assert_eq!(found(PROXY, &[(X, sent)]), client, "{sent}");
    }
}

/// RFC 7239 §4, §6: parameters in any order and case, values quoted or not, IPv6 in brackets,
/// ports, obfuscated and unknown nodes.
#[test]
fn forwarded_is_read_as_the_standard_says() {
    for (sent, client) in [
        ("for=192.0.2.1", "192.0.2.1"),
        ("For=\"192.0.2.1:4711\"", "192.0.2.1"),
        ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
        (
            "for=\"[2001:db8::1]\";proto=https;by=10.0.0.1",
            "2001:db8::1",
        ),
        (
            "proto=https; FOR=192.0.2.1 ;host=\"a,b;c\\\"d\"",
            "192.0.2.1",
        ),
        (
            "for=198.51.100.1, for=192.0.2.1;by=10.0.0.9, for=10.0.0.2",
            "192.0.2.1",
        ),
        ("for=\"192.0.2.1:_port\"", "192.0.2.1"),
        ("for=\"19\\2.0.2.1\"", "192.0.2.1"),
        ("for=192.0.2.1:4711", "192.0.2.1"),
        ("for=192.0.2.1,", "192.0.2.1"),
        // Hidden, unknown, or not said.
        ("for=192.0.2.1, for=_hidden", PROXY),
        ("for=192.0.2.1, for=unknown, for=10.0.0.2", "10.0.0.2"),
        ("for=192.0.2.1, for=\"_hidden:4711\"", PROXY),
        ("for=192.0.2.1, proto=https", PROXY),
        ("for=192.0.2.1, for=", PROXY),
        // Malformed: nothing of the line counts.
        ("for=192.0.2.1;for=192.0.2.2", PROXY),
        ("for=192.0.2.1, for", PROXY),
        ("for=192.0.2.1, for =192.0.2.2", PROXY),
        ("for=192.0.2.1, =192.0.2.2", PROXY),
        ("for=192.0.2.1 for=192.0.2.2", PROXY),
        ("for=\"192.0.2.1", PROXY),
        ("for=\"192.0.2.1\"x", PROXY),
        ("for=\"192.0.2.1\\", PROXY),
        // A quote that the client opened does not swallow what the proxy has added.
        ("for=192.0.2.1;x=\", for=192.0.2.2", PROXY),
        ("for=192.0.2.1;x=\", for=\"[2001:db8::2]\"", PROXY),
    ] {
        assert_eq!(found(PROXY, &[(F, sent)]), client, "{sent}");
    }
}

/// RFC 9110 §5.3: lines of one name are one list, in their order.
#[test]
fn many_lines_are_one_list() {
    let of_custom = [
        (X, "198.51.100.1"),
        (X, "192.0.2.1, 10.0.0.3"),
        (X, "10.0.0.2"),
    ];
    assert_eq!(found(PROXY, &of_custom), "192.0.2.1");
    let standard = [
        (F, "for=\"oops"),
        (F, "for=192.0.2.1, for=10.0.0.3"),
        (F, "for=10.0.0.2"),
    ];
    assert_eq!(found(PROXY, &standard), "192.0.2.1");
    let hidden = [(F, "for=192.0.2.1"), (F, "for=\"oops"), (F, "for=10.0.0.2")];
    assert_eq!(found(PROXY, &hidden), "10.0.0.2");
}

#[test]
fn where_the_headers_disagree_the_request_is_the_proxys_own() {
    for (standard, of_custom, client) in [
        ("for=192.0.2.1", "192.0.2.1", "192.0.2.1"),
        (
            "for=198.51.100.1, for=192.0.2.1",
            "192.0.2.1, 10.0.0.2",
            "192.0.2.1",
        ),
        ("for=192.0.2.1", "192.0.2.2", PROXY),
        ("for=unknown", "192.0.2.2", PROXY),
        ("for=192.0.2.1", "nonsense", PROXY),
        // An empty one says nothing.
        ("", "192.0.2.2", "192.0.2.2"),
        ("for=192.0.2.1", "", "192.0.2.1"),
    ] {
        let sent = [(F, standard), (X, of_custom)];
        assert_eq!(found(PROXY, &sent), client, "{standard} | {of_custom}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_the_parser(line: Vec<u8>) {
        let _ = elements(&line);
        let _ = node(&line);
    }

    /// Whatever the client wrote before it, what the proxy adds decides, or nothing does.
    #[test]
    fn a_client_does_not_choose_its_own_address(sent in "[ -~]{0,40}") {
        for (name, value) in [
            (X, format!("{sent}, 192.0.2.1")),
            (F, format!("{sent}, for=192.0.2.1")),
            (F, format!("{sent}, for=\"192.0.2.1:80\";proto=https;host=\"a.example:80\"")),
        ] {
            let client = found(PROXY, &[(name, &value)]);
            proptest::prop_assert!(["192.0.2.1", PROXY].contains(&client.as_str()), "{value}");
        }
    }
}
