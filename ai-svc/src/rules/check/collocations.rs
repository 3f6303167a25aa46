//! Words that belong together.

use super::collocation_tables::{ADJECTIVES, NOUNS, PHRASES, VERBS};
use super::scan::Finder;
use crate::rules::lexicon::Form;
use crate::rules::text::Tag;
use crate::rules::words::{CARDINALS, one_of, possessive_determiner};

const ADJECTIVE: (&str, &str) =
    ("这个形容词后面要用固定的介词", "this adjective goes with one preposition");
const NOUN: (&str, &str) = ("这个名词与固定的介词搭配", "this noun goes with one preposition");
const VERB: (&str, &str) = ("这个动词后面要用固定的介词", "this verb goes with one preposition");
const PHRASE: (&str, &str) = ("这是固定短语", "this is a set phrase");
const TWICE: (&str, &str) = ("意思重复，去掉一个", "the same is said twice");

/// Checks every word against the tables.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        adjective(finder, at);
        verb(finder, at);
        noun(finder, at);
        phrase(finder, at);
        now_then(finder, at);
        twice(finder, at);
        names(finder, at);
        missing_of(finder, at);
    }
}

fn nominal(finder: &Finder<'_>, at: usize) -> bool {
    let word = finder.word(at, 0);
    finder.determiner(word)
        || one_of(word, "me him her us them it you")
        || finder.is_verb(word, Form::Ing)
        || matches!(finder.tag(at, 0), Tag::Noun | Tag::Name | Tag::Adjective)
}

fn adjective(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some((_, right)) = ADJECTIVES.iter().find(|(adjective, _)| *adjective == word) else {
        return;
    };
    let wrong = finder.word(at, 1);
    // `good in drawing`: skill takes `at` before what one does.
    if word == "good"
        && wrong == "in"
        && finder.is_verb(finder.word(at, 2), Form::Ing)
        && super::linking(finder.before(at))
    {
        finder.replace(at + 1, "at", "R:PREP", ADJECTIVE);
        finder.point("preposition.adjective");
        return;
    }
    if !one_of(wrong, "in on at for to of with from about by") || right.contains(&wrong) {
        return;
    }
    let linked = super::linking(finder.before(at))
        || one_of(finder.before(at), "very so more too quite")
        || super::scan::contracted_be(finder.before(at));
    let infinitive = wrong == "to"
        && (finder.is_verb(finder.word(at, 2), Form::Base) && finder.tag(at, 2) != Tag::Noun
            || finder.tag(at, 2) == Tag::Adverb
            || right.contains(&"to"));
    let time_or_place = one_of(wrong, "in on at by for")
        && (one_of(
            finder.word(at, 2),
            "the a this that my his our all first last least night home school \
many some two",
        ) && !one_of(word, "interested afraid proud fond keen capable aware"));
    if linked
        && !infinitive
        && !time_or_place
        && nominal(finder, at + 2)
        && finder.sentence(at).contains(&(at + 2))
    {
        finder.replace(at + 1, right[0], "R:PREP", ADJECTIVE);
        finder.point("preposition.adjective");
    }
}

fn verb(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let base = finder.verb(word).unwrap_or("");
    let two = format!("{base} {}", finder.word(at, 1));
    let Some((pattern, right, wrong)) =
        VERBS.iter().find(|(verb, _, wrong)| (*verb == base || *verb == two) && !wrong.is_empty())
    else {
        return;
    };
    let at_preposition = at + pattern.split(' ').count();
    let here = finder.word(at_preposition, 0);
    if at_preposition >= finder.sentence(at).end
        || !wrong.contains(&here)
        || !matches!(finder.tag(at, 0), Tag::Verb)
    {
        return;
    }
    let infinitive = here == "to"
        && finder.is_verb(finder.word(at_preposition, 1), Form::Base)
        && finder.tag(at_preposition, 1) != Tag::Noun;
    let (object, after) = (finder.word(at_preposition, 1), finder.word(at_preposition, 2));
    let time = "day morning night year years time hours minutes class home school first last \
        least moment public silence way end weekend months days week weeks long while afternoon evening same future";
    let temporal = one_of(object, time)
        || one_of(after, time)
        || one_of(finder.word(at_preposition, 3), time)
        || object.parse::<u32>().is_ok();
    let person_with = here == "with" && !matches!(base, "depend" | "rely");
    let other_sense = base == "arrive" && here != "to" || base == "result" && object == "the";
    let excused = infinitive || temporal || person_with || other_sense;
    if !excused && nominal(finder, at_preposition + 1) {
        finder.replace(at_preposition, *right, "R:PREP", VERB);
        finder.point("preposition.verb");
    }
}

