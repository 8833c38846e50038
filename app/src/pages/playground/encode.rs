//! The few encodings that an OAuth client needs, written out so that the reader of the source
//! sees that there is no magic in them.

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = 0_u32;
        for at in 0..3 {
            group = group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0));
        }
        for at in 0..=chunk.len() {
            let index = (group >> (18 - 6 * at)) & 63;
            text.push(char::from(alphabet[index as usize]));
        }
    }
    text
}

/// Base64url without padding (RFC 7515 §2).
pub(super) fn base64url(bytes: &[u8]) -> String {
    base64(bytes, URL_SAFE)
}

/// Base64url without padding, read strictly; `None` for anything else.
pub(super) fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    if text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut group, mut bits) = (0_u32, 0);
    for byte in text.bytes() {
        let value = URL_SAFE.iter().position(|&letter| letter == byte)?;
        group = (group << 6 | value as u32) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((group >> bits) as u8);
        }
    }
    Some(bytes)
}

/// Everything but RFC 3986's unreserved characters as `%XX`: right in a query and in a form.
pub(super) fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
            }
        }
    }
    encoded
}

/// `name=value` pairs for a query or a form.
pub(super) fn pairs(pairs: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&percent(name));
        text.push('=');
        text.push_str(&percent(value));
    }
    text
}

/// A query string (without `?`) as pairs, in its order, repeated names kept.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unpercent(name), unpercent(value))
        })
        .collect()
}

fn unpercent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let decoded = match (first, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => *first,
        };
        bytes.push(decoded);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// The `Authorization` header of a confidential client (RFC 6749 §2.3.1): both halves are
/// form-encoded before they are joined.
pub(super) fn basic(client_id: &str, secret: &str) -> String {
    let joined = format!("{}:{}", percent(client_id), percent(secret));
    let mut text = base64(joined.as_bytes(), STANDARD);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    format!("Basic {text}")
}

/// One argument for a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_there_and_back() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(plain.as_bytes()), encoded);
            assert_eq!(base64url_decode(encoded), Some(plain.as_bytes().to_vec()));
        }
        assert_eq!(base64url(&[0xfb, 0xff, 0xfe]), "-__-");
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(base64url_decode(&base64url(&all)), Some(all));
    }

    #[test]
    fn what_is_not_base64url_is_refused() {
        for text in ["Zg==", "Zm9v+", "Zm/v", "Z", "Zm9vY", "Zm 9", "é"] {
            assert_eq!(base64url_decode(text), None, "{text}");
        }
    }

    #[test]
    fn a_query_survives_the_way_there_and_back() {
        let sent = vec![
            ("scope".to_owned(), "openid read".to_owned()),
            ("state".to_owned(), "a+b&c=d%é".to_owned()),
            ("empty".to_owned(), String::new()),
        ];
        assert_eq!(query(&pairs(&sent)), sent);
        assert_eq!(
            query("a=1+2&a=%zz&%"),
            [("a", "1 2"), ("a", "%zz"), ("%", "")].map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
        assert_eq!(query(""), vec![]);
    }

    #[test]
    fn basic_credentials_are_encoded_before_they_are_joined() {
        // `a:b` and `s/é` would be ambiguous otherwise.
        assert_eq!(basic("a:b", "s/é"), "Basic YSUzQWI6cyUyRiVDMyVBOQ==");
    }

    #[test]
    fn a_quote_stays_inside_its_shell_argument() {
        assert_eq!(shell("it's"), r"'it'\''s'");
    }
}
