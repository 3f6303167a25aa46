//! Case, number and person of pronouns.

use super::scan::Finder;
use crate::rules::clauses_nouns::person;
use crate::rules::lexicon::{Class, Form};
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{
    BE, CARDINALS, MODALS, PERSONS, PREPOSITIONS, possessive_determiner, reflexive,
};

const OBJECT: (&str, &str) =
    ("动词和介词后面的代词用宾格", "a pronoun after a verb or preposition is an object");
const SUBJECT: (&str, &str) = ("作主语的代词用主格", "a pronoun before its verb is a subject");
const OWNER: (&str, &str) = ("名词前用形容词性物主代词", "a noun takes the possessive before it");
const SELF: (&str, &str) = ("反身代词要与主语一致", "a reflexive pronoun agrees with its subject");
const PERSON: (&str, &str) =
    ("代词要与上下文所指的人一致", "the pronoun must fit the person spoken of");
const THERE: (&str, &str) = ("表示“某处有某物”用 there be", "“there” says that something exists");
const ALONE: (&str, &str) =
    ("后面没有名词，要用名词性物主代词", "without a noun the possessive stands in its own form");
const ONE: (&str, &str) = ("泛指同类中的一个用 one", "“one” stands for a thing of the same kind");
const ITS: (&str, &str) =
    ("it’s 是 it is 的缩写，物主代词是 its", "“it’s” means “it is”; the possessive is “its”");

/// Checks every pronoun.
pub fn check(finder: &mut Finder<'_>) {
    let second = (0..finder.len()).any(|at| {
        // A letter addresses its reader even without `you`.
        one_of(finder.text.at(at, 0), "you you're you'll you've yourself dear letter reply")
            && !finder.text.tokens[at].quoted
    });
    for at in 0..finder.len() {
        cases(finder, at);
        alone(finder, at);
        coordinated(finder, at);
        forms(finder, at);
        owners(finder, at);
        reflexives(finder, at);
        there(finder, at);
        if !second {
            strays(finder, at);
        }
        plural_it(finder, at);
        others(finder, at);
        of_things(finder, at);
    }
}

fn row(word: &str, column: usize) -> Option<&'static [&'static str; 5]> {
    PERSONS.iter().find(|row| row[column] == word)
}

fn cases(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let (before, next) = (finder.word(at, -1), finder.word(at, 1));
    let finite_next = finder.is_verb(next, Form::Past) && !finder.is_verb(next, Form::Base)
        || finder.is_verb(next, Form::Third)
        || MODALS.contains(&next)
        || BE.contains(&next)
        || one_of(next, "have had do did don't");
    // `I.D.` is an abbreviation.
    let letter = word == "i"
        && next == "."
        && finder.text.tokens.get(at + 2).is_some_and(|token| {
            token.tag != Tag::Mark && token.start == finder.text.tokens[at + 1].end
        });
    if one_of(word, "i he she we they") && !letter {
        let verb_before = finder.text.only_verb(at, -1)
            && !crate::rules::words::auxiliary(before)
            && finder.tag(at, -1) == Tag::Verb;
        let preposition = PREPOSITIONS.contains(&before)
            && !one_of(before, "like before after than as since until in on to");
        let alone =
            finder.tag(at, 1) == Tag::Mark || next.is_empty() || PREPOSITIONS.contains(&next);
        if (preposition || verb_before)
            && alone
            && !finite_next
            && !finder.text.tokens[at].quoted
            && finder.tag(at, 1) != Tag::Verb
            && !finder.verb(before).is_some_and(|word| one_of(word, "say ask reply answer"))
        {
            let object = row(word, 0).map_or(word, |row| row[1]);
            finder.replace(at, object, "R:PRON", OBJECT);
        } else if finder.adjective(next)
            && finder.tag(at, 2) == Tag::Mark
            && finder
                .verb(before)
                .is_some_and(|verb| one_of(verb, "find make keep leave consider get"))
        {
            let object = row(word, 0).map_or(word, |row| row[1]);
            finder.replace(at, object, "R:PRON", OBJECT);
        } else if before == "and"
            && matches!(finder.word(at, -3), "between" | "with" | "for")
            && !finite_next
        {
            let object = row(word, 0).map_or(word, |row| row[1]);
            finder.replace(at, object, "R:PRON", OBJECT);
        }
    }
    if one_of(word, "me him us them")
        && finder.text.opens_clause(at)
        && finite_next
        && !one_of(before, "and but or as so")
    {
        let subject = row(word, 1).map_or(word, |row| row[0]);
        finder.replace(at, if subject == "i" { "I" } else { subject }, "R:PRON", SUBJECT);
    }
    if word == "i" && finder.text.tokens[at].text == "i" && !matches!(finder.word(at, 1), "." | ")")
    {
        finder.replace(at, "I", "R:ORTH", ("“我”永远大写 I", "“I” is always a capital"));
    }
}

