//! What may be shown and kept of a text that came from outside: a secret only as a fingerprint.
//!
//! Values decide, not names: a token is one in whatever parameter, address or header it was sent.
//! [`redact`] hides inside of a text whatever begins with a prefix of ours, every JWT (JWS and
//! JWE in their compact form) and Basic credentials, however they were percent-encoded, escaped
//! for JSON or wrapped in base64. [`value`] also hides what a name says to be secret, since a
//! password has no form of its own. Both are linear in the text, and must never panic.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use aws_lc_rs::digest;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet::Alphabet};

/// A text is read as it is written, and decoded so many times less one.
const READINGS: usize = 8;
/// Less than this is no secret.
const SHORTEST: usize = 8;
/// So much of a JWT's header is looked at.
const HEADER: usize = 8 * 1024;
/// So many places of a segment are tried as the start of a header.
const STARTS: usize = 16;

const fn lenient(alphabet: &Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(
        alphabet,
        config.with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    )
}

const URL: GeneralPurpose = lenient(&URL_SAFE);
const PLAIN: GeneralPurpose = lenient(&STANDARD);

/// Values of parameters with these names are secrets whatever they look like. Lower case,
/// without what is no letter: `clientSecret` is `client_secret`.
const NAMES: [&str; 32] = [
    "accesstoken",
    "actortoken",
    "apikey",
    "assertion",
    "authorization",
    "clientassertion",
    "code",
    "codechallenge",
    "codeverifier",
    "cookie",
    "devicecode",
    "flow",
    "idtoken",
    "idtokenhint",
    "initialaccesstoken",
    "jwt",
    "logouttoken",
    "nonce",
    "otp",
    "pin",
    "refreshtoken",
    "registrationaccesstoken",
    "request",
    "requesturi",
    "sessionid",
    "state",
    "subjecttoken",
    "token",
    "totp",
    "userassertion",
    "usercode",
    "verifier",
];
/// Names that hold one of these are too.
const PARTS: [&str; 5] = ["secret", "password", "passwd", "passphrase", "privatekey"];

/// What a log or a trace may show of a secret: enough to compare, too little to use.
pub fn fingerprint(secret: &str) -> String {
    fingerprint_of(secret.as_bytes())
}

fn fingerprint_of(secret: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, secret);
    let mut text = String::from("fingerprint ");
    for byte in &hash.as_ref()[..4] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether the value of a parameter with this name is a secret whatever it looks like.
pub fn is_secret_name(name: &str) -> bool {
    let name: String = name
        .chars()
        .take(100)
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

/// What may be shown of the value of a parameter.
pub fn value<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if is_secret_name(name) && !value.is_empty() {
        Cow::Owned(fingerprint(value))
    } else {
        redact(value)
    }
}

