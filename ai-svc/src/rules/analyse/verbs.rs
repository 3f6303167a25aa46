//! Options that are forms of one verb.

use super::choice::Item;
use super::tested::Tested;
use crate::rules::classify::Site;
use crate::rules::classify_words::{self, Group};
use crate::rules::lexicon::{Class, Form, shared};
use crate::rules::points;
use crate::rules::words::{
    ADVERBS, ARTICLES, PREPOSITIONS, SUBORDINATORS, auxiliary, one_of, personal, possessive, split,
    subject,
};

/// Works out what is tested by forms of one verb.
pub fn tested(item: &Item, groups: &[Group], site: &Site) -> Option<Tested> {
    let right = split(&item.right);
    let group = classify_words::parse(&right, shared())?;
    let tensed = |point| Some(Tested { point, code: Some("R:VERB:TENSE") });
    let unreal = site
        .before
        .iter()
        .chain(&site.after)
        .any(|word| one_of(word.as_str(), "if wish without otherwise rather"));
    if let Some(point) = wished(&group, site) {
        return tensed(point);
    }
    let modal_past = right.iter().any(|word| one_of(word.as_str(), "would could should might"));
    if unreal && group.finite && (modal_past && group.perfect) {
        return tensed("mood.subjunctive.conditional");
    }
    let is = |form: Form| right.len() == 1 && shared().is(&right[0], Class::Verb, form);
    let offered = item.options.iter().zip(groups).any(|(option, group)| nonfinite(option, group));
    let noun_before = shared().can_be(site.back(1), Class::Noun);
    let participle = is(Form::Participle)
        && after_link(site)
        && (!is(Form::Past) || offered && (!noun_before || predicate(site)));
    if !group.finite || participle {
        return Some(Tested {
            point: nonfinite_point(&right, &group, site),
            code: Some("R:VERB:FORM"),
        });
    }
    let numbers = groups
        .iter()
        .filter(|other| {
            other.past == group.past && other.perfect == group.perfect && other.third != group.third
        })
        .count();
    if numbers > 0 && groups.iter().all(|other| !other.progressive && !other.modal) {
        return Some(Tested { point: "sentence.agreement", code: Some("R:VERB:SVA") });
    }
    if group.passive
        && groups.iter().any(|other| !other.passive)
        && !groups.iter().all(|other| other.finite)
    {
        return Some(Tested { point: "verb.voice.passive", code: Some("R:VERB:VOICE") });
    }
    tensed(points::name(&group, &right))
}

/// The subjunctive after `wish` and `if only`.
pub fn wished(group: &Group, site: &Site) -> Option<&'static str> {
    let lexicon = shared();
    let mark = |word: &String| one_of(word.as_str(), ", . ; ! ?");
    let start = site.before.iter().rposition(mark).map_or(0, |at| at + 1);
    let unreal = site.before[start..].windows(2).any(|pair| {
        lexicon.base(&pair[0], Class::Verb) == Some("wish") && !one_of(&pair[1], "to for")
            || pair[0] == "if" && pair[1] == "only"
    });
    (group.finite && group.past && unreal).then_some("mood.subjunctive.wish")
}

/// Says whether the clause around the gap has a finite verb besides.
pub fn predicate(site: &Site) -> bool {
    let ends = |word: &String| {
        SUBORDINATORS.contains(&word.as_str()) || one_of(word, "that , . ; : ! ? - — –")
    };
    let start = site.before.iter().rposition(ends).map_or(0, |at| at + 1);
    let end = site.after.iter().position(ends).unwrap_or(site.after.len());
    [&site.before[start..], &site.after[..end]]
        .iter()
        .any(|words| (0..words.len()).any(|at| finite(words, at)))
}

fn finite(words: &[String], at: usize) -> bool {
    let lexicon = shared();
    let word = words[at].as_str();
    let before = at.checked_sub(1).map_or("", |at| words[at].as_str());
    let next = words.get(at + 1).map_or("", String::as_str);
    let is = |form: Form| lexicon.is(word, Class::Verb, form);
    // `works` is a plural as well, but not before `well` or `the`.
    let verbal = !lexicon.is(word, Class::Noun, Form::Plural)
        || ARTICLES.contains(&next)
        || ADVERBS.contains(&next)
        || personal(next);
    auxiliary(word)
        || is(Form::Past) && !is(Form::Base)
        || is(Form::Third) && verbal
        || (subject(before) || one_of(before, "it you")) && (is(Form::Base) || is(Form::Third))
}

/// Says whether an option is no finite verb, whatever stands before it.
fn nonfinite(option: &str, group: &Group) -> bool {
    let option = option.to_lowercase();
    let is = |form: Form| shared().is(&option, Class::Verb, form);
    !group.finite || is(Form::Participle) && !is(Form::Past) && !is(Form::Base)
}

/// A participle after a noun, a comma or a subordinator without a subject.
fn after_link(site: &Site) -> bool {
    let before = site.back(1);
    let pronoun = personal(before) && !possessive(before);
    !(pronoun || before == "and" || before == "but" || before == "who" || before == "which")
}

fn nonfinite_point(right: &[String], group: &Group, site: &Site) -> &'static str {
    let lexicon = shared();
    let before = site.back(1);
    let main = right.last().map_or("", String::as_str);
    if group.infinitive {
        return "nonfinite.infinitive";
    }
    if one_of(before, "though when if while unless once until") {
        return "clause.adverbial.ellipsis";
    }
    if PREPOSITIONS.contains(&before) {
        return "nonfinite.gerund_after_preposition";
    }
    if right[0] == "being" || right[0] == "having" || lexicon.is(main, Class::Verb, Form::Ing) {
        if points::GERUND.contains(&lexicon.base(before, Class::Verb).unwrap_or("")) {
            return "nonfinite.gerund_object";
        }
        return "nonfinite.present_participle";
    }
    if lexicon.is(main, Class::Verb, Form::Participle) {
        "nonfinite.past_participle"
    } else {
        "nonfinite.general"
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::point;

    #[test]
    fn a_noun_takes_a_finite_verb_unless_its_clause_has_one() {
        for (question, wrong, right, id) in [
            (
                "The meeting ____ an hour ago.\nA. finishes\nB. finished\nC. has finished\nD. will finish",
                "A",
                "B",
                "verb.tense.past_simple",
            ),
            (
                "The meeting ____ an hour ago.\nA. finishing\nB. finished\nC. to finish\nD. finishes",
                "A",
                "B",
                "verb.tense.past_simple",
            ),
            (
                "The bridge ____ last year is very long.\nA. built\nB. building\nC. to build\nD. builds",
                "B",
                "A",
                "nonfinite.past_participle",
            ),
            (
                "He lives in a house ____ by his uncle.\nA. built\nB. building\nC. to build\nD. builds",
                "B",
                "A",
                "nonfinite.past_participle",
            ),
            (
                "My uncle ____ (work) in a factory when I was born.",
                "work",
                "worked",
                "verb.tense.past_simple",
            ),
            (
                "The book ____ (write) by him is popular.",
                "write",
                "written",
                "nonfinite.past_participle",
            ),
            ("I wish I ____ (be) a bird.", "am", "were", "mood.subjunctive.wish"),
            (
                "I wish I ____ the answer.\nA. know\nB. knew\nC. will know\nD. have known",
                "A",
                "B",
                "mood.subjunctive.wish",
            ),
        ] {
            assert_eq!(point(question, wrong, right), id, "{question}");
        }
    }
}
