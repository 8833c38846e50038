//! JSON that others made, of which programs must not read different things.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The members of one object. A name that stands there twice is an error (RFC 8259 §4: programs
/// disagree which one counts; RFC 7515 §4 and RFC 7519 §4 let a JWT be refused for it).
///
/// # Errors
/// Anything else.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_slice::<Members>(text).map(|members| members.0)
}

/// The members of a JSON object, each of which stands there once.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    // RFC 8259 §4: of two members with one name, programs disagree which counts.
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 §4: the names of a header's parameters are unique.
    #[test]
    fn a_member_stands_once() {
        assert_eq!(object(b"{\"a\":1,\"b\":{}}").unwrap().len(), 2);
        for bad in [
            &b"{\"a\":1,\"a\":1}"[..],
            b"{\"a\":1,\"\\u0061\":2}",
            b"[]",
            b"{}{}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":\"\xff\"}",
            b"",
        ] {
            assert!(object(bad).is_err());
        }
    }
}