fn noun(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some((_, right, wrong)) = NOUNS.iter().find(|(noun, _, _)| *noun == word) else { return };
    let here = finder.word(at, 1);
    if !wrong.contains(&here) || finder.tag(at, 0) != Tag::Noun || !nominal(finder, at + 2) {
        return;
    }
    let before = finder.word(at, -1);
    let infinitive = here == "to"
        && finder.is_verb(finder.word(at, 2), Form::Base)
        && finder.tag(at, 2) != Tag::Noun;
    let paid = word == "attention" && finder.verb(before) == Some("pay")
        || one_of(
            before,
            "a an the great big good bad no more much deep strong harmful \
negative positive",
        )
        || possessive_determiner(before);
    let time = one_of(finder.word(at, 2), "school class home first all that this")
        || one_of(finder.word(at, 3), "world end time moment morning past test exam");
    let exact = one_of(word, "key answer reason solution contribution knowledge interest demand")
        && !one_of(before, "the a an great no");
    if paid
        && !infinitive
        && !time
        && !exact
        && !(word == "answer"
            || word == "knowledge" && here == "in"
            || word == "interest" && here == "for")
    {
        finder.replace(at + 1, *right, "R:PREP", NOUN);
        finder.point("preposition.noun");
    }
}

fn phrase(finder: &mut Finder<'_>, at: usize) {
    for (before, right, after, wrong) in PHRASES {
        let length = before.len();
        let fits = (0..length).all(|step| {
            finder
                .text
                .near(at, isize::try_from(step).unwrap_or(0))
                .is_some_and(|token| token.lower == before[step])
        });
        if !fits || wrong.is_empty() {
            continue;
        }
        let place = at + length;
        if place >= finder.sentence(at).end || !wrong.contains(&finder.word(place, 0)) {
            continue;
        }
        let follows = after.iter().enumerate().all(|(step, word)| {
            let there = finder.word(place, isize::try_from(step).unwrap_or(0) + 1);
            match *word {
                "*" => nominal(finder, place + 1) && !there.is_empty(),
                "#" => number(there),
                word => word == there,
            }
        });
        let infinitive = finder.word(place, 0) == "to"
            && finder.is_verb(finder.word(place, 1), Form::Base)
            && finder.tag(place, 1) != Tag::Noun;
        if follows && !infinitive {
            let preposition = crate::rules::words::PREPOSITIONS.contains(right);
            finder.replace(place, *right, if preposition { "R:PREP" } else { code(right) }, PHRASE);
            finder.point(if preposition { "preposition.phrase" } else { "vocabulary.collocation" });
            return;
        }
    }
}

/// Says whether a word is a number, as `15` and `twenty-five`.
fn number(word: &str) -> bool {
    word.parse::<u32>().is_ok()
        || word.split('-').next().is_some_and(|first| CARDINALS.contains(&first))
}

fn code(word: &str) -> &'static str {
    match word {
        "the" | "a" => "R:DET:ART",
        "more" | "far" | "possible" | "better" => "R:ADV",
        "but" => "R:CONJ",
        _ => "R:NOUN",
    }
}

/// `From now on she worked …`: the past has another word for it.
fn now_then(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "now" || finder.word(at, -1) != "from" || finder.word(at, 1) != "on" {
        return;
    }
    let pasts = finder.sentence(at).filter(|index| finder.finite_past(*index)).count();
    let future = finder
        .sentence(at)
        .any(|index| one_of(finder.word(index, 0), "will 'll i'll shall must should is are can"));
    if pasts > 0 && !future {
        finder.replace(
            at,
            "then",
            "R:ADV",
            ("过去的“从那时起”是 from then on", "in the past it is “from then on”"),
        );
        finder.point("vocabulary.collocation");
    }
}

