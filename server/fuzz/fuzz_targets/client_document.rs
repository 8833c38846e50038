//! What clients say of themselves: metadata documents and registrations.
#![no_main]

use claviger::domain::client::AuthMethod;
use claviger::domain::{client_document, registration};
use contract::validate::redirect_uri::PlainHttp;
use libfuzzer_sys::fuzz_target;

const ADDRESS: &str = "https://agent.example/client.json";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if client_document::is_address(text) {
            let authority = text.strip_prefix("https://").expect("https alone");
            let authority = authority.split(['/', '?']).next().unwrap_or_default();
            assert!(!authority.contains('@') && !text.contains(['#', ' ', '\\']));
        }
        let _ = client_document::host(text);
    }
    if let Ok(members) = client_document::read(ADDRESS, bytes, |scope| scope == "read") {
        assert_eq!(members["client_id"], ADDRESS);
        assert!(!members.contains_key("client_secret"));
        let _ = registration::read(&members, AuthMethod::None, PlainHttp::Loopback);
    }
    if let Ok(members) = registration::parse(bytes) {
        let read = registration::read(&members, AuthMethod::ClientSecretBasic, PlainHttp::AnyHost);
        if let Ok((read, _)) = read {
            assert!(!read.name.trim().is_empty());
        }
    }
});
