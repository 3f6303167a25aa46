//! Tense: consistency with the text and with words of time.

use super::past_times::{dates_another, names_past_time};
use super::scan::{Finder, Told, contracted_be};
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{BE, HAVE, MODALS};

const PAST: (&str, &str) = ("讲的是过去的事，要用一般过去时", "this is about the past");
const PRESENT: (&str, &str) =
    ("讲的是现在的情况或一般事实，要用一般现在时", "this is about the present or a general fact");
const PARALLEL: (&str, &str) =
    ("and 连接的并列谓语时态要一致", "verbs joined by “and” share their tense");

/// Verbs of thinking and saying that stay in the present in a story.
const NOW: &[&str] = &[
    "think",
    "know",
    "believe",
    "remember",
    "hope",
    "feel",
    "guess",
    "mean",
    "realize",
    "realise",
    "understand",
    "wish",
    "like",
    "love",
    "live",
    "say",
    "want",
    "see",
    "suppose",
    "agree",
    "thank",
    "miss",
    "need",
    "enjoy",
];

/// Checks every verb.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        if finder.text.tokens[at].quoted {
            continue;
        }
        bare_participle(finder, at);
        match finder.told {
            Told::Past => story(finder, at),
            Told::Present => report(finder, at),
            Told::Mixed => marked(finder, at),
        }
        parallel(finder, at);
    }
}

/// Says whether the sentence of `at` has a verb in the past elsewhere.
fn past_elsewhere(finder: &Finder<'_>, at: usize) -> usize {
    finder
        .sentence(at)
        .filter(|index| {
            *index != at && !finder.text.tokens[*index].quoted && finder.finite_past(*index)
        })
        .count()
}

pub(super) fn told_by_time(finder: &mut Finder<'_>, at: usize) {
    to_past(finder, at, PAST);
}

fn to_past(finder: &mut Finder<'_>, at: usize, reason: (&'static str, &'static str)) {
    let word = finder.word(at, 0);
    let with = match word {
        "is" | "am" => "was".to_owned(),
        "are" => "were".to_owned(),
        "has" | "have" => "had".to_owned(),
        "don't" | "doesn't" => "didn't".to_owned(),
        "isn't" => "wasn't".to_owned(),
        "aren't" => "weren't".to_owned(),
        "can" => "could".to_owned(),
        "will" => "would".to_owned(),
        _ => finder.lexicon.past(finder.verb(word).unwrap_or(word)),
    };
    finder.replace(at, with, "R:VERB:TENSE", reason);
    finder.point("verb.tense.past_simple");
}

/// Present verbs in a story told in the past.
fn story(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !finder.finite_present(at) || contracted_be(word) || word == "has" || word == "have" {
        return;
    }
    let base = finder.verb(word).unwrap_or("");
    let others = past_elsewhere(finder, at);
    let before = finder.before(at);
    // After a preposition no finite verb stands; what was said may be reported in its own time.
    let reported = finder.sentence_has(at, &["said"]) && BE.contains(&word);
    if one_of(before, "after before by without of for in") || base == "say" || reported {
        return;
    }
    if NOW.contains(&base) && matches!(before, "i" | "we" | "you") || dates_another(finder, at) {
        return;
    }
    let range = finder.sentence(at);
    let present_words =
        ["now", "today", "nowadays", "still", "always", "every", "often", "usually", "never"];
    let timeless = finder.sentence_has(at, &present_words);
    let presents = range.clone().filter(|index| finder.finite_present(*index)).count();
    let be = BE.contains(&word);
    // `the house that stands there`, `all we have`: a clause inside may state what still holds.
    let inside = one_of(before, "who which that this")
        || finder.tag(at, -1) == Tag::Pronoun && finder.tag(at, -2) == Tag::Noun
        || finder.tag(at, -1) == Tag::Pronoun
            && one_of(finder.word(at, -2), "everything all anything");
    if inside || finder.sentence_has(at, &["will"]) {
        return;
    }
    let questioned = finder.sentence_has(at, &["?"]);
    if questioned || matches!(before, "you") {
        return;
    }
    // `be` states facts that may still hold; other verbs tell what happened.
    let neighbours = neighbour_past(finder, at);
    let certain = if be {
        others >= 1 && presents == 1
    } else {
        others >= 1 || (neighbours == 2 && presents == 1)
    };
    if certain && !timeless {
        to_past(finder, at, PAST);
    }
}

/// Number of neighbouring sentences told in the past.
fn neighbour_past(finder: &Finder<'_>, at: usize) -> usize {
    let range = finder.sentence(at);
    let told = |index: usize| {
        let other = finder.sentence(index);
        other.clone().any(|index| finder.finite_past(index))
            && !other.clone().any(|index| finder.finite_present(index))
    };
    usize::from(range.start > 0 && told(range.start - 1))
        + usize::from(range.end < finder.len() && told(range.end))
}

