//! Compares two content words or two groups of verbs.

use super::classify::{Site, noun_here};
use super::lexicon::{Class, Form, Lexicon};
use super::words::{BE, HAVE, MODALS, PREPOSITIONS, auxiliary};

/// Names the type of a change between two forms or derivations of one word.
pub fn same_root(a: &str, b: &str, site: &Site, lexicon: &Lexicon) -> Option<&'static str> {
    if a.trim_end_matches("'s").trim_end_matches("s'")
        == b.trim_end_matches("'s").trim_end_matches("s'")
    {
        return Some("NOUN:POSS");
    }
    let shared_noun = common(a, b, Class::Noun, lexicon);
    let shared_verb = common(a, b, Class::Verb, lexicon);
    if let Some((from, to)) = &shared_noun
        && from != to
        && (shared_verb.is_none() || noun_here(b, site, lexicon) || counted_after(site, lexicon, a))
    {
        return Some("NOUN:NUM");
    }
    if let Some((from, to)) = participles(a, b, lexicon) {
        let complement = BE.contains(&site.back(1)) || super::check::linking(site.back(1));
        let attribute =
            lexicon.can_be(site.next(), Class::Noun) || PREPOSITIONS.contains(&site.next());
        if (complement && (site.next() == "in" || lexicon.can_be(b, Class::Adjective)) || attribute)
            && from != to
            && lexicon.can_be(a, Class::Adjective)
            && lexicon.can_be(b, Class::Adjective)
        {
            return Some("MORPH:PART");
        }
    }
    if let Some((from, to)) = shared_verb {
        return Some(verb_forms(from, to, site));
    }
    if let Some((from, to)) = common(a, b, Class::Adjective, lexicon) {
        let adverbial = matches!(a, "late" | "soon" | "early" | "fast" | "hard")
            && to == Form::Comparative
            && !lexicon.can_be(site.next(), Class::Noun);
        return (from != to).then_some(if adverbial { "ADV:FORM" } else { "ADJ:FORM" });
    }
    if matches!(
        (a, b),
        ("hard", "hardly")
            | ("hardly", "hard")
            | ("late" | "later", "lately")
            | ("sooner", "soon")
            | ("soon", "sooner")
    ) {
        return Some(if a.starts_with("soon") { "ADV:FORM" } else { "ADV" });
    }
    if is_adverb_of(b, a, lexicon) {
        return Some("MORPH:ADV");
    }
    if is_adverb_of(a, b, lexicon) {
        return Some("MORPH:ADJ");
    }
    if a == "good" && b == "well" {
        return Some("MORPH:ADV");
    }
    related(a, b).then(|| derived(a, b, lexicon)).flatten()
}

fn participles(a: &str, b: &str, lexicon: &Lexicon) -> Option<(Form, Form)> {
    let (from, to) = common(a, b, Class::Verb, lexicon)?;
    let fits = |form: Form| matches!(form, Form::Ing | Form::Past | Form::Participle);
    (fits(from) && fits(to) && (from == Form::Ing) != (to == Form::Ing)).then_some((from, to))
}

fn counted_after(site: &Site, lexicon: &Lexicon, a: &str) -> bool {
    let before = site.back(1);
    // `the football player`: a noun before and no verb form that could follow it.
    lexicon.can_be(before, Class::Noun) && !lexicon.can_be(a, Class::Verb)
}

fn is_adverb_of(adverb: &str, adjective: &str, lexicon: &Lexicon) -> bool {
    lexicon.adjective_of(adverb) == Some(adjective)
        || super::morph::adverb(adjective).as_deref() == Some(adverb)
}

fn common(a: &str, b: &str, class: Class, lexicon: &Lexicon) -> Option<(Form, Form)> {
    let of = |word: &str| {
        lexicon
            .readings(word)
            .iter()
            .filter(move |reading| reading.class == class)
            .collect::<Vec<_>>()
    };
    let second = of(b);
    of(a).iter().find_map(|from| {
        let to = second.iter().find(|to| to.base == from.base && to.form != from.form)?;
        Some((from.form, to.form))
    })
}

fn verb_forms(from: Form, to: Form, site: &Site) -> &'static str {
    let before = site.back(1);
    let before_that = site.back(2);
    let after_base_taker = before == "to"
        || MODALS.contains(&before)
        || before_that == "not" && MODALS.contains(&site.back(3));
    let after = |list: &[&str]| {
        list.contains(&before)
            || (list.contains(&before_that)
                && matches!(before, "not" | "never" | "also" | "always")
                || before.ends_with("ly") && list.contains(&before_that))
    };
    if after_base_taker && to == Form::Base {
        return "VERB:FORM";
    }
    match (from, to) {
        (Form::Base | Form::Third, Form::Base | Form::Third) => "VERB:SVA",
        (_, Form::Participle | Form::Past) if after(BE) => "VERB:VOICE",
        (_, Form::Participle | Form::Past) if after(HAVE) => "VERB:TENSE",
        (Form::Past, Form::Base | Form::Third)
        | (Form::Base | Form::Third | Form::Past | Form::Participle | Form::Ing, Form::Past) => {
            "VERB:TENSE"
        }
        (Form::Participle, Form::Base | Form::Third) if !after_base_taker => "VERB:TENSE",
        _ => "VERB:FORM",
    }
}

fn related(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let shorter = a.chars().count().min(b.chars().count());
    let negated = |long: &str, short: &str| {
        ["un", "in", "im", "ir", "dis", "mis"]
            .iter()
            .any(|start| long.strip_prefix(start) == Some(short))
    };
    shared >= 4 && shared * 3 >= shorter * 2
        || shared >= 3 && shorter <= 5 && shared + 1 >= shorter
        || negated(a, b)
        || negated(b, a)
}

