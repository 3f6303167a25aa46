//! Agreement of subject and verb.

use super::mood::{demanded, wished};
use super::past_times::{dates_another, names_past_time};
use super::scan::{Finder, Told};
use super::tense;
use crate::rules::lexicon::{Class, Form};
use crate::rules::morph;
use crate::rules::text::Tag;
use crate::rules::words::one_of;
use crate::rules::words::{MODALS, PREPOSITIONS};

const THIRD: (&str, &str) =
    ("主语是第三人称单数，动词要用第三人称单数形式", "the subject is singular, and so is its verb");
const PLAIN: (&str, &str) =
    ("主语不是第三人称单数，动词不加 s", "the subject is not singular, so the verb takes no “s”");
const BE: (&str, &str) = ("be 动词要与主语一致", "“be” agrees with its subject");

/// Checks every verb that stands beside its subject.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        if finder.text.tokens[at].quoted && finder.text.tokens[at].lower != "who" {
            continue;
        }
        pronoun_subject(finder, at);
        noun_subject(finder, at);
        relative_subject(finder, at);
        existence(finder, at);
        indefinite_subject(finder, at);
        gerund_subject(finder, at);
    }
}

/// Form of a verb that fits a subject; `None` when it fits already.
pub(super) fn fitting(finder: &Finder<'_>, at: usize, third: bool, first: bool) -> Option<String> {
    let word = finder.word(at, 0);
    let fixed = match (word, third) {
        ("are", true) => Some("is"),
        ("were", true) => Some("was"),
        ("have", true) => Some("has"),
        ("do", true) => Some("does"),
        ("don't", true) => Some("doesn't"),
        ("aren't", true) => Some("isn't"),
        ("weren't", true) => Some("wasn't"),
        ("is", false) => Some(if first { "am" } else { "are" }),
        ("am", false) if !first => Some("are"),
        ("are", false) if first => Some("am"),
        ("was", false) if !first => Some("were"),
        ("were", false) if first => Some("was"),
        ("has", false) => Some("have"),
        ("does", false) => Some("do"),
        ("doesn't", false) => Some("don't"),
        ("isn't", false) if !first => Some("aren't"),
        ("wasn't", false) if !first => Some("weren't"),
        _ => None,
    };
    if let Some(fixed) = fixed {
        return Some(fixed.into());
    }
    if one_of(word, "be is are was were am been has have does do had did") || MODALS.contains(&word)
    {
        return None;
    }
    let base = finder.verb(word)?;
    if third
        && word == base
        && finder.is_verb(word, Form::Base)
        && !finder.is_verb(word, Form::Past)
    {
        if finder.told == Told::Past {
            return Some(finder.lexicon.past(base));
        }
        return Some(morph::third(base));
    }
    if !third && finder.is_verb(word, Form::Third) && word != base {
        if finder.told == Told::Past {
            return Some(finder.lexicon.past(base));
        }
        return Some(base.into());
    }
    None
}

pub(super) fn report(finder: &mut Finder<'_>, at: usize, with: String, third: bool) {
    // `She go home yesterday`: another tense is wanted, not another person.
    if !matches!(finder.word(at, 0), "was" | "were")
        && names_past_time(finder, at)
        && !dates_another(finder, at)
    {
        tense::told_by_time(finder, at);
        return;
    }
    let reason = if with.starts_with("is")
        || with.starts_with("are")
        || with.starts_with("wa")
        || with.starts_with("were")
        || with == "am"
    {
        BE
    } else if third {
        THIRD
    } else {
        PLAIN
    };
    let past = finder.lexicon.is(&with, Class::Verb, Form::Past)
        && !matches!(with.as_str(), "was" | "were");
    let code = if past && !finder.lexicon.is(&with, Class::Verb, Form::Base) {
        "R:VERB:TENSE"
    } else {
        "R:VERB:SVA"
    };
    let reason = if code == "R:VERB:TENSE" {
        ("全文讲过去的事，用一般过去时", "the text is about the past")
    } else {
        reason
    };
    finder.replace(at, with, code, reason);
}

fn pronoun_subject(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let (third, first) = match word {
        "he" | "she" => (true, false),
        "it" if finder.text.opens_clause(at) => (true, false),
        "i" => (false, true),
        "we" | "they" => (false, false),
        "you" if finder.text.opens_clause(at) => (false, false),
        _ => return,
    };
    let before = finder.word(at, -1);
    let joined = matches!(before, "and" | "or" | "nor")
        && finder.lexicon.can_be(finder.word(at, -2), Class::Noun)
        || before == "and"
            && (finder.tag(at, -2) == Tag::Pronoun || finder.tag(at, -2) == Tag::Name);
    let inverted =
        finder.text.near(at, -1).is_some_and(|token| crate::rules::words::auxiliary(&token.lower))
            || one_of(before, "let make help see than");
    let unreal = demanded(finder, at) || wished(finder, at);
    if joined || inverted {
        return;
    }
    let mut verb = at + 1;
    while one_of(
        finder.word(verb, 0),
        "also always often never usually still really only just sometimes \
hardly",
    ) {
        verb += 1;
        if verb >= finder.len() {
            return;
        }
    }
    if verb >= finder.len() || !finder.sentence(at).contains(&verb) {
        return;
    }
    let here = finder.word(verb, 0);
    if unreal && (matches!(here, "were" | "weren't") || finder.is_verb(here, Form::Base) && third) {
        return;
    }
    let like = here == "like"
        && third
        && (finder.determiner(finder.word(verb, 1))
            || matches!(finder.tag(verb, 1), Tag::Noun | Tag::Name | Tag::Pronoun)
            || finder.word(verb, 1) == "to");
    let plausible = like
        || matches!(finder.tag(verb, 0), Tag::Verb | Tag::Auxiliary)
        || finder.text.only_verb(verb, 0);
    if plausible && let Some(with) = fitting(finder, verb, third, first) {
        report(finder, verb, with, third);
    }
}

