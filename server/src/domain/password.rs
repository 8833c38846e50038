//! Which passwords are taken (NIST SP 800-63B §5.1.1.2): long ones, or ones that are hard to
//! guess; nothing about kinds of characters.

use contract::rules::{self, Rule};

/// In bytes: keeps hashing bounded.
pub const MAX_BYTES: usize = 1024;
/// In characters: this many are enough, whatever they are, unless they are easily guessed.
pub const LONG_ENOUGH: usize = 12;

/// Whether this password may be set. `about` are words that belong to the person.
///
/// # Errors
/// `password-too-long`, `password-too-weak`.
pub fn check(password: &str, about: &[&str]) -> Result<(), &'static Rule> {
    if password.len() > MAX_BYTES {
        return Err(&rules::PASSWORD_TOO_LONG);
    }
    if password.chars().count() >= LONG_ENOUGH {
        return Ok(());
    }
    // zxcvbn looks at no more than 100 characters, so this is bounded too.
    if u8::from(zxcvbn::zxcvbn(password, about).score()) >= 3 && password.chars().count() >= 8 {
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
        assert_eq!(
            check(&"a".repeat(1025), &[]).map_err(|r| r.id),
            Err("password-too-long")
        );
    }
}
