//! Prepositions: after verbs, with words of time, missing and superfluous ones.

use super::scan::Finder;
use crate::rules::clauses_nouns::person;
use crate::rules::lexicon::Form;
use crate::rules::text::Tag;
use crate::rules::words::{one_of, possessive_determiner};

const TRANSITIVE: (&str, &str) =
    ("及物动词后直接跟宾语，不用介词", "this verb takes its object without a preposition");
const MISSING: (&str, &str) =
    ("不及物动词接宾语时要加介词", "this verb needs a preposition before its object");
const BECAUSE: (&str, &str) =
    ("because 接句子，because of 接名词短语", "“because” takes a clause, “because of” a noun");

const HEARER: (&str, &str) =
    ("explain 等动词后说明对象用 to sb", "the hearer is named with “to” after this verb");
const BY: (&str, &str) = (
    "by 后直接接交通工具；有限定词时用 on/in",
    "“by” takes the bare noun; with a determiner it is “on” or “in”",
);

/// Verbs with the preposition that they do not take.
const NOT_WITH: &[(&str, &[&str])] = &[
    ("discuss", &["about", "on"]),
    ("mention", &["about"]),
    ("marry", &["with"]),
    ("reach", &["to", "at", "in"]),
    ("enter", &["into", "in", "to"]),
    ("contact", &["with"]),
    ("realize", &["of", "about"]),
    ("realise", &["of", "about"]),
    ("emphasize", &["on"]),
    ("accompany", &["with"]),
    ("obey", &["to"]),
    ("attend", &["at", "in"]),
    ("approach", &["to"]),
    ("resemble", &["to", "with"]),
    ("consider", &["about"]),
    ("answer", &["to"]),
    ("visit", &["to"]),
    ("serve", &["for"]),
    ("regret", &["about"]),
    ("lack", &["of"]),
    ("face", &["with"]),
    ("thank", &["to"]),
    ("follow", &["with"]),
    ("join", &["into"]),
    ("understand", &["about"]),
    ("notice", &["about", "at"]),
    ("enjoy", &["in", "with"]),
    ("help", &["to"]),
    ("suggest", &["about"]),
    ("describe", &["about"]),
    ("invite", &["for"]),
    ("remember", &["about"]),
    ("phone", &["to"]),
    ("ring", &["to"]),
    ("ask", &["to"]),
    ("tell", &["to", "with"]),
];

/// Verbs with the preposition they need before an object.
const NEEDS: &[(&str, &str)] = &[
    ("listen", "to"),
    ("depend", "on"),
    ("rely", "on"),
    ("belong", "to"),
    ("object", "to"),
    ("apologize", "to"),
    ("apologise", "to"),
    ("insist", "on"),
    ("consist", "of"),
    ("laugh", "at"),
    ("arrive", "at"),
    ("wait", "for"),
    ("reply", "to"),
    ("benefit", "from"),
    ("succeed", "in"),
    ("participate", "in"),
    ("concentrate", "on"),
    ("contribute", "to"),
    ("respond", "to"),
    ("deal", "with"),
    ("knock", "at"),
    ("search", "for"),
    ("graduate", "from"),
    ("compete", "with"),
    ("communicate", "with"),
    ("smile", "at"),
    ("care", "about"),
    ("complain", "about"),
    ("cope", "with"),
    ("refer", "to"),
    ("adapt", "to"),
    ("pay attention", "to"),
    ("look", "at"),
    ("apply", "for"),
];

/// Checks every preposition.
pub fn check(finder: &mut Finder<'_>) {
    for at in 0..finder.len() {
        superfluous(finder, at);
        missing(finder, at);
        motion(finder, at);
        because(finder, at);
        to_whom(finder, at);
        vehicle(finder, at);
    }
}

fn object_follows(finder: &Finder<'_>, at: usize) -> bool {
    let next = finder.word(at, 1);
    finder.determiner(next)
        || one_of(next, "me him her us them it you music how what everyone others people")
        || matches!(finder.tag(at, 1), Tag::Noun | Tag::Name) && finder.tag(at, 1) != Tag::Mark
}

fn superfluous(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(base) = finder.verb(word) else { return };
    let next = finder.word(at, 1);
    let Some((_, prepositions)) = NOT_WITH.iter().find(|(verb, _)| *verb == base) else { return };
    let noun = matches!(finder.tag(at, -1), Tag::Determiner | Tag::Adjective | Tag::Number)
        || finder.word(at, -1) == "first"
        || finder.word(at, -1).ends_with("'s");
    if !prepositions.contains(&next) || !matches!(finder.tag(at, 0), Tag::Verb) || noun {
        return;
    }
    let passive = finder.is_verb(word, Form::Participle) && super::linking(finder.before(at));
    let infinitive = next == "to"
        && finder.is_verb(finder.word(at, 2), Form::Base)
        && !finder.determiner(finder.word(at, 2))
        && finder.tag(at, 2) != Tag::Noun;
    let loose = one_of(
        base,
        "help ask tell serve understand remember ring follow face suggest \
invite enjoy regret notice consider answer lack phone visit",
    ) && !(object_follows(finder, at + 1)
        && matches!(
            (base, next),
            ("serve", "for")
                | ("help" | "ask" | "answer" | "phone" | "ring" | "tell" | "visit", "to")
                | ("lack", "of")
                | ("consider" | "regret", "about")
                | ("enjoy", "in")
        ));
    if passive
        || infinitive
        || loose
        || !(object_follows(finder, at + 1) || finder.is_verb(finder.word(at, 2), Form::Ing))
    {
        return;
    }
    if base == "reach" && matches!(next, "in")
        || base == "enter"
            && next == "into"
            && matches!(finder.word(at, 2), "an" | "a")
            && !finder.countable_singular(finder.word(at, 3))
        || base == "attend" && next == "in"
    {
        return;
    }
    finder.delete(at + 1, "U:PREP", TRANSITIVE);
    finder.point("verb.transitivity");
}