/// `My school look …`, `The boys was …`: the subject opens its clause.
fn noun_subject(finder: &mut Finder<'_>, at: usize) {
    let opens = finder.text.opens_clause(at)
        && !(matches!(finder.word(at, -1), "and" | "or") && at > 0)
        || finder.sentence(at).start == at;
    if !opens {
        return;
    }
    let word = finder.word(at, 0);
    let determined = finder.determiner(word)
        && !one_of(
            word,
            "what which whose both all half another no any some many few that \
such this",
        );
    let bare_plural =
        finder.plural(word) && finder.tag(at, 0) == Tag::Noun && finder.noun(word) != Some(word);
    if !determined && !bare_plural && !matches!(word, "some" | "many" | "few") {
        return;
    }
    let Some(head) = finder.head(at) else { return };
    let noun = finder.word(head, 0);
    let mut verb = head + 1;
    while one_of(finder.word(verb, 0), "also always often never usually still sometimes seldom") {
        verb += 1;
    }
    if verb >= finder.sentence(at).end || head > at + 4 {
        return;
    }
    let is_plural = (finder.plural(noun) && finder.noun(noun) != Some(noun)
        || one_of(noun, "people children men women"))
        && !one_of(word, "a an every each one");
    // `the Chinese`, `the British` are many people.
    let nation = ["ese", "ish", "ch", "ss"].iter().any(|end| noun.ends_with(end))
        && finder.text.tokens[head].text.starts_with(char::is_uppercase);
    let is_singular = finder.lexicon.is(noun, Class::Noun, Form::Base)
        && !nation
        && !finder.plural(noun)
        && !one_of(
            noun,
            "family team class police group crowd government majority number \
rest half staff public audience couple lot people most other \
following",
        )
        && !one_of(word, "two three many these those few several some");
    let here = finder.word(verb, 0);
    if is_plural {
        let certain = one_of(here, "is was has does isn't wasn't doesn't")
            || finder.is_verb(here, Form::Third)
                && finder.tag(verb, 0) == Tag::Verb
                && !finder.plural(here);
        if certain
            && !one_of(
                noun,
                "news means maths physics politics series minutes hours days years \
dollars yuan miles kilometers",
            )
            && let Some(with) = fitting(finder, verb, false, false)
        {
            report(finder, verb, with, false);
        }
    } else if is_singular {
        let next = finder.word(verb, 1);
        let certain = one_of(here, "are were have don't aren't weren't")
            || finder.is_verb(here, Form::Base)
                && finder.tag(verb, 0) == Tag::Verb
                && !finder.is_verb(here, Form::Past)
                && (PREPOSITIONS.contains(&next)
                    || finder.determiner(next)
                    || finder.tag(verb, 1) == Tag::Mark
                    || finder.adjective(next)
                    || next == "me"
                    || next == "us")
                && !(finder.lexicon.can_be(here, Class::Noun)
                    && (next == "of" || finder.tag(verb, 1) == Tag::Mark));
        let unreal = finder.is_verb(here, Form::Base) && demanded(finder, at)
            || here == "were" && (wished(finder, at) || finder.word(at, -1) == "as");
        if certain
            && !unreal
            && let Some(with) = fitting(finder, verb, true, false)
        {
            report(finder, verb, with, true);
        }
    }
}

/// `drivers who waits`, `a nurse who help`.
fn relative_subject(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if !matches!(word, "who" | "which" | "that") || at == 0 {
        return;
    }
    let noun = finder.word(at, -1);
    let verb = at + 1;
    let here = finder.word(at, 1);
    if here.is_empty() {
        return;
    }
    let is_plural = (finder.plural(noun) && finder.noun(noun) != Some(noun))
        || matches!(noun, "people" | "those");
    let of_one = finder.word(at, -4) == "one"
        || finder.word(at, -3) == "one"
        || finder.word(at, -5) == "one"
        || finder.word(at, -4) == "only";
    if is_plural && !of_one {
        let certain = one_of(here, "is was has does doesn't isn't wasn't")
            || finder.is_verb(here, Form::Third) && !finder.plural(here)
            || finder.is_verb(here, Form::Third) && finder.tag(verb, 0) == Tag::Verb;
        if certain && let Some(with) = fitting(finder, verb, false, false) {
            report(finder, verb, with, false);
        }
    } else if finder.countable_singular(noun) && word != "that" {
        let certain = one_of(here, "are were have don't")
            || word == "who"
                && finder.is_verb(here, Form::Base)
                && finder.tag(verb, 0) == Tag::Verb
                && !finder.is_verb(here, Form::Past);
        let several = matches!(finder.word(at, -2), "and" | "or")
            || finder.word(at, -3) == "of"
            || finder.word(at, -2) == "of";
        if certain
            && !several
            && let Some(with) = fitting(finder, verb, true, false)
        {
            report(finder, verb, with, true);
        }
    }
}

