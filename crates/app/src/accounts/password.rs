//! Passwords: what is asked of a new one, how it is kept (Argon2id, RFC 9106, with the memory and passes OWASP gives as least), how it
//! is checked. A login that is not there costs as much as a wrong password.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use crate::error::{Failure, Result};

/// The shortest that is taken (PCI DSS v4.0.1, 8.3.6).
pub const SHORTEST: usize = 12;
/// The longest: hashing is not free.
pub const LONGEST: usize = 1024;

/// A new password as it is kept. `earlier` are the last ones, as kept.
pub fn hashed(password: &str, login: &str, earlier: &[String]) -> Result<String> {
    refuse(password, login)?;
    if earlier.iter().any(|kept| is_right(password, kept)) {
        return Err(refused("that is one of your last four passwords"));
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed
        .map(|hash| hash.to_string())
        .map_err(|error| Failure::internal(format!("the password could not be hashed: {error}")))
}

/// Whether a password is the one that is kept. Without one the work is done all the same.
pub fn is_right(password: &str, kept: &str) -> bool {
    if password.len() > LONGEST {
        return false;
    }
    match PasswordHash::new(kept) {
        Ok(hash) => Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok(),
        Err(_) => false,
    }
}

/// What to check against where there is no account, so that nobody learns from the time it takes.
pub fn nobodys() -> &'static str {
    static NOBODYS: LazyLock<String> = LazyLock::new(|| {
        let hashed = Argon2::default().hash_password(b"nobody has this password");
        hashed.map(|hash| hash.to_string()).unwrap_or_default()
    });
    &NOBODYS
}

fn refuse(password: &str, login: &str) -> Result<()> {
    let has = |of: fn(char) -> bool| password.chars().any(of);
    if password.chars().count() < SHORTEST {
        return Err(refused(format!(
            "a password has at least {SHORTEST} characters"
        )));
    }
    if password.len() > LONGEST {
        return Err(refused(format!("a password has at most {LONGEST} bytes")));
    }
    if !has(char::is_alphabetic) || !has(char::is_numeric) {
        return Err(refused("a password has a letter and a digit"));
    }
    if password.to_lowercase().contains(&login.to_lowercase()) {
        return Err(refused("a password does not hold the login"));
    }
    Ok(())
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::usage(why).hint("several words and a number make a good one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_for_its_own_hash_alone() {
        let kept = hashed("correct horse 7 battery", "analyst", &[]).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$"), "{kept}");
        assert!(is_right("correct horse 7 battery", &kept));
        assert!(!is_right("correct horse 8 battery", &kept));
        assert!(!is_right("correct horse 7 battery", "no phc string"));
        assert!(!is_right("nobody", nobodys()));
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        let check = |password: &str, why: &str| {
            let failure = hashed(password, "analyst", &[]).unwrap_err();
            assert!(failure.message.contains(why), "{password}: {failure}");
        };
        check("short 1", "at least 12");
        check("only letters here", "a letter and a digit");
        check("1234567890123", "a letter and a digit");
        check("the Analyst 2026", "hold the login");
        check(&"a1".repeat(600), "at most 1024");
    }

    #[test]
    fn one_of_the_last_is_not_taken_again() {
        let kept = hashed("correct horse 7 battery", "analyst", &[]).unwrap();
        let failure = hashed("correct horse 7 battery", "analyst", &[kept]).unwrap_err();
        assert!(failure.message.contains("last four"), "{failure}");
    }

    /// The vector of RFC 9106, 5.3 has a secret and data; this one is from the reference implementation's test.c (version 0x13,
    /// t=2, m=2^8, p=1, "password", "somesalt", argon2id).
    #[test]
    fn hashes_are_those_of_the_reference_implementation() {
        let kept =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(is_right("password", kept));
        assert!(!is_right("passwore", kept));
    }
}
