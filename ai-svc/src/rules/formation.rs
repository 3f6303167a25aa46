//! Derivation: the noun, adjective or verb that belongs to a word of another class.
//!
//! Suffixes as in Quirk et al., *A Comprehensive Grammar of the English Language* (1985), appendix I.
//! A derived word counts only when the word list has it in the class asked for.

use super::lexicon::{Class, Form, Lexicon};

/// An ending, what replaces it.
type Suffix = (&'static str, &'static str);

/// Verb to noun, the commoner first.
const OF_VERBS: &[Suffix] = &[
    ("", "ment"),
    ("e", "ment"),
    ("ate", "ation"),
    ("ify", "ification"),
    ("ce", "ction"),
    ("ide", "ision"),
    ("ude", "usion"),
    ("ade", "asion"),
    ("be", "ption"),
    ("ume", "umption"),
    ("olve", "olution"),
    ("ly", "lication"),
    ("ry", "riation"),
    ("mit", "mission"),
    ("nd", "nsion"),
    ("nd", "ntion"),
    ("ain", "anation"),
    ("ceive", "ception"),
    ("quire", "quisition"),
    ("", "ion"),
    ("e", "ion"),
    ("", "ation"),
    ("e", "ation"),
    ("e", "ition"),
    ("", "ance"),
    ("e", "ance"),
    ("", "ence"),
    ("", "al"),
    ("e", "al"),
    ("", "y"),
    ("", "ure"),
    ("e", "ure"),
    ("", "ing"),
];

/// Adjective to noun.
const OF_ADJECTIVES: &[Suffix] = &[
    ("ent", "ence"),
    ("ant", "ance"),
    ("ent", "ency"),
    ("ate", "acy"),
    ("ble", "bility"),
    ("ous", "osity"),
    ("y", "iness"),
    ("", "ness"),
    ("", "ity"),
    ("e", "ity"),
    ("ful", ""),
    ("ous", ""),
    ("al", ""),
    ("y", ""),
    ("ic", ""),
    ("", "ism"),
];

/// Noun to adjective.
const OF_NOUNS: &[Suffix] = &[
    ("ence", "ent"),
    ("ance", "ant"),
    ("ency", "ent"),
    ("acy", "ate"),
    ("bility", "ble"),
    ("iness", "y"),
    ("ness", ""),
    ("ity", ""),
    ("osity", "ous"),
    ("", "ful"),
    ("y", "iful"),
    ("", "ous"),
    ("y", "ious"),
    ("e", "ous"),
    ("", "al"),
    ("e", "al"),
    ("", "y"),
    ("e", "y"),
    ("y", "etic"),
    ("ce", "tific"),
    ("", "ic"),
    ("y", "ic"),
    ("ion", "ive"),
    ("e", "ate"),
    ("", "able"),
    ("dom", ""),
];

/// Nouns of verbs and adjectives that no suffix gives.
const NOUNS: &[(&str, &str)] = &[
    ("advise", "advice"),
    ("angry", "anger"),
    ("behave", "behaviour"),
    ("believe", "belief"),
    ("bleed", "blood"),
    ("brave", "bravery"),
    ("breathe", "breath"),
    ("choose", "choice"),
    ("compare", "comparison"),
    ("complain", "complaint"),
    ("dead", "death"),
    ("deep", "depth"),
    ("deliver", "delivery"),
    ("die", "death"),
    ("discover", "discovery"),
    ("fail", "failure"),
    ("famous", "fame"),
    ("free", "freedom"),
    ("give", "gift"),
    ("grow", "growth"),
    ("high", "height"),
    ("hot", "heat"),
    ("hungry", "hunger"),
    ("know", "knowledge"),
    ("live", "life"),
    ("long", "length"),
    ("lose", "loss"),
    ("marry", "marriage"),
    ("obey", "obedience"),
    ("please", "pleasure"),
    ("poor", "poverty"),
    ("pronounce", "pronunciation"),
    ("proud", "pride"),
    ("prove", "proof"),
    ("receive", "reception"),
    ("recover", "recovery"),
    ("sell", "sale"),
    ("serve", "service"),
    ("sing", "song"),
    ("solve", "solution"),
    ("speak", "speech"),
    ("strong", "strength"),
    ("succeed", "success"),
    ("think", "thought"),
    ("true", "truth"),
    ("various", "variety"),
    ("warm", "warmth"),
    ("weigh", "weight"),
    ("wide", "width"),
    ("wise", "wisdom"),
    ("young", "youth"),
];

