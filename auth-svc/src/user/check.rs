//! Fields of accounts.

use kit::error::Checks;
use lettre::Address;

/// Checks a username: 3 to 100 of letters, digits, `_` and `-`.
pub fn check_username(checks: &mut Checks, field: &str, username: &str) {
    let length = username.chars().take(101).count();
    checks.require(length >= 3, field, "TOO_SHORT", "must have at least 3 characters");
    checks.require(length <= 100, field, "TOO_LONG", "must have at most 100 characters");
    let plain = username.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    checks.require(plain, field, "INVALID_CHARACTER", "may have letters, digits, _ and - only");
}

/// Checks an e-mail address, which may be empty.
pub fn check_email(checks: &mut Checks, field: &str, email: &str) {
    let valid = email.is_empty() || (email.len() <= 254 && email.parse::<Address>().is_ok());
    checks.require(valid, field, "INVALID_EMAIL", "is not an e-mail address");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn username_passes(username: &str) -> bool {
        let mut checks = Checks::new();
        check_username(&mut checks, "username", username);
        checks.finish().is_ok()
    }

    #[test]
    fn usernames_are_words() {
        assert!(username_passes("test_teacher"));
        assert!(username_passes("张小明3"));
        assert!(username_passes("2026-0101"));
        assert!(!username_passes("ab"));
        assert!(!username_passes("a b c"));
        assert!(!username_passes("a@b.cn"));
        assert!(!username_passes(&"a".repeat(101)));
    }

    #[test]
    fn addresses_are_checked_when_there_are_any() {
        for (email, valid) in [("", true), ("li@example.cn", true), ("li@", false), ("li", false)] {
            let mut checks = Checks::new();
            check_email(&mut checks, "email", email);
            assert_eq!(checks.finish().is_ok(), valid, "{email}");
        }
    }
}