/// `such as like tea`, `repeat again`, `return back`.
fn twice(finder: &mut Finder<'_>, at: usize) {
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    let base = finder.verb(word);
    if word == "such" && next == "as" && matches!(finder.word(at, 2), "like" | "for") {
        finder.delete(at + 2, "U:PREP", TWICE);
        finder.point("sentence.redundancy");
    } else if matches!((base, next), (Some("return"), "back") | (Some("repeat"), "again"))
        && finder.tag(at, 0) == Tag::Verb
        && finder.word(at, 2) != "and"
    {
        finder.delete(at + 1, "U:ADV", TWICE);
        finder.point("sentence.redundancy");
    } else if word == next
        && one_of(word, "the a an is are to of in and was were i we my for with it at")
    {
        finder.delete(at + 1, "U:OTHER", TWICE);
        finder.point("sentence.redundancy");
    }
}

/// `Friday's night`: a day as a modifier has no `'s`.
fn names(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(day) = word.strip_suffix("'s") else { return };
    let weekday = one_of(
        day,
        "monday tuesday wednesday thursday friday saturday sunday summer \
winter",
    );
    if weekday
        && one_of(finder.word(at, 1), "night morning afternoon evening holiday vacation camp")
    {
        let shown: String = finder.text.tokens[at].text.chars().take(day.chars().count()).collect();
        finder.replace(
            at,
            shown,
            "R:NOUN:POSS",
            (
                "星期作定语修饰 night、morning 时不用所有格",
                "a day before “night” or “morning” takes no possessive",
            ),
        );
        finder.point("noun.attributive");
    }
}

/// `instead going`, `in front the house`, `a lot people`, `plenty food`.
fn missing_of(finder: &mut Finder<'_>, at: usize) {
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    let before = finder.word(at, -1);
    let plural = finder.plural(next) && finder.noun(next) != Some(next)
        || next == "people"
        || finder.uncountable(next)
        || next == "money"
        || next == "time";
    let lot = matches!(word, "lot" | "lots")
        && (before == "a" || word == "lots")
        && plural
        && finder.tag(at, 1) == Tag::Noun
        && finder.tag(at, 2) != Tag::Noun;
    let kinds = one_of(word, "kinds kind sorts pair number")
        && plural
        && finder.tag(at, 1) == Tag::Noun
        && one_of(before, "all many different a this");
    let front = word == "front" && before == "in" && one_of(next, "the my his our me us him");
    let instead = word == "instead"
        && finder.is_verb(next, Form::Ing)
        && !before.is_empty()
        && finder.tag(at, -1) != Tag::Mark;
    if (lot && next != "time") || kinds || front || instead {
        finder.insert(at + 1, "of", "M:PREP", PHRASE);
        finder.point("preposition.phrase");
    }
    let due = (word == "due" && super::linking(before)
        || word == "thanks" && at == finder.sentence(at).start && next != "a"
        || word == "according")
        && (one_of(next, "the my his our their a"));
    if due {
        finder.insert(at + 1, "to", "M:PREP", PHRASE);
        finder.point("preposition.phrase");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn words_keep_their_partners() {
        assert_eq!(corrected("She is interested on music."), "She is interested in music.");
        assert_eq!(corrected("Success depends in hard work."), "Success depends on hard work.");
        assert_eq!(
            corrected("He sat in the middle on the room."),
            "He sat in the middle of the room."
        );
        assert_eq!(corrected("Pay attention on your spelling."), "Pay attention to your spelling.");
        assert_eq!(corrected("There are a lot people here."), "There are a lot of people here.");
        assert_eq!(corrected("He left in the age of ten."), "He left at the age of ten.");
        for text in ["In the age of the Internet, news travels fast.", "Come up to the front."] {
            assert_eq!(corrected(text), text);
        }
    }
}