fn derived(a: &str, b: &str, lexicon: &Lexicon) -> Option<&'static str> {
    let from = class(a, lexicon)?;
    let to = class(b, lexicon)?;
    let to = if from == to && lexicon.can_be(b, Class::Adjective) { Class::Adjective } else { to };
    if from == to {
        return None;
    }
    Some(match to {
        Class::Noun => "MORPH:NOUN",
        Class::Verb => "MORPH:VERB",
        Class::Adjective => "MORPH:ADJ",
        Class::Adverb => "MORPH:ADV",
        Class::Other => return None,
    })
}

/// Class of a word out of context, by its ending when the word list does not know it.
pub fn class(word: &str, lexicon: &Lexicon) -> Option<Class> {
    const NOUNS: &[&str] =
        &["ness", "ment", "tion", "sion", "ity", "ance", "ence", "ship", "ism", "dom", "th"];
    const ADJECTIVES: &[&str] =
        &["ful", "less", "ous", "ive", "able", "ible", "ic", "ical", "ent", "ant", "al"];
    let readings = lexicon.readings(word);
    let has = |class: Class| readings.iter().any(|reading| reading.class == class);
    if word.ends_with("ly") && !has(Class::Adjective) {
        return Some(Class::Adverb);
    }
    if NOUNS.iter().any(|end| word.ends_with(end)) && !has(Class::Verb) {
        return Some(Class::Noun);
    }
    if let Some(reading) = readings.first() {
        return Some(reading.class);
    }
    ADJECTIVES
        .iter()
        .any(|end| word.ends_with(end))
        .then_some(Class::Adjective)
        .or_else(|| lexicon.class_in_dictionary(word))
}

/// Names the type of a change between two unrelated words.
pub fn different_words(a: &str, b: &str, site: &Site, lexicon: &Lexicon) -> &'static str {
    if !lexicon.knows(a) && lexicon.knows(b) {
        return "SPELL";
    }
    if noun_here(b, site, lexicon) {
        return "NOUN";
    }
    let shared = [Class::Verb, Class::Adjective, Class::Adverb, Class::Noun]
        .into_iter()
        .find(|class| lexicon.can_be(a, *class) && lexicon.can_be(b, *class));
    match shared.or_else(|| class(b, lexicon)) {
        Some(Class::Noun) => "NOUN",
        Some(Class::Verb) => "VERB",
        Some(Class::Adjective) => "ADJ",
        Some(Class::Adverb) => "ADV",
        _ => "OTHER",
    }
}

/// How a group of verbs is built.
#[derive(Debug, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the features of a verb group are independent")]
pub struct Group {
    pub modal: bool,
    pub infinitive: bool,
    pub perfect: bool,
    pub progressive: bool,
    pub passive: bool,
    pub past: bool,
    pub third: bool,
    pub base: String,
    /// Starts with a finite verb.
    pub finite: bool,
}

/// Reads a group of verbs such as `would have been done`; `None` when it is something else.
pub fn parse(words: &[String], lexicon: &Lexicon) -> Option<Group> {
    let mut words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !matches!(*word, "not" | "never" | "ever" | "just" | "already" | "always"))
        .collect();
    let mut group = Group::default();
    if words.first() == Some(&"to") {
        group.infinitive = true;
        words.remove(0);
    }
    let main = words.pop()?;
    let plain = main.trim_end_matches("n't");
    let readings: Vec<_> =
        lexicon.readings(plain).iter().filter(|reading| reading.class == Class::Verb).collect();
    let base = readings.first()?.base.clone();
    let has = |form: Form| readings.iter().any(|reading| reading.form == form);
    if words.iter().any(|word| !auxiliary(word) && *word != "to" && *word != "going") {
        return None;
    }
    group.modal = words.iter().any(|word| MODALS.contains(word));
    group.perfect = words.iter().any(|word| HAVE.contains(word));
    let be = words.iter().any(|word| BE.contains(word));
    group.progressive = (be && has(Form::Ing)) || words.contains(&"being");
    group.passive = be && has(Form::Participle) && !has(Form::Ing);
    let first = words.first().copied().unwrap_or(plain);
    group.past = if words.is_empty() {
        has(Form::Past) && !has(Form::Base)
    } else {
        matches!(first, "was" | "were" | "had" | "did" | "didn't" | "would" | "could" | "might")
    };
    group.third =
        matches!(first, "is" | "has" | "does" | "was") || words.is_empty() && has(Form::Third);
    let bare_ing = words.is_empty() && has(Form::Ing);
    let nonfinite = matches!(first, "being" | "having" | "been" | "be") || bare_ing;
    group.finite = !(group.infinitive || nonfinite);
    group.base = base;
    Some(group)
}

/// Names the type of a change between two groups of one verb.
pub fn verb_groups(a: &[String], b: &[String], lexicon: &Lexicon) -> Option<&'static str> {
    let (from, to) = (parse(a, lexicon)?, parse(b, lexicon)?);
    if from.base != to.base {
        return None;
    }
    Some(if from.finite != to.finite || !to.finite {
        "VERB:FORM"
    } else if from.modal != to.modal
        && a.iter().chain(b).any(|word| {
            MODALS.contains(&word.as_str()) && !matches!(word.as_str(), "will" | "would" | "shall")
        })
    {
        "MODAL"
    } else if from.passive != to.passive {
        "VERB:VOICE"
    } else if from.past == to.past
        && from.perfect == to.perfect
        && from.progressive == to.progressive
        && from.modal == to.modal
    {
        "VERB:SVA"
    } else {
        "VERB:TENSE"
    })
}
