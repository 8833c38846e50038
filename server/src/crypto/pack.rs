//! Text in fewer bytes, before it is sealed into an address: proxies take some 8 KiB of one.
//!
//! An adaptive binary arithmetic coder (Witten, Neal, Cleary 1987): each bit of a byte is
//! predicted by the bits before it in that byte. What is written in 64 letters takes six bits a
//! letter, so that base64 around the result gives about the length that the text had.
//!
//! What comes out says something about what went in: nothing secret is packed together with what
//! a stranger chooses.

/// Longer texts are not unpacked: what is packed comes from one request.
const MAX_BYTES: usize = 256 * 1024;

/// How often each bit was seen, by the bits before it: a 1 before them.
struct Model([[u32; 2]; 256]);

impl Model {
    const fn new() -> Self {
        Self([[0; 2]; 256])
    }

    /// Of 65536, how likely a 1 comes here (Krichevsky and Trofimov: half a sight of each before
    /// the first).
    fn one(&self, node: usize) -> u64 {
        let [zeros, ones] = self.0[node].map(u64::from);
        (((2 * ones + 1) << 16) / (2 * (zeros + ones) + 2)).clamp(1, 65535)
    }

    fn saw(&mut self, node: usize, bit: bool) {
        self.0[node][usize::from(bit)] += 1;
    }
}

/// The numbers that still stand for what was said so far.
struct Interval {
    low: u32,
    high: u32,
}

impl Interval {
    const fn new() -> Self {
        Self {
            low: 0,
            high: u32::MAX,
        }
    }

    /// The last number that stands for a 1.
    #[allow(clippy::cast_possible_truncation, reason = "a part of a u32 is a u32")]
    fn middle(&self, one: u64) -> u32 {
        self.low + ((u64::from(self.high - self.low) * one) >> 16) as u32
    }

    fn narrow(&mut self, bit: bool, middle: u32) {
        if bit {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
    }

    /// The first byte, once it is certain.
    fn shift(&mut self) -> Option<u8> {
        let [first, ..] = self.high.to_be_bytes();
        if self.low.to_be_bytes()[0] != first {
            return None;
        }
        self.low <<= 8;
        self.high = (self.high << 8) | 0xff;
        Some(first)
    }
}

/// The bytes in fewer, if they repeat each other at all.
pub fn pack(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(plain.len());
    let mut rest = plain.len();
    while rest >= 0x80 {
        packed.push(0x80 | low_bits(rest));
        rest >>= 7;
    }
    packed.push(low_bits(rest));
    let (mut model, mut interval) = (Model::new(), Interval::new());
    for byte in plain {
        let mut node = 1;
        for place in (0..8).rev() {
            let bit = byte >> place & 1 == 1;
            interval.narrow(bit, interval.middle(model.one(node)));
            model.saw(node, bit);
            node = node << 1 | usize::from(bit);
            while let Some(byte) = interval.shift() {
                packed.push(byte);
            }
        }
    }
    // With zeros after it, it lies between the two.
    packed.push(interval.high.to_be_bytes()[0]);
    packed
}

#[allow(clippy::cast_possible_truncation, reason = "seven bits are a u8")]
const fn low_bits(number: usize) -> u8 {
    (number & 0x7f) as u8
}

/// What was packed; `None` for what can't have been.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = packed.iter().copied();
    let (mut length, mut place) = (0, 0);
    loop {
        let byte = bytes.next()?;
        length |= usize::from(byte & 0x7f) << place;
        place += 7;
        if byte & 0x80 == 0 {
            break;
        }
        if place > 14 {
            return None;
        }
    }
    if length > MAX_BYTES {
        return None;
    }
    let mut next = || u32::from(bytes.next().unwrap_or(0));
    let mut number = (0..4).fold(0, |number, _| number << 8 | next());
    let mut plain = Vec::with_capacity(length);
    let (mut model, mut interval) = (Model::new(), Interval::new());
    for _ in 0..length {
        let mut node: usize = 1;
        while node < 256 {
            let middle = interval.middle(model.one(node));
            let bit = number <= middle;
            interval.narrow(bit, middle);
            model.saw(node, bit);
            node = node << 1 | usize::from(bit);
            while interval.shift().is_some() {
                number = number << 8 | next();
            }
        }
        plain.push(u8::try_from(node & 0xff).ok()?);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::random::Random;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[test]
    fn what_is_written_in_few_letters_takes_few_bits() {
        let random: Vec<u8> = (0..192)
            .flat_map(|_| Random::System.bytes::<32>())
            .collect();
        let base64 = URL_SAFE_NO_PAD.encode(&random);
        assert_eq!(base64.len(), 8192);
        let packed = pack(base64.as_bytes());
        assert!(packed.len() < 6144 + 100, "{}", packed.len());
        assert_eq!(unpack(&packed).unwrap(), base64.as_bytes());
        let same = [b'x'; 5000];
        assert!(pack(&same).len() < 40, "{}", pack(&same).len());
        assert_eq!(unpack(&pack(&same)).unwrap(), same);
    }

    proptest! {
        #[test]
        fn everything_comes_back(plain in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(unpack(&pack(&plain)), Some(plain));
        }

        #[test]
        fn no_bytes_panic(packed in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = unpack(&packed);
        }
    }
}
