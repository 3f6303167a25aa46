//! Codes that students type to join a class.

use rand::RngExt as _;

/// Letters and digits that nobody takes for one another on paper: no I, L, O, 0 and 1.
const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 8;

/// Makes a random code.
pub(super) fn generate() -> String {
    let mut random = rand::rng();
    let letters = (0..LENGTH).filter_map(|_| ALPHABET.get(random.random_range(0..ALPHABET.len())));
    letters.copied().map(char::from).collect()
}

/// Reads a code as it was typed: in any case, with blanks and hyphens.
pub(super) fn read(typed: &str) -> String {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(LENGTH + 1);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_long_plain_and_different() {
        let codes: std::collections::HashSet<String> = (0..1_000).map(|_| generate()).collect();
        assert_eq!(codes.len(), 1_000);
        assert!(codes.iter().all(|code| code.len() == LENGTH && !code.contains(['I', 'L', 'O'])));
        assert_eq!(read(" abcd-2345 "), "ABCD2345");
    }
}