/// Adjectives of nouns that no suffix gives.
const ADJECTIVES: &[(&str, &str)] = &[
    ("ability", "able"),
    ("anger", "angry"),
    ("anxiety", "anxious"),
    ("benefit", "beneficial"),
    ("danger", "dangerous"),
    ("day", "daily"),
    ("death", "dead"),
    ("depth", "deep"),
    ("friend", "friendly"),
    ("gold", "golden"),
    ("height", "high"),
    ("hunger", "hungry"),
    ("length", "long"),
    ("medicine", "medical"),
    ("necessity", "necessary"),
    ("poverty", "poor"),
    ("pride", "proud"),
    ("safety", "safe"),
    ("science", "scientific"),
    ("strength", "strong"),
    ("sun", "sunny"),
    ("fun", "funny"),
    ("truth", "true"),
    ("variety", "various"),
    ("warmth", "warm"),
    ("width", "wide"),
    ("wood", "wooden"),
    ("youth", "young"),
];

/// Verbs of nouns and adjectives, after `to` and modal verbs.
const VERBS: &[(&str, &str)] = &[
    ("advice", "advise"),
    ("belief", "believe"),
    ("breath", "breathe"),
    ("choice", "choose"),
    ("deep", "deepen"),
    ("dark", "darken"),
    ("death", "die"),
    ("failure", "fail"),
    ("growth", "grow"),
    ("knowledge", "know"),
    ("large", "enlarge"),
    ("length", "lengthen"),
    ("loss", "lose"),
    ("proof", "prove"),
    ("rich", "enrich"),
    ("short", "shorten"),
    ("strength", "strengthen"),
    ("strong", "strengthen"),
    ("success", "succeed"),
    ("thought", "think"),
    ("wide", "widen"),
    ("weak", "weaken"),
    ("weight", "weigh"),
];

fn listed(table: &[(&str, &'static str)], word: &str) -> Option<String> {
    table.iter().find(|(from, _)| *from == word).map(|(_, to)| (*to).to_owned())
}

fn by_suffix(suffixes: &[Suffix], word: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    suffixes
        .iter()
        .filter_map(|(from, to)| {
            let root = word.strip_suffix(from)?;
            (root.len() > 2).then(|| format!("{root}{to}"))
        })
        .find(|made| made != word && fits(made))
}

/// Noun of a verb or of an adjective, as `development` of `develop` and `patience` of `patient`.
pub fn noun_of(lexicon: &Lexicon, word: &str) -> Option<String> {
    let noun = |made: &str| lexicon.is(made, Class::Noun, Form::Base);
    listed(NOUNS, word).or_else(|| {
        let of_verb = lexicon.is(word, Class::Verb, Form::Base);
        of_verb
            .then(|| by_suffix(OF_VERBS, word, noun))
            .flatten()
            .or_else(|| by_suffix(OF_ADJECTIVES, word, noun))
    })
}

/// Adjective of a noun, as `successful` of `success`.
pub fn adjective_of(lexicon: &Lexicon, noun: &str) -> Option<String> {
    listed(ADJECTIVES, noun).or_else(|| {
        by_suffix(OF_NOUNS, noun, |made| lexicon.is(made, Class::Adjective, Form::Base))
    })
}

/// Verb of a noun or of an adjective, as `strengthen` of `strength`.
pub fn verb_of(lexicon: &Lexicon, word: &str) -> Option<String> {
    listed(VERBS, word).or_else(|| {
        OF_VERBS
            .iter()
            .filter_map(|(from, to)| {
                let root = word.strip_suffix(to).filter(|root| root.len() > 2 && !to.is_empty())?;
                Some(format!("{root}{from}"))
            })
            .find(|made| lexicon.is(made, Class::Verb, Form::Base))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::lexicon::shared;

    #[test]
    fn nouns_are_derived() {
        for (word, noun) in [
            ("develop", "development"),
            ("introduce", "introduction"),
            ("invent", "invention"),
            ("decide", "decision"),
            ("educate", "education"),
            ("describe", "description"),
            ("explain", "explanation"),
            ("permit", "permission"),
            ("arrive", "arrival"),
            ("appear", "appearance"),
            ("argue", "argument"),
            ("patient", "patience"),
            ("important", "importance"),
            ("kind", "kindness"),
            ("happy", "happiness"),
            ("possible", "possibility"),
            ("curious", "curiosity"),
        ] {
            assert_eq!(noun_of(shared(), word).as_deref(), Some(noun), "{word}");
        }
    }

    #[test]
    fn adjectives_and_verbs_are_derived() {
        for (noun, adjective) in [
            ("patience", "patient"),
            ("success", "successful"),
            ("energy", "energetic"),
            ("mystery", "mysterious"),
            ("nature", "natural"),
            ("noise", "noisy"),
            ("kindness", "kind"),
        ] {
            assert_eq!(adjective_of(shared(), noun).as_deref(), Some(adjective), "{noun}");
        }
        assert_eq!(verb_of(shared(), "decision").as_deref(), Some("decide"));
        assert_eq!(verb_of(shared(), "strength").as_deref(), Some("strengthen"));
    }
}