fn missing(finder: &mut Finder<'_>, at: usize) {
    let word = finder.word(at, 0);
    let Some(base) = finder.verb(word) else { return };
    let Some((_, preposition)) = NEEDS.iter().find(|(verb, _)| *verb == base) else { return };
    let verbal = finder.tag(at, 0) == Tag::Verb && !finder.determiner(finder.word(at, -1))
        || base == "listen";
    if !verbal {
        return;
    }
    let next = finder.word(at, 1);
    let pronoun = one_of(next, "me him us them it");
    let determined = one_of(next, "the my his our their your these those a an") || next == "her";
    let day = one_of(
        finder.word(at, 2),
        "day morning night year week time moment whole next first last way \
minute hour lot bit few little long more most best great same",
    );
    let allowed = match base {
        "listen" => {
            pronoun || determined || next == "music" || matches!(finder.tag(at, 1), Tag::Noun)
        }
        "arrive" => determined && !matches!(finder.word(at, 2), "same"),
        "look" => one_of(next, "me him us them") && finder.tag(at, 2) == Tag::Mark,
        "wait" => {
            pronoun && next != "it"
                || determined && one_of(finder.word(at, 2), "bus train result results answer")
        }
        "reply" | "apply" | "refer" | "search" | "care" | "complain" => {
            pronoun || determined && base == "reply"
        }
        "apologize" | "apologise" | "laugh" | "smile" | "object" | "deal" | "contribute" => pronoun,
        "knock" => determined && one_of(finder.word(at, 2), "door window gate"),
        "communicate" => {
            one_of(next, "me him us you")
                || determined && person(finder.lexicon, finder.word(at, 2))
        }
        "succeed" => finder.is_verb(next, Form::Ing),
        "benefit" => {
            finder.is_verb(next, Form::Ing)
                || determined && matches!(finder.tag(at, -1), Tag::Pronoun)
        }
        _ => pronoun || determined,
    };
    if allowed && !day {
        finder.insert(at + 1, *preposition, "M:PREP", MISSING);
        finder.point("preposition.verb");
        return;
    }
    // `depends a lot the weather`, `benefit greatly it`
    let far: isize = match (next, finder.word(at, 2)) {
        ("a", "lot") => 3,
        ("much" | "greatly" | "mainly" | "largely" | "mostly", _) => 2,
        _ => return,
    };
    let steady = one_of(base, "benefit depend rely contribute concentrate insist respond");
    let object = one_of(finder.word(at, far), "it this them us the my his her our their");
    if steady && (finder.is_verb(finder.word(at, far), Form::Ing) || object) {
        finder.insert(at + far.unsigned_abs(), *preposition, "M:PREP", MISSING);
        finder.point("preposition.verb");
    }
}

/// `come China`, `go school`, `went the park`.
fn motion(finder: &mut Finder<'_>, at: usize) {
    let base = finder.verb(finder.word(at, 0));
    let moves = base.is_some_and(|word| one_of(word, "come go travel return move walk drive fly"));
    if !moves || !matches!(finder.tag(at, 0), Tag::Verb) || at + 1 >= finder.len() {
        return;
    }
    // `Here comes Mary`: the subject follows its verb.
    if one_of(finder.word(at, -1), "here there then") && finder.text.opens_clause(at - 1) {
        return;
    }
    let next = finder.word(at, 1);
    let named = finder.text.near(at, 1).is_some_and(|token| {
        matches!(token.tag, Tag::Name | Tag::Noun)
            && token.text.starts_with(char::is_uppercase)
            && token.text.chars().skip(1).all(char::is_lowercase)
            && !one_of(
                token.lower.as_str(),
                "i sunday monday tuesday wednesday thursday friday saturday \
christmas god mum mom dad",
            )
    }) && matches!(base, Some("come" | "go" | "travel"))
        && matches!(
            finder.word(at, 2),
            "" | "."
                | ","
                | "to"
                | "for"
                | "with"
                | "in"
                | "and"
                | "when"
                | "last"
                | "next"
                | "this"
                | "by"
                | "!"
                | "?"
        );
    let place = base.is_some_and(|word| one_of(word, "go come walk drive return"))
        && (next == "school"
            || one_of(next, "the my our his a")
                && one_of(
                    finder.word(at, 2),
                    "park school zoo library cinema hospital shop supermarket station \
museum beach village city farm restaurant bookstore countryside \
office airport market",
                ));
    if named || place {
        finder.insert(at + 1, "to", "M:PREP", MISSING);
        finder.point("preposition.verb");
    }
}

