//! Clauses that tell what is demanded or only thought of.

use super::scan::Finder;
use crate::rules::words::one_of;

/// Says whether what the clause at `at` tells is demanded: its verb is then in the base form.
pub fn demanded(finder: &Finder<'_>, at: usize) -> bool {
    let start = finder.sentence(at).start.max(at.saturating_sub(4));
    let asked = (start..at).any(|index| {
        finder.verb(finder.word(index, 0)).is_some_and(|verb| {
            one_of(
                verb,
                "suggest insist demand order recommend advise require request propose urge command",
            )
        })
    });
    let needed = one_of(
        finder.word(at, -2),
        "important necessary essential vital urgent desirable natural strange",
    );
    asked || finder.word(at, -1) == "that" && needed
}

/// Says whether what the clause at `at` tells is only thought of.
pub fn wished(finder: &Finder<'_>, at: usize) -> bool {
    let start = finder.sentence(at).start.max(at.saturating_sub(4));
    (start..at).any(|index| one_of(finder.word(index, 0), "if wish though rather"))
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn what_is_demanded_stands_in_the_base_form() {
        for text in [
            "The doctor suggested that the patient stay in bed.",
            "It is important that he learn the rules.",
            "They proposed that the school open a new library.",
            "I wish that the weather were fine.",
        ] {
            assert_eq!(corrected(text), text);
        }
    }
}