fn owners(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let next = finder.word(at, 1);
    let noun = finder.lexicon.can_be(next, Class::Noun)
        && (finder.tag(at, 1) == Tag::Noun
            || finder.lexicon.readings(next).iter().all(|reading| reading.class == Class::Noun));
    let described = finder.only_adjective(next) && finder.tag(at, 2) == Tag::Noun;
    let gerund = finder.is_verb(next, Form::Ing) && PREPOSITIONS.contains(&finder.word(at, -1));
    if one_of(word, "yours mine hers ours theirs")
        && (noun || described || gerund)
        && finder.tag(at, 1) != Tag::Verb
    {
        let owner = row(word, 3).map_or(word, |row| row[2]);
        finder.replace(at, owner, "R:PRON:POSS", OWNER);
    }
    if one_of(word, "i me he him they them we us you she it") && noun {
        let before = finder.word(at, -1);
        let preposition =
            PREPOSITIONS.contains(&before) && !matches!(before, "to" | "for" | "like");
        if preposition
            && !finder.lexicon.can_be(next, Class::Verb)
            && finder.countable_singular(next)
        {
            let column = usize::from(row(word, 0).is_none());
            let owner = row(word, column).map_or(word, |row| row[2]);
            finder.replace(at, owner, "R:PRON:POSS", OWNER);
        }
    }
    if word == "it's"
        && noun
        && finder.tag(at, -1) != Tag::Mark
        && PREPOSITIONS.contains(&finder.word(at, -1))
    {
        finder.replace(at, "its", "R:PRON:POSS", ITS);
    }
    if word == "their" && BE.contains(&next) {
        finder.replace(at, "there", "R:PRON", THERE);
    }
}

/// `not our.`, `your is over there`: a possessive without its noun.
fn alone(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "my your our their") {
        return;
    }
    let next = finder.word(at, 1);
    let closes = finder.tag(at, 1) == Tag::Mark && !one_of(next, "“ \" ' - (") || next.is_empty();
    let subject = finder.text.opens_clause(at) && one_of(next, "is are was were");
    if (closes || subject)
        && let Some(row) = row(word, 2)
    {
        finder.replace(at, row[3], "R:PRON:POSS", ALONE);
    }
}

/// `My sister and me went`, `Him and I are`: both parts of a subject are subjects.
fn coordinated(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !one_of(word, "me him us them") {
        return;
    }
    let start = finder.sentence(at).start;
    let finite = |place: usize| {
        let here = finder.word(place, 0);
        BE.contains(&here)
            || MODALS.contains(&here)
            || one_of(here, "have had do did don't didn't")
            || finder.is_verb(here, Form::Past) && !finder.is_verb(here, Form::Base)
    };
    let first =
        at == start && finder.word(at, 1) == "and" && at + 3 < finder.len() && finite(at + 3);
    let second = finder.word(at, -1) == "and"
        && finite(at + 1)
        && (finder.head(start) == at.checked_sub(2) || at == start + 2);
    if (first || second)
        && let Some(row) = row(word, 1)
    {
        let subject = if row[0] == "i" { "I" } else { row[0] };
        finder.replace(at, subject, "R:PRON", SUBJECT);
    }
}

