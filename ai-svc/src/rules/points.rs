//! Finds the knowledge point behind one correction.

use super::classify::Site;
use super::lexicon::{Class, Counting, Form, shared};
use super::words::{ARTICLES, BE, CARDINALS, MODALS, PREPOSITIONS, reflexive};
use crate::rules::words::one_of;
use crate::taxonomy::{ErrorType, KnowledgePoint, point_or_first};

/// Narrows the point of an error type down by the words and their neighbours.
pub fn refine(
    kind: &'static ErrorType,
    original: &str,
    replacement: &str,
    context: &str,
) -> &'static KnowledgePoint {
    let site = Site::new(original, replacement, context);
    point_or_first(id(kind, &site).unwrap_or(kind.knowledge_point))
}

fn id(kind: &ErrorType, site: &Site) -> Option<&'static str> {
    let from = site.original.join(" ");
    let to = site.replacement.join(" ");
    match kind.code {
        "R:DET:ART" | "M:DET:ART" | "U:DET:ART" => Some(article(&from, &to)),
        "R:VERB:TENSE" | "M:VERB:TENSE" => tense(site),
        "R:VERB:FORM" | "M:VERB:FORM" | "U:VERB:FORM" => Some(nonfinite(&to, site)),
        "R:NOUN:NUM" => {
            let lexicon = shared();
            let base = lexicon.base(&from, Class::Noun)?;
            let mass = lexicon.counting(base) == Some(Counting::Uncountable)
                && lexicon.is(&from, Class::Noun, Form::Plural);
            Some(if mass { "noun.countability" } else { "noun.number" })
        }
        "R:PRON" | "M:PRON" => Some(match (from.as_str(), to.as_str()) {
            _ if reflexive(&to) || reflexive(&from) => "pronoun.reflexive",
            ("it", "them" | "they") | ("them" | "they", "it") => "pronoun.agreement",
            (_, "there") => "sentence.there_be",
            (_, "it") => "pronoun.it",
            _ => "pronoun.personal",
        }),
        "R:PREP" | "M:PREP" => Some(preposition(site)),
        "R:ADJ:FORM" => {
            Some(if superlative(&to) { "adjective.superlative" } else { "adjective.comparative" })
        }
        "R:CONJ:SUB" | "M:CONJ:SUB" => Some(adverbial(&to)),
        "R:CONJ:REL" | "M:CONJ:REL" => Some(relative(&to, site)),
        "R:CONJ:NOM" | "M:CONJ:NOM" => Some(nominal(&to, site)),
        "R:DET" => Some(match to.as_str() {
            "this" | "that" | "these" | "those" => "pronoun.demonstrative",
            "my" | "your" | "his" | "her" | "its" | "our" | "their" => "pronoun.possessive",
            "a" | "an" => "article.indefinite",
            "the" => "article.definite",
            "many" | "much" | "few" | "little" => "numeral.quantifier",
            _ => "pronoun.indefinite",
        }),
        "R:MODAL" => Some(if site.next() == "have" { "verb.modal.perfect" } else { "verb.modal" }),
        "U:CONJ" if from == "and" || from == "but" || from == "so" => Some("conjunction.doubled"),
        "R:CONJ"
            if site
                .before
                .iter()
                .any(|word| word == "both" || word == "either" || word == "neither")
                || (to == "but" && site.next() == "also") =>
        {
            Some("conjunction.correlative")
        }
        _ => None,
    }
}

/// Point of a change of articles; an empty side means none.
pub fn article(from: &str, to: &str) -> &'static str {
    match (from, to) {
        ("a", "an") | ("an", "a") => "article.a_an",
        (_, "a" | "an") => "article.indefinite",
        (_, "the") => "article.definite",
        _ => "article.zero",
    }
}

fn superlative(word: &str) -> bool {
    word == "most" || shared().is(word, Class::Adjective, Form::Superlative)
}

