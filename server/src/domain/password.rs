//! Which passwords are taken (NIST SP 800-63B §5.1.1.2): ones that are hard to guess, nothing about
//! kinds of characters. Length alone is no sign: `123456789012` is among the first that are tried.

use contract::rules::{self, Rule};
use zxcvbn::{Score, zxcvbn};

/// In bytes: keeps hashing bounded.
pub const MAX_BYTES: usize = 1024;
/// In characters. So many stand up to guessing with less than shorter ones need.
pub const LONG_ENOUGH: usize = 12;
/// In characters.
const LEAST: usize = 8;
/// Characters that are looked at: guessing takes time that grows with them.
const LOOKED_AT: usize = 100;

/// Whether this password may be set. `about` are words that belong to the person; of an address
/// its parts count too.
///
/// # Errors
/// `password-too-long`, `password-too-weak`.
pub fn check(password: &str, about: &[&str]) -> Result<(), &'static Rule> {
    if password.len() > MAX_BYTES {
        return Err(&rules::PASSWORD_TOO_LONG);
    }
    let length = password.chars().count();
    let start: String = password.chars().take(LOOKED_AT).collect();
    let parts = about.iter().flat_map(|text| text.split(['@', '.']));
    let about: Vec<&str> = about.iter().copied().chain(parts).collect();
    let enough = if length < LONG_ENOUGH {
        Score::Three
    } else {
        Score::Two
    };
    if length >= LEAST && zxcvbn(&start, &about).score() >= enough {
        Ok(())
    } else {
        Err(&rules::PASSWORD_TOO_WEAK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_passwords_are_taken() {
        assert!(check("correct horse battery", &[]).is_ok());
        assert!(check("xK9#mQ2$vL", &[]).is_ok());
        for weak in ["", "password", "lovelace", "12345678", "qwertyuiop"] {
            assert_eq!(
                check(weak, &["lovelace"]).map_err(|r| r.id),
                Err("password-too-weak"),
                "{weak}"
            );
        }
        let long = [
            "123456789012",
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaaa",
            "qwertyuiopasdfghjkl",
            "ada@example.com",
            "ada@example.com1",
        ];
        for weak in long {
            let about = ["ada", "ada@example.com"];
            assert!(check(weak, &about).is_err(), "{weak}");
        }
        for good in [
            "a good long password",
            "four unrelated words",
            "lantern gravel ostrich",
        ] {
            assert!(check(good, &["ada", "ada@example.com"]).is_ok(), "{good}");
        }
        assert_eq!(
            check(&"a".repeat(1025), &[]).map_err(|r| r.id),
            Err("password-too-long")
        );
    }
}