/// `theirselves`, `for we to learn`, `a new it`.
fn forms(finder: &mut Finder<'_>, at: usize) {
    let (word, before) = (finder.word(at, 0), finder.word(at, -1));
    let standard = match word {
        "theirselves" | "themself" => "themselves",
        "hisself" => "himself",
        "ourself" => "ourselves",
        _ => "",
    };
    if !standard.is_empty() {
        finder.replace(at, standard, "R:PRON", SELF);
        finder.point("pronoun.reflexive");
    }
    if before == "for"
        && one_of(word, "i he she we they")
        && finder.word(at, 1) == "to"
        && finder.is_verb(finder.word(at, 2), Form::Base)
        && let Some(row) = row(word, 0)
    {
        finder.replace(at, row[1], "R:PRON", OBJECT);
    }
    let described = finder.adjective(before) && matches!(finder.word(at, -2), "a" | "an");
    if word == "it" && described && finder.tag(at, 1) == Tag::Mark {
        finder.replace(at, "one", "R:PRON", ONE);
        finder.point("pronoun.indefinite");
    }
}

fn reflexives(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !reflexive(word) || finder.tag(at, -1) == Tag::Mark {
        return;
    }
    let range = finder.sentence(at);
    let subject = (range.start..at).rev().find_map(|index| {
        let here = finder.word(index, 0);
        if crate::rules::words::subject(here) || here == "you" {
            return PERSONS.iter().find(|row| row[0] == here).map(|row| row[4]);
        }
        // `She encouraged me to express myself`: the object does what the infinitive says.
        let infinitive = finder.word(index, 1) == "to"
            && finder.is_verb(finder.word(index, 2), Form::Base)
            || one_of(here, "me us them")
                && finder.is_verb(finder.word(index, 1), Form::Base)
                && finder.tag(index, 1) == Tag::Verb;
        if infinitive && one_of(here, "me us them him her") {
            return row(here, 1).map(|row| row[4]);
        }
        // `ways to express ourselves`: things do not act.
        let acts = infinitive && (word == "themselves" || person(finder.lexicon, here));
        let noun = finder.plural(here)
            && finder.tag(index, 0) == Tag::Noun
            && (acts || matches!(finder.tag(index, 1), Tag::Verb | Tag::Auxiliary))
            && !PREPOSITIONS.contains(&finder.word(index, -1));
        noun.then_some("themselves")
    });
    let Some(expected) = subject else { return };
    let you = matches!(word, "yourself" | "yourselves") && matches!(expected, "yourself");
    let by_verb = finder.tag(at, -1) == Tag::Verb
        || finder.word(at, -1) == "by"
        || finder.verb(finder.word(at, -1)).is_some();
    if word != expected && !you && by_verb && !matches!(word, "itself" | "himself" | "herself") {
        finder.replace(at, expected, "R:PRON", SELF);
        finder.point("pronoun.reflexive");
    }
}

/// `They are three rooms in …`.
fn there(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let next = finder.word(at, 1);
    if matches!(word, "they" | "it")
        && finder.text.opens_clause(at)
        && one_of(next, "are were is was")
    {
        let third = finder.word(at, 2);
        let counted =
            (CARDINALS.contains(&third) && third != "one") || one_of(third, "many several some no");
        let place = (3..=5).any(|offset| {
            one_of(finder.word(at, offset), "in on at near around")
                && finder.lexicon.can_be(finder.word(at, offset - 1), Class::Noun)
        });
        if counted && place && finder.lexicon.can_be(finder.word(at, 3), Class::Noun) {
            finder.replace(at, "there", "R:PRON", THERE);
            finder.point("sentence.there_be");
        }
    }
    if word == "there"
        && matches!(next, "have" | "has" | "had")
        && one_of(finder.word(at, 2), "a an many some no two three several")
    {
        let plural = !matches!(finder.word(at, 2), "a" | "an");
        let past = next == "had";
        let be = finder.conjugate("be", past, true, plural);
        finder.replace(at + 1, be, "R:VERB", THERE);
        finder.point("sentence.there_be");
    }
}