fn tense(site: &Site) -> Option<&'static str> {
    let helper = site
        .before
        .iter()
        .rev()
        .take(3)
        .find(|word| one_of(word.as_str(), "have has had 've will"));
    let group = super::classify_words::parse(&site.replacement, shared())?;
    let named = name(&group, &site.replacement);
    Some(match helper.map(String::as_str) {
        Some("have" | "has" | "'ve") if !group.perfect => "verb.tense.present_perfect",
        Some("had") if !group.perfect => "verb.tense.past_perfect",
        _ => named,
    })
}

/// Names the tense of a group of verbs.
pub fn name(group: &super::classify_words::Group, words: &[String]) -> &'static str {
    let has = |word: &str| words.iter().any(|own| own == word);
    let future = has("will") || has("shall") || has("won't") || (has("going") && words.len() > 2);
    let past_future = has("would") || has("should");
    match (group.perfect, group.progressive) {
        (true, _) if future => "verb.tense.future_perfect",
        (true, _) if group.modal && !future => "verb.modal.perfect",
        (true, _) if group.past => "verb.tense.past_perfect",
        (true, true) => "verb.tense.present_perfect_progressive",
        (true, false) => "verb.tense.present_perfect",
        (false, true) if future => "verb.tense.future_progressive",
        (false, true) if group.past => "verb.tense.past_progressive",
        (false, true) => "verb.tense.present_progressive",
        (false, false) if future => "verb.tense.future_simple",
        (false, false) if past_future => "verb.tense.past_future",
        (false, false) if group.past => "verb.tense.past_simple",
        (false, false) => "verb.tense.present_simple",
    }
}

fn nonfinite(to: &str, site: &Site) -> &'static str {
    let lexicon = shared();
    let before = site.back(1);
    let is = |form: Form| lexicon.is(to, Class::Verb, form);
    let bare_taker = |word: &str| {
        ["make", "let", "have", "see", "hear", "watch", "notice"]
            .contains(&lexicon.base(word, Class::Verb).unwrap_or(""))
    };
    if to == "to" || before == "to" && is(Form::Base) || to.starts_with("to ") {
        return infinitive(site);
    }
    if MODALS.contains(&before) {
        return "verb.modal.base";
    }
    if is(Form::Base) || to.is_empty() {
        if bare_taker(site.back(2)) || bare_taker(site.back(3)) {
            return "nonfinite.bare_infinitive";
        }
        if site.before.is_empty() || matches!(before, "." | "!" | "“" | "\"") {
            return "mood.imperative";
        }
        return if to.is_empty() { "nonfinite.bare_infinitive" } else { "sentence.parallel" };
    }
    if is(Form::Ing) {
        return match before {
            "" => "nonfinite.gerund_subject",
            _ if PREPOSITIONS.contains(&before) => "nonfinite.gerund_after_preposition",
            "," => "nonfinite.present_participle",
            _ if BE.contains(&before) => "verb.tense.present_progressive",
            "and" | "or" | "but" => "sentence.parallel",
            _ if GERUND.contains(&lexicon.base(before, Class::Verb).unwrap_or("")) => {
                "nonfinite.gerund_object"
            }
            _ => "nonfinite.present_participle",
        };
    }
    if is(Form::Participle) { "nonfinite.past_participle" } else { "nonfinite.general" }
}

/// Verbs whose object is an `-ing` form.
pub const GERUND: &[&str] = &[
    "enjoy",
    "finish",
    "practise",
    "practice",
    "mind",
    "avoid",
    "consider",
    "suggest",
    "keep",
    "miss",
    "imagine",
    "admit",
    "deny",
    "delay",
    "escape",
    "quit",
    "risk",
    "resist",
    "appreciate",
    "dislike",
    "postpone",
    "tolerate",
    "fancy",
    "spend",
    "recommend",
];

