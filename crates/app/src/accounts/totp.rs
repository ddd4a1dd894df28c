//! One-time codes (TOTP, RFC 6238: six digits, thirty seconds, SHA-1, which is what every authenticator knows). A code is taken once:
//! the step of time it is of is remembered, and neither that step nor an earlier one is taken again (PCI DSS v4.0.1, 8.5.1).

use jiff::Timestamp;
use totp_rs::{Builder, Totp};

use crate::error::{Failure, Result};

/// What authenticators show in front of the login.
const ISSUER: &str = "Daywatch";
/// Bytes of a secret (RFC 4226 asks for 16 and recommends 20).
const SECRET_BYTES: usize = 20;

/// A fresh secret.
pub fn fresh() -> Result<Vec<u8>> {
    let mut secret = vec![0; SECRET_BYTES];
    getrandom::fill(&mut secret)
        .map_err(|error| Failure::internal(format!("the system gives no random bytes: {error}")))?;
    Ok(secret)
}

/// The step of time whose code this is, if it is later than the one that was used last. The steps beside the present one count,
/// since clocks differ.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp, last: u64) -> Option<u64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_second()).ok()?;
    let totp = Builder::new().with_secret(secret.to_vec()).build().ok()?;
    totp.check(&code, seconds).filter(|step| *step > last)
}

/// What an authenticator takes up, as an address; as a picture it is the same text.
pub fn address(secret: &[u8], login: &str) -> Result<String> {
    named(secret, login)?
        .to_url()
        .map_err(|error| Failure::internal(format!("no address for an authenticator: {error}")))
}

fn named(secret: &[u8], login: &str) -> Result<Totp> {
    let builder = Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(login)
        .with_issuer(Some(ISSUER));
    builder
        .build()
        .map_err(|error| Failure::internal(format!("a secret no authenticator takes: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: its eight digits end in these six.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        let check = |second: i64, code: &str| {
            let now = Timestamp::from_second(second).unwrap();
            let step = u64::try_from(second / 30).unwrap();
            assert_eq!(step_of(secret, code, now, 0), Some(step), "{second}");
        };
        check(59, "287082");
        check(1_111_111_109, "081804");
        check(1_111_111_111, "050471");
        check(1_234_567_890, "005924");
        check(2_000_000_000, "279037");
        check(20_000_000_000, "353130");
    }

    #[test]
    fn a_code_is_taken_once_and_within_a_step() {
        let secret = b"12345678901234567890";
        let at = |second| Timestamp::from_second(second).unwrap();
        let step = step_of(secret, "081 804", at(1_111_111_109), 0).unwrap();
        assert_eq!(
            step_of(secret, "081804", at(1_111_111_109), step),
            None,
            "used"
        );
        assert_eq!(
            step_of(secret, "081804", at(1_111_111_109 + 30), 0),
            Some(step)
        );
        assert_eq!(
            step_of(secret, "081804", at(1_111_111_109 + 90), 0),
            None,
            "late"
        );
        for wrong in ["081805", "", "0818040", "81804", "٠٨١٨٠٤"] {
            assert_eq!(
                step_of(secret, wrong, at(1_111_111_109), 0),
                None,
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_authenticator_reads_the_address() {
        let address = address(b"12345678901234567890", "analyst@team.example").unwrap();
        let read = Totp::from_url(&address).unwrap();
        assert_eq!(read.secret().as_ref(), b"12345678901234567890");
        assert_eq!(read.issuer(), Some("Daywatch"));
    }
}