/// `your` in a text that addresses nobody.
fn strays(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if finder.text.tokens[at].quoted || word != "your" {
        return;
    }
    let start = finder.sentence(at).start;
    let subject = (start..at)
        .rev()
        .map(|index| finder.word(index, 0))
        .find(|word| one_of(word, "i we they he she my our me us"));
    let owner = match subject {
        Some("i" | "my" | "me") => "my",
        Some("we" | "our" | "us") => "our",
        Some("they") => "their",
        Some("he") => "his",
        Some("she") => "her",
        _ => return,
    };
    finder.replace(at, owner, "R:PRON:POSS", PERSON);
}

/// `the toys broke and I threw it away`.
fn plural_it(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "it"
        || finder.tag(at, -1) != Tag::Verb && finder.verb(finder.word(at, -1)).is_none()
    {
        return;
    }
    let ends = finder.tag(at, 1) == Tag::Mark || finder.word(at, 1).is_empty();
    if !ends || finder.text.tokens[at].quoted || BE.contains(&finder.word(at, -1)) {
        return;
    }
    let (mut plurals, mut singulars) = (0, 0);
    for index in finder.sentence(at).start..at {
        let word = finder.word(index, 0);
        if finder.tag(index, 0) == Tag::Noun || finder.tag(index, 0) == Tag::Name {
            if finder.plural(word) && finder.noun(word) != Some(word) {
                plurals += usize::from(
                    !person(finder.lexicon, word)
                        && (finder.word(index, -1) == "the"
                            || finder.word(index, -1) == "these"
                            || possessive_determiner(finder.word(index, -1))),
                );
            } else {
                singulars += 1;
            }
        }
        if one_of(word, "it this that which") {
            singulars += 1;
        }
    }
    if plurals == 1 && singulars == 0 {
        finder.replace(
            at,
            "them",
            "R:PRON",
            ("代词指代的是复数名词，要用 them", "it stands for a plural, so it is “them”"),
        );
        finder.point("pronoun.agreement");
    }
}

/// `the others students`, `another books`.
fn others(finder: &mut Finder<'_>, at: usize) {
    let (word, next) = (finder.word(at, 0), finder.word(at, 1));
    if word == "others" && finder.plural(next) && finder.tag(at, 1) == Tag::Noun {
        finder.replace(at, "other", "R:DET", ("名词前用 other", "“other” stands before a noun"));
    }
    if word == "another"
        && finder.plural(next)
        && finder.noun(next) != Some(next)
        && finder.tag(at, 1) == Tag::Noun
    {
        finder.replace(at, "other", "R:DET", ("复数名词前用 other", "a plural takes “other”"));
    }
}

/// `This surprised myself`, `a song which reminds herself of home`: the subject is a thing.
fn of_things(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let verb = finder.is_verb(finder.word(at, -1), Form::Past)
        || finder.is_verb(finder.word(at, -1), Form::Third);
    if !reflexive(word)
        || matches!(word, "itself" | "themselves")
        || !verb
        || !(one_of(finder.word(at, -2), "it this that which everything nothing something"))
    {
        return;
    }
    if let Some(row) = row(word, 4) {
        finder.replace(
            at,
            row[1],
            "R:PRON",
            (
                "主语指事物，宾语用宾格而不用反身代词",
                "the subject is a thing, so the object is not reflexive",
            ),
        );
        finder.point("pronoun.personal");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn cases_are_mended() {
        assert_eq!(corrected("My aunt bought a bike for I."), "My aunt bought a bike for me.");
        assert_eq!(corrected("This book is for hers brother."), "This book is for her brother.");
        assert_eq!(corrected("Them are my friends."), "They are my friends.");
    }

    #[test]
    fn reference_agrees() {
        assert_eq!(
            corrected("They enjoyed ourselves at the party."),
            "They enjoyed themselves at the party."
        );
        for text in [
            "She encouraged me to express myself.",
            "He let us enjoy ourselves.",
            "She asked the boys to behave themselves.",
            "We should take measures to protect ourselves.",
            "We have many ways to express ourselves.",
            "You can find more chances to improve yourself.",
        ] {
            assert_eq!(corrected(text), text);
        }
        assert_eq!(
            corrected("We should finish your work on time."),
            "We should finish our work on time."
        );
        assert_eq!(
            corrected("They are four seasons in a year."),
            "There are four seasons in a year."
        );
    }
}