/// Past verbs in a text about the present.
fn report(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !finder.finite_past(at) || finder.is_verb(word, Form::Base) {
        return;
    }
    let narrow = [
        "yesterday",
        "ago",
        "last",
        "used",
        "born",
        "since",
        "once",
        "childhood",
        "past",
        "before",
        "ancient",
        "originally",
        "when",
        "first",
        "if",
    ];
    let dated = finder.sentence(at).any(|index| {
        let word = finder.word(index, 0);
        word.len() == 4
            && (word.starts_with("19") || word.starts_with("20") || word.starts_with("18"))
            && word.parse::<u32>().is_ok()
    });
    if finder.sentence_has(at, &narrow) || dated || past_elsewhere(finder, at) > 0 {
        return;
    }
    let before = finder.before(at);
    if MODALS.contains(&before) {
        return;
    }
    if matches!(word, "had") && finder.is_verb(finder.word(at, 1), Form::Participle) {
        return;
    }
    if word == "was" && finder.word(at, 1) == "born"
        || matches!(before, "i") && !matches!(word, "was" | "thought")
    {
        return;
    }
    let range = finder.sentence(at);
    let neighbours =
        [range.start.checked_sub(1), Some(range.end).filter(|end| *end < finder.len())]
            .into_iter()
            .flatten()
            .filter(|index| {
                finder
                    .sentence(*index)
                    .any(|index| finder.finite_past(index) && !finder.text.tokens[index].quoted)
            })
            .count();
    if neighbours > 0 {
        return;
    }
    if finder.verb(word).is_some_and(|word| one_of(word, "say ask reply write tell")) {
        return; // Reports keep their own time.
    }
    let clear_subject = one_of(before, "i we they you he she it this there");
    if !clear_subject && !finder.sentence(at).any(|index| finder.finite_present(index)) {
        return; // One sentence about the past, as of an author or a founder.
    }
    if finder.is_verb(word, Form::Participle) && !clear_subject && word != "had" {
        return; // A participle after its noun, as in `a hotel called Ritz`.
    }
    let third = !one_of(before, "i we they you") && !finder.plural(before);
    let with = match word {
        "was" if before == "i" => "am".to_owned(),
        "was" => "is".to_owned(),
        "were" => "are".to_owned(),
        "had" => if third { "has" } else { "have" }.to_owned(),
        "didn't" => if third { "doesn't" } else { "don't" }.to_owned(),
        "wasn't" => "isn't".to_owned(),
        "weren't" => "aren't".to_owned(),
        "did" => if third { "does" } else { "do" }.to_owned(),
        _ => {
            let Some(base) = finder.verb(word) else { return };
            let relative_plural = matches!(before, "who" | "which" | "that");
            if relative_plural {
                return;
            }
            if third { morph::third(base) } else { base.to_owned() }
        }
    };
    finder.replace(at, with, "R:VERB:TENSE", PRESENT);
    finder.point("verb.tense.present_simple");
}

/// A word of past time in the sentence of a present verb, in a text of no clear tense.
fn marked(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !finder.finite_present(at) || contracted_be(word) || matches!(word, "has" | "have") {
        return;
    }
    let range = finder.sentence(at);
    let ago = names_past_time(finder, at) && !dates_another(finder, at);
    let when_child = range.clone().any(|index| {
        matches!(finder.word(index, 0), "when")
            && finder.word(index, 2) == "was"
            && matches!(finder.word(index, 1), "i" | "he" | "she")
    });
    let since = finder
        .sentence_has(at, &["since", "says", "think", "remember", "now", "that", "who", "which"]);
    let presents = range.filter(|index| finder.finite_present(*index)).count();
    if (ago || when_child) && !since && presents == 1 && !finder.text.tokens[at].quoted {
        to_past(finder, at, PAST);
    }
}

/// `He begun to cry`: a participle that is no past tense, without a helper.
fn bare_participle(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !finder.is_verb(word, Form::Participle)
        || finder.is_verb(word, Form::Past)
        || finder.is_verb(word, Form::Base)
    {
        return;
    }
    let before = finder.before(at);
    let subject = one_of(before, "i he she we they");
    let joined = before == "and" && finder.sentence(at).start + 2 < at;
    let base = finder.verb(word).unwrap_or("");
    let intransitive = one_of(base, "begin go come become run rise arise swim sing");
    let helped = (finder.sentence(at).start..at).any(|index| {
        let word = finder.word(index, 0);
        HAVE.contains(&word)
            || word.ends_with("'ve")
            || word.ends_with("'d")
            || (BE.contains(&word) && !intransitive)
    });
    let inverted = one_of(finder.word(at, -2), "have had has was were is are") && subject;
    if (subject && !inverted && !matches!(finder.word(at, -2), "have" | "has" | "had"))
        || (joined && !helped && past_elsewhere(finder, at) > 0)
    {
        let past = finder.lexicon.past(base);
        finder.replace(
            at,
            past,
            "R:VERB:TENSE",
            (
                "过去分词不能单独作谓语，要用过去式",
                "a participle alone is no predicate; use the past tense",
            ),
        );
        finder.point("verb.tense.past_simple");
    }
}