/// The text with a fingerprint in the place of every secret in it.
pub fn redact(text: &str) -> Cow<'_, str> {
    if text.len() < SHORTEST {
        return Cow::Borrowed(text);
    }
    let mut found = Vec::new();
    let mut read = Some(Reading::of(text));
    for _ in 0..READINGS {
        let Some(reading) = read else { break };
        reading.secrets(&mut found);
        read = reading.decoded();
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut found = found.into_iter().peekable();
    while let Some((mut span, fingerprint)) = found.next() {
        while let Some((next, _)) = found.next_if(|(next, _)| next.start < span.end) {
            span.end = span.end.max(next.end);
        }
        out.push_str(&text[done..span.start]);
        out.push_str(&fingerprint);
        done = span.end;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// A text as it is written, or as it is meant when it is decoded so many times. Of each byte it
/// is known where it is written.
struct Reading {
    bytes: Vec<u8>,
    /// Where each byte begins; one more for the end.
    starts: Vec<usize>,
}

impl Reading {
    fn of(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            starts: (0..=text.len()).collect(),
        }
    }

    /// Decoded once more; `None` when nothing in it is encoded.
    fn decoded(&self) -> Option<Self> {
        let mut next = Self {
            bytes: Vec::with_capacity(self.bytes.len()),
            starts: Vec::with_capacity(self.starts.len()),
        };
        let mut at = 0;
        while let Some(&byte) = self.bytes.get(at) {
            next.starts.push(self.starts[at]);
            let (length, byte) = escape(&self.bytes[at..]).unwrap_or((1, byte));
            next.bytes.push(byte);
            at += length;
        }
        next.starts.push(self.starts[at]);
        (next.bytes.len() < self.bytes.len()).then_some(next)
    }

    /// Where its secrets are written, with the fingerprint of each. Their ends are ASCII, so
    /// they are ends of characters.
    fn secrets(&self, found: &mut Vec<(Range<usize>, String)>) {
        let mut spans = Vec::new();
        prefixed(&self.bytes, &mut spans);
        jwts(&self.bytes, &mut spans);
        wrapped(&self.bytes, &mut spans);
        found.extend(spans.into_iter().map(|span| {
            let written = self.starts[span.start]..self.starts[span.end];
            (written, fingerprint_of(&self.bytes[span]))
        }));
    }
}

/// `%41` and `\u0041` at the start: how long the escape is, and the byte that it means. Those of
/// bytes past ASCII stay as they are: no secret holds one.
fn escape(bytes: &[u8]) -> Option<(usize, u8)> {
    let before = [&b"%"[..], b"\\u00"]
        .into_iter()
        .find(|before| bytes.starts_with(before))?
        .len();
    let hex = |at: usize| {
        let digit = char::from(*bytes.get(at)?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let byte = hex(before)? << 4 | hex(before + 1)?;
    byte.is_ascii().then_some((before + 2, byte))
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Whether a credential of ours begins here: `clv_`, the two letters of its kind, `_`.
fn is_prefix(bytes: &[u8]) -> bool {
    bytes.len() > 7
        && bytes[..4].eq_ignore_ascii_case(b"clv_")
        && bytes[4..6].iter().all(u8::is_ascii_alphanumeric)
        && bytes[6] == b'_'
        && is_token(bytes[7])
}

/// Credentials of ours.
fn prefixed(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while at < bytes.len() {
        if !is_prefix(&bytes[at..]) {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|b| is_token(**b)).count();
        found.push(at..at + length);
        at += length;
    }
}

/// The longest stretches of bytes that are `of_one`.
fn runs(bytes: &[u8], of_one: fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|b| of_one(*b))?;
        let length = bytes[start..].iter().take_while(|b| of_one(**b)).count();
        at = start + length;
        Some(start..at)
    })
}

/// JWTs: parts between dots (three of a JWS, five of a JWE), of which the first is base64url of
/// a JSON object that names an algorithm (RFC 7515 §3.1, RFC 7516 §3.1).
fn jwts(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    for run in runs(bytes, |b| is_token(b) || b == b'.') {
        let mut start = run.start;
        for part in bytes[run.clone()].split(|b| *b == b'.') {
            let end = start + part.len();
            // What no dot follows is the header of nothing.
            if end < run.end
                && let Some(header) = header_in(part)
            {
                found.push(start + header..run.end);
                break;
            }
            start = end + 1;
        }
    }
}

/// Where a header begins in a part: at its start, or where `{` may be written.
fn header_in(part: &[u8]) -> Option<usize> {
    let inside = part.windows(2).enumerate().skip(1);
    let inside = inside.filter(|(_, two)| *two == b"ey" || *two == b"ew");
    std::iter::once(0)
        .chain(inside.map(|(at, _)| at).take(STARTS))
        .find(|at| is_header(&part[*at..]))
}

fn is_header(part: &[u8]) -> bool {
    let whole = part.len() <= HEADER;
    let decoded = decoded(&URL, &part[..part.len().min(HEADER)]);
    decoded.trim_ascii_start().starts_with(b"{")
        && (!whole || decoded.windows(5).any(|five| five == b"\"alg\""))
}

/// What is left over after the last four is not looked at.
fn decoded(engine: &GeneralPurpose, text: &[u8]) -> Vec<u8> {
    let whole = &text[..text.len() - text.len() % 4];
    engine.decode(whole).unwrap_or_default()
}

/// Basic credentials (RFC 7617 §2), and base64 of a credential of ours.
fn wrapped(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let base64 = |b: u8| is_token(b) || matches!(b, b'+' | b'/' | b'=');
    for run in runs(bytes, base64).filter(|run| run.len() >= SHORTEST) {
        let text = &bytes[run.clone()];
        let url = text.iter().any(|b| matches!(b, b'-' | b'_'));
        let plain = decoded(if url { &URL } else { &PLAIN }, text);
        let ours = plain.windows(8).any(is_prefix);
        let basic = || {
            let before = bytes[..run.start].trim_ascii_end();
            let spaced = before.len() < run.start;
            let scheme = before.len().checked_sub(5).map(|at| &before[at..]);
            spaced && scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic"))
        };
        if ours || (plain.contains(&b':') && basic()) {
            found.push(run);
        }
    }
}

#[cfg(test)]
mod tests;