fn infinitive(site: &Site) -> &'static str {
    let lexicon = shared();
    let verb = |word: &str| lexicon.base(word, Class::Verb).unwrap_or("").to_owned();
    let marked = usize::from(site.back(1) == "to");
    let last = site.back(1 + marked);
    let one_before = verb(site.back(2 + marked));
    if [
        "ask",
        "tell",
        "want",
        "allow",
        "encourage",
        "advise",
        "order",
        "invite",
        "teach",
        "help",
        "expect",
        "require",
        "enable",
    ]
    .contains(&one_before.as_str())
    {
        return "nonfinite.infinitive_complement";
    }
    if [
        "want", "hope", "decide", "plan", "agree", "refuse", "expect", "promise", "wish", "choose",
        "manage", "fail", "offer", "pretend", "begin", "start", "learn", "try",
    ]
    .contains(&verb(last).as_str())
    {
        return "nonfinite.infinitive_object";
    }
    if [
        "time",
        "chance",
        "way",
        "ability",
        "opportunity",
        "right",
        "first",
        "decision",
        "place",
        "plan",
    ]
    .contains(&last)
    {
        return "nonfinite.infinitive_attribute";
    }
    if last.is_empty() || matches!(last, "," | ".") {
        "nonfinite.infinitive_purpose"
    } else {
        "nonfinite.infinitive"
    }
}

fn preposition(site: &Site) -> &'static str {
    let lexicon = shared();
    let before = site.back(1);
    let (word, after) = (site.next(), site.after.get(1).map_or("", String::as_str));
    let object = if ARTICLES.contains(&word) { after } else { word };
    if super::clauses_nouns::TIMES.contains(&object)
        || CARDINALS.contains(&object) && after == "o'clock"
    {
        return "preposition.time";
    }
    let classes = lexicon.readings(before);
    match classes.first().map(|reading| reading.class) {
        Some(Class::Verb) => "preposition.verb",
        Some(Class::Adjective) => "preposition.adjective",
        _ if classes
            .iter()
            .any(|reading| reading.class == Class::Verb && reading.form != Form::Base) =>
        {
            "preposition.verb"
        }
        _ if super::clauses_nouns::PLACES.contains(&object) => "preposition.place",
        Some(Class::Noun) => "preposition.noun",
        _ => "preposition.use",
    }
}

/// Point of an adverbial clause that begins with a word.
pub fn adverbial(word: &str) -> &'static str {
    match word {
        "when" | "while" | "until" | "till" | "before" | "after" | "whenever" | "once"
        | "as soon as" => "clause.adverbial.time",
        "since" | "because" | "now that" => "clause.adverbial.cause",
        "where" | "wherever" => "clause.adverbial.place",
        "if" | "unless" | "as long as" | "in case" | "provided" | "only if" => {
            "clause.adverbial.condition"
        }
        "although" | "though" | "even if" | "even though" | "however" | "no matter how"
        | "no matter what" | "whatever" | "whoever" | "whichever" | "whereas" => {
            "clause.adverbial.concession"
        }
        "so that" | "in order that" | "for fear that" => "clause.adverbial.purpose",
        "as if" | "as though" | "than" | "as" => "clause.adverbial.manner",
        _ => "clause.adverbial",
    }
}

/// Point of a relative clause by its first word.
pub fn relative(word: &str, site: &Site) -> &'static str {
    if word == "as" {
        return "clause.relative.as";
    }
    if word.contains(' ')
        || PREPOSITIONS.contains(&site.back(1)) && matches!(word, "which" | "whom")
    {
        return "clause.relative.preposition";
    }
    if site.back(1) == "," {
        return "clause.relative.non_restrictive";
    }
    if matches!(word, "where" | "when" | "why") {
        "clause.relative.adverb"
    } else {
        "clause.relative.pronoun"
    }
}

/// Nouns whose content a clause may tell.
pub const CONTENTS: &[&str] = &[
    "fact",
    "news",
    "idea",
    "hope",
    "doubt",
    "belief",
    "evidence",
    "possibility",
    "promise",
    "suggestion",
];

/// Point of a nominal clause by what stands before it.
pub fn nominal(_word: &str, site: &Site) -> &'static str {
    let before = site.back(1);
    if before.is_empty() || matches!(before, "." | "\"" | "“") {
        return "clause.nominal.subject";
    }
    if BE.contains(&before) {
        return "clause.nominal.predicative";
    }
    if CONTENTS.contains(&before) {
        return "clause.nominal.appositive";
    }
    "clause.nominal.object"
}