/// `I entered … and become …`, `She saw him and telling him …`.
fn parallel(finder: &mut Finder<'_>, at: usize) {
    if !matches!(finder.word(at, 0), "and" | "or" | "but")
        || at + 2 >= finder.len()
        || finder.tag(at, -1) == Tag::Mark && finder.word(at, 0) == "but"
    {
        return;
    }
    let verb = at
        + 1
        + usize::from(
            finder.word(at, 1).ends_with("ly")
                && finder.lexicon.adjective_of(finder.word(at, 1)).is_some(),
        )
        + usize::from(matches!(finder.word(at, 1), "then" | "also" | "even"));
    let word = finder.word(verb, 0);
    if verb >= finder.sentence(at).end {
        return;
    }
    let Some(base) = finder.verb(word) else { return };
    let object_follows = finder.determiner(finder.word(verb, 1))
        || one_of(
            finder.word(verb, 1),
            "me him her us them it to up out that into away back down by how what why where",
        );
    let start = finder.text.clause_start(at.saturating_sub(1)).min(at);
    let pasts = (finder.sentence(at).start..at).filter(|index| finder.finite_past(*index)).count();
    let in_clause = (start..at).filter(|index| finder.finite_past(*index)).count();
    let nonfinite = (start..at).any(|index| {
        let here = finder.word(index, 0);
        here == "to" && finder.is_verb(finder.word(index, 1), Form::Base)
            || MODALS.contains(&here)
            || here == "used" && finder.word(index, 1) == "to"
            || one_of(
                here,
                "did didn't let make made help helped see saw hear heard watch \
watched do don't",
            )
    });
    let present_base = finder.is_verb(word, Form::Base) && !finder.is_verb(word, Form::Past)
        || finder.is_verb(word, Form::Third) && !finder.plural(word);
    let only_verb = finder.text.only_verb(verb, 0)
        || finder.tag(verb, 0) == Tag::Verb && !finder.lexicon.can_be(word, Class::Adjective);
    if in_clause > 0
        && pasts > 0
        && present_base
        && only_verb
        && (object_follows || finder.adjective(finder.word(verb, 1)))
        && !nonfinite
        && !crate::rules::words::auxiliary(word)
    {
        let past = finder.lexicon.past(base);
        finder.replace(verb, past, "R:VERB:TENSE", PARALLEL);
        finder.point("verb.tense.consistency");
        return;
    }
    // `He opened the window and looking out`: nothing before `and` ends in -ing.
    let ing = finder.is_verb(word, Form::Ing) && finder.tag(verb, 0) == Tag::Verb;
    let other = (finder.sentence(at).start..at).any(|index| {
        finder.is_verb(finder.word(index, 0), Form::Ing)
            || one_of(finder.word(index, 0), "by of for about without from like after before")
    });
    let clause_of_being = BE.contains(&finder.before(at)) || finder.tag(at, -1) == Tag::Adjective;
    if ing && in_clause > 0 && !other && !nonfinite && !clause_of_being && object_follows {
        let past = finder.lexicon.past(base);
        finder.replace(verb, past, "R:VERB:TENSE", PARALLEL);
        finder.point("verb.tense.consistency");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn stories_stay_in_the_past() {
        assert_eq!(
            corrected(
                "We went to the zoo on Sunday. We saw a panda. When it sees us, it ran away. We laughed."
            ),
            "We went to the zoo on Sunday. We saw a panda. When it saw us, it ran away. We laughed."
        );
        assert_eq!(corrected("He begun to sing."), "He began to sing.");
        assert_eq!(
            corrected("He opened the door and enter the room."),
            "He opened the door and entered the room."
        );
    }

    #[test]
    fn time_words_decide() {
        assert_eq!(corrected("My uncle visits us yesterday."), "My uncle visited us yesterday.");
        assert_eq!(corrected("She walk home yesterday."), "She walked home yesterday.");
        assert_eq!(
            corrected("Our city had changed a lot in the past few years."),
            "Our city has changed a lot in the past few years."
        );
    }
}