/// `there is many`, `there are a`.
fn existence(finder: &mut Finder<'_>, at: usize) {
    let (be, next) = (finder.word(at, 1), finder.word(at, 2));
    if finder.word(at, 0) != "there" || at + 2 >= finder.len() {
        return;
    }
    if be == "going" && next == "to" && finder.word(at, 3) == "be" {
        let reason =
            ("there be 句型的将来时是 there is going to be", "“going to” needs “be” before it");
        finder.insert(at + 1, "is", "M:VERB", reason);
        return;
    }
    let plural = one_of(next, "many several two three four five few some various")
        || finder.plural(next) && finder.noun(next) != Some(next);
    let object = finder.head(at + 2);
    let plural_head = object.is_some_and(|head| {
        head <= at + 5
            && finder.plural(finder.word(head, 0))
            && finder.noun(finder.word(head, 0)) != Some(finder.word(head, 0))
    });
    if matches!(be, "is" | "was") && plural && plural_head {
        finder.replace(at + 1, if be == "is" { "are" } else { "were" }, "R:VERB:SVA", BE);
    } else if matches!(be, "are" | "were")
        && matches!(next, "a" | "an" | "one")
        && !one_of(
            finder.word(at, 3),
            "lot few number great large variety couple good range hundred \
thousand million dozen of",
        )
    {
        finder.replace(at + 1, if be == "are" { "is" } else { "was" }, "R:VERB:SVA", BE);
    }
}

/// `everyone have`, `each of them are`, `one of them are`.
fn indefinite_subject(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let everyone = one_of(
        word,
        "everyone everybody everything someone somebody something nobody \
nothing anyone anything anybody",
    );
    let helped =
        finder.text.near(at, -1).is_some_and(|token| crate::rules::words::auxiliary(&token.lower))
            || finder
                .verb(finder.word(at, -1))
                .is_some_and(|word| one_of(word, "let make help have see hear watch"));
    if everyone && !helped {
        let here = finder.word(at, 1);
        let certain = one_of(here, "are were have don't")
            || finder.is_verb(here, Form::Base)
                && finder.tag(at, 1) == Tag::Verb
                && !finder.is_verb(here, Form::Past)
                && finder.text.opens_clause(at);
        if certain && let Some(with) = fitting(finder, at + 1, true, false) {
            report(finder, at + 1, with, true);
        }
    }
    let one_of = one_of(word, "one each neither either")
        && finder.word(at, 1) == "of"
        && finder.text.opens_clause(at);
    if one_of
        && let Some(head) =
            finder.head(at + 2).or((finder.tag(at, 2) == Tag::Pronoun).then_some(at + 2))
    {
        let here = finder.word(head, 1);
        if matches!(here, "are" | "were" | "have")
            && let Some(with) = fitting(finder, head + 1, true, false)
        {
            report(finder, head + 1, with, true);
        }
    }
}

/// `Reading books are`: a gerund that opens its sentence is singular.
fn gerund_subject(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    if finder.sentence(at).start != at || !finder.is_verb(word, Form::Ing) {
        return;
    }
    let Some(head) = (at + 1..(at + 4).min(finder.sentence(at).end))
        .find(|index| finder.plural(finder.word(*index, 0)))
    else {
        return;
    };
    let here = finder.word(head, 1);
    let alone = (at + 1..head).all(|index| finder.tag(index, 0) != Tag::Mark);
    if alone
        && matches!(here, "are" | "have")
        && let Some(with) = fitting(finder, head + 1, true, false)
    {
        report(finder, head + 1, with, true);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn verbs_agree_with_pronouns() {
        assert_eq!(corrected("She like apples very much."), "She likes apples very much.");
        assert_eq!(corrected("They often goes there."), "They often go there.");
        assert_eq!(corrected("He don't know the answer."), "He doesn't know the answer.");
    }

    #[test]
    fn verbs_agree_with_nouns() {
        assert_eq!(corrected("My sister live in Beijing."), "My sister lives in Beijing.");
        assert_eq!(corrected("The flowers is beautiful."), "The flowers are beautiful.");
        assert_eq!(
            corrected("I know a man who speak five languages."),
            "I know a man who speaks five languages."
        );
        assert_eq!(
            corrected("There is many books on the desk."),
            "There are many books on the desk."
        );
        assert_eq!(corrected("Everyone have a dream."), "Everyone has a dream.");
    }
}
