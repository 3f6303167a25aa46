//! Options that join clauses.

use crate::rules::classify::{self, Site, noun_here};
use crate::rules::lexicon::{Class, Form, Lexicon, shared};
use crate::rules::points;
use crate::rules::words::{
    ADVERBS, BE, COORDINATORS, PREPOSITIONS, SUBORDINATORS, auxiliary, one_of, personal, possessive,
};

/// Nouns that judge what a clause says, as in `it is a pity that`.
const JUDGEMENTS: &str = "pity shame fact wonder honour honor surprise pleasure secret knowledge duty \
truth luck";

/// Verbs of saying and thinking, by which `it` announces a clause, as in `it is said that`.
const REPORTS: &str = "say report believe know think hope suggest expect announce estimate suppose \
decide require propose understand agree find prove show claim recommend advise";

/// Knowledge point of a word that joins clauses.
pub fn point(right: &str, options: &[String], site: &Site) -> &'static str {
    if let Some(point) = after_it(right, site) {
        return point;
    }
    let subordinators =
        options.iter().filter(|option| SUBORDINATORS.contains(&option.as_str())).count();
    let all_joining = subordinators * 4 >= options.len() * 3
        || options.iter().any(|option| COORDINATORS.contains(&option.as_str()));
    if COORDINATORS.contains(&right) && all_joining {
        return "conjunction.coordinating";
    }
    if all_joining && SUBORDINATORS.contains(&right) {
        return points::adverbial(right);
    }
    if right != "which" && verb_here(site, shared()) {
        return "clause.nominal.object";
    }
    let has = |word: &str| options.iter().any(|option| option == word);
    // Where `which` will not do and `that` will, nothing is missing in the clause.
    if right == "that" && has("which") && points::CONTENTS.contains(&site.back(1)) {
        return "clause.nominal.appositive";
    }
    let code = classify::classify("that which", right, "").code;
    let site_code = connective_code(right, site, shared());
    match site_code.unwrap_or(code) {
        "R:CONJ:SUB" => points::adverbial(right),
        "R:CONJ:NOM" => points::nominal(right, site),
        _ if has("what") && matches!(right, "what" | "whatever" | "whether") => {
            points::nominal(right, site)
        }
        _ => points::relative(right, site),
    }
}

/// What follows `it is` and a phrase: the rest of a sentence whose phrase is stressed, or the clause
/// that `it` announces.
fn after_it(right: &str, site: &Site) -> Option<&'static str> {
    let lexicon = shared();
    let before = &site.before;
    let formal = |at: usize| {
        before[at] == "it's"
            || at > 0
                && matches!(
                    (before[at - 1].as_str(), before[at].as_str()),
                    ("it", "is" | "was") | ("is" | "was", "it")
                )
    };
    let start = (0..before.len()).rfind(|at| formal(*at))? + 1;
    let adverb = |word: &&String| ADVERBS.contains(&word.as_str()) || word.ends_with("ly");
    let adverbs = before[start..].iter().take_while(adverb).count();
    let phrase = &before[start..];
    let core = &before[start + adverbs..];
    let last = phrase.last()?;
    if phrase.iter().any(|word| one_of(word, ", . ! ? ;")) {
        return None;
    }
    let first = core.first().map_or("", String::as_str);
    let is = |form: Form| lexicon.is(first, Class::Verb, form);
    let lone = core.get(1).is_none_or(|next| PREPOSITIONS.contains(&next.as_str()));
    let described = lexicon.can_be(first, Class::Adjective) && !lexicon.can_be(first, Class::Noun);
    let reported = is(Form::Participle)
        && lexicon.base(first, Class::Verb).is_some_and(|base| one_of(base, REPORTS));
    let judged = !PREPOSITIONS.contains(&first) && one_of(last, JUDGEMENTS);
    if lone && (described || reported) || judged {
        return one_of(right, "that whether who what how why which")
            .then_some("clause.nominal.subject");
    }
    // `it was raining when …`, `it is so hot that …`, `it is the first time that …`
    let other = (is(Form::Ing) || is(Form::Participle))
        && core.iter().any(|word| SUBORDINATORS.contains(&word.as_str()))
        || phrase.iter().any(|word| one_of(word, "so such"))
        || last == "time" && !PREPOSITIONS.contains(&first);
    (one_of(right, "that who") && !other).then_some("sentence.emphasis")
}

fn connective_code(right: &str, site: &Site, lexicon: &Lexicon) -> Option<&'static str> {
    let before = site.back(1);
    if one_of(right, "what whatever whoever whether how") {
        return Some("R:CONJ:NOM");
    }
    if one_of(before, "yet know wonder discuss ask") || BE.contains(&before) {
        return Some("R:CONJ:NOM");
    }
    if before == "," || lexicon.can_be(before, Class::Noun) && !matches!(before, "discussed") {
        return Some(if right == "because" { "R:CONJ:SUB" } else { "R:CONJ:REL" });
    }
    lexicon.can_be(before, Class::Verb).then_some("R:CONJ:NOM")
}

/// Says whether the word before the gap, a noun or a verb, has its subject or helper before it.
fn verb_here(site: &Site, lexicon: &Lexicon) -> bool {
    let (word, subject) = (site.back(1), site.back(2));
    let is = |form: Form| lexicon.is(word, Class::Verb, form);
    let earlier = Site {
        original: Vec::new(),
        replacement: Vec::new(),
        before: site.before[..site.before.len().saturating_sub(1)].to_vec(),
        after: Vec::new(),
    };
    if noun_here(word, &earlier, lexicon) {
        return false;
    }
    let noun = |form: Form| lexicon.is(subject, Class::Noun, form);
    (is(Form::Base) || is(Form::Third)) && personal(subject) && !possessive(subject)
        || is(Form::Base) && (auxiliary(subject) || noun(Form::Plural))
        || is(Form::Third) && noun(Form::Base) && !noun(Form::Plural)
}

#[cfg(test)]
mod tests {
    use super::super::tests::point;

    #[test]
    fn what_joins_is_told_by_what_stands_before() {
        let options = "A. that\nB. which\nC. what\nD. who";
        for (stem, right, id) in [
            ("It is reported ____ the storm is near.", "A", "clause.nominal.subject"),
            ("It is a pity ____ you cannot come.", "A", "clause.nominal.subject"),
            ("It is well known ____ smoking is bad.", "A", "clause.nominal.subject"),
            ("It was in the park ____ I lost my key.", "A", "sentence.emphasis"),
            ("It was my aunt ____ taught me to swim.", "D", "sentence.emphasis"),
            ("It was not until noon ____ he woke up.", "A", "sentence.emphasis"),
            (
                "It was raining when I met the girl ____ lives next door.",
                "D",
                "clause.relative.pronoun",
            ),
            ("The news ____ our team had won spread fast.", "A", "clause.nominal.appositive"),
            ("The news ____ he brought was sad.", "B", "clause.relative.pronoun"),
            ("I hope ____ you will win.", "A", "clause.nominal.object"),
            ("The result shows ____ the plan works.", "A", "clause.nominal.object"),
            ("Many studies show ____ sleep helps us.", "A", "clause.nominal.object"),
            ("This is the show ____ I like best.", "A", "clause.relative.pronoun"),
        ] {
            let wrong = if right == "A" { "B" } else { "A" };
            assert_eq!(point(&format!("{stem}\n{options}"), wrong, right), id, "{stem}");
        }
    }
}