/// `because the heavy rain.`, `because of it rained`.
fn because(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "because" || at + 1 >= finder.len() {
        return;
    }
    let end = finder.sentence(at).end;
    let stop = (at + 1..end).find(|index| one_of(finder.word(*index, 0), ". ! ? ;")).unwrap_or(end);
    let verbal = |index: usize| {
        let word = finder.word(index, 0);
        crate::rules::words::auxiliary(word)
            || word.contains('\'')
            || super::super::text::MODALS.contains(&word)
            || matches!(finder.tag(index, 0), Tag::Verb | Tag::Auxiliary)
                && !finder.is_verb(word, Form::Ing)
            || finder.finite_past(index)
            || finder.is_verb(word, Form::Past) && finder.tag(index, 0) != Tag::Adjective
            || !finder.lexicon.knows(word) && finder.tag(index, 0) != Tag::Mark
            || finder.is_verb(word, Form::Third) && !finder.plural(word)
            || finder.tag(index, -1) == Tag::Pronoun && finder.is_verb(word, Form::Base)
    };
    let next = finder.word(at, 1);
    let noun_phrase = (finder.determiner(next) || matches!(finder.tag(at, 1), Tag::Noun))
        && !matches!(next, "that");
    if noun_phrase && stop > at + 2 && stop <= at + 14 && !(at + 1..stop).any(verbal) {
        finder.insert(at + 1, "of", "M:PREP", BECAUSE);
        finder.point("preposition.phrase");
    }
    if next == "of"
        && one_of(finder.word(at, 2), "i he she we they")
        && matches!(finder.tag(at, 3), Tag::Verb | Tag::Auxiliary)
    {
        finder.delete(at + 1, "U:PREP", BECAUSE);
        finder.point("clause.adverbial.cause");
    }
}

/// `explain me the rule`: these verbs name the hearer with `to`.
fn to_whom(finder: &mut Finder<'_>, at: usize) {
    let says = finder.verb(finder.word(at, 0)).is_some_and(|verb| {
        one_of(verb, "explain describe mention suggest announce introduce say")
    });
    let after = finder.word(at, 2);
    let object = finder.determiner(after) && !one_of(after, "all both")
        || one_of(after, "how what why that where");
    if says
        && finder.tag(at, 0) == Tag::Verb
        && one_of(finder.word(at, 1), "me him us them you")
        && object
    {
        finder.insert(at + 1, "to", "M:PREP", HEARER);
        finder.point("preposition.verb");
    }
}

/// `by his bike`: `by` goes with the bare noun.
fn vehicle(finder: &mut Finder<'_>, at: usize) {
    if finder.word(at, 0) != "by" || !possessive_determiner(finder.word(at, 1)) {
        return;
    }
    let with = match finder.word(at, 2) {
        "bike" | "bicycle" | "motorbike" | "motorcycle" | "horse" => "on",
        "car" | "taxi" | "truck" => "in",
        _ => return,
    };
    let moves = (finder.sentence(at).start..at).any(|index| {
        finder
            .verb(finder.word(index, 0))
            .is_some_and(|verb| one_of(verb, "go come travel arrive leave return get"))
    });
    if moves {
        finder.replace(at, with, "R:PREP", BY);
        finder.point("preposition.phrase");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::check::tests::corrected;

    #[test]
    fn verbs_take_their_prepositions() {
        assert_eq!(corrected("We discussed about the plan."), "We discussed the plan.");
        assert_eq!(corrected("She likes listening music."), "She likes listening to music.");
        assert_eq!(corrected("It depends the weather."), "It depends on the weather.");
        assert_eq!(corrected("He explained me the rule."), "He explained to me the rule.");
        assert_eq!(corrected("She came by her bike."), "She came on her bike.");
        assert_eq!(
            corrected("He will come Beijing next week."),
            "He will come to Beijing next week."
        );
        assert_eq!(corrected("Someone knocked the door."), "Someone knocked at the door.");
        assert_eq!(
            corrected("I often communicate my parents."),
            "I often communicate with my parents."
        );
    }

    #[test]
    fn objects_and_subjects_take_none() {
        for text in [
            "A car knocked him down.",
            "The company suffered a heavy loss.",
            "We should communicate our ideas clearly.",
            "Here comes Mary!",
        ] {
            assert_eq!(corrected(text), text);
        }
    }

    #[test]
    fn time_takes_its_prepositions() {
        assert_eq!(corrected("We have no lessons in Sunday."), "We have no lessons on Sunday.");
        assert_eq!(corrected("I run on every morning."), "I run every morning.");
        assert_eq!(
            corrected("We stayed in because the heavy rain."),
            "We stayed in because of the heavy rain."
        );
        assert_eq!(corrected("He called during I was out."), "He called when I was out.");
    }
}
