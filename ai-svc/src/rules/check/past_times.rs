//! Times that are over, and the verbs they go with.

use super::scan::Finder;
use crate::rules::lexicon::Form;
use crate::rules::text::Tag;
use crate::rules::words::{one_of, subject};

/// After these the time goes with the verb before them as well as with the one behind.
const JOINING: &str = "and but or , when while because before after until as so since if";
/// `a park called Beihai`: participles that follow a noun.
const NAMED: &str = "called named made built held written";

/// Says whether the sentence of `at` names a time that is over.
pub fn names_past_time(finder: &Finder<'_>, at: usize) -> bool {
    past_time(finder, at).is_some()
}

/// Says whether the time that is over goes with a later verb than the one at `at`, as in `This is the
/// book I bought yesterday`.
pub fn dates_another(finder: &Finder<'_>, at: usize) -> bool {
    let Some(time) = past_time(finder, at) else { return false };
    let joined = (at..time).any(|index| one_of(finder.word(index, 0), JOINING));
    // `we saw`: after its subject, a form that is a base as well is in the past beside such a time.
    let past = |index: usize| {
        let who = finder.word(index, -1);
        let named = finder.tag(index, -1) == Tag::Noun && one_of(finder.word(index, 0), NAMED);
        finder.finite_past(index) && !named
            || (subject(who) || one_of(who, "you it"))
                && finder.is_verb(finder.word(index, 0), Form::Past)
    };
    !joined && (at + 1..time).any(past)
}

fn past_time(finder: &Finder<'_>, at: usize) -> Option<usize> {
    finder.sentence(at).find(|&index| {
        let here = finder.word(index, 0);
        here == "yesterday"
            || here == "ago"
            || here == "last"
                && one_of(
                    finder.word(index, 1),
                    "night week year month summer winter sunday saturday monday friday",
                )
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn a_time_goes_with_the_verb_beside_it() {
        for text in [
            "This is the book I bought yesterday.",
            "That is the film we saw last night.",
            "I like the present you gave me last week.",
            "Do you know what happened yesterday?",
            "My sister live in the house we bought last year.",
        ] {
            let right = text.replace("sister live ", "sister lives ");
            assert_eq!(corrected(text), right);
        }
    }

    #[test]
    fn a_time_goes_with_both_verbs_of_joined_clauses() {
        for (text, right) in [
            (
                "He go to a park called Beihai yesterday.",
                "He went to a park called Beihai yesterday.",
            ),
            (
                "I am very happy when I heard the news yesterday.",
                "I was very happy when I heard the news yesterday.",
            ),
        ] {
            assert_eq!(corrected(text), right);
        }
    }
}
