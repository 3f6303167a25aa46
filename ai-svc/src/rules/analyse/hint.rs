//! Gaps with the base form of a verb in brackets.

use super::verbs;
use crate::rules::classify::{Site, noun_here};
use crate::rules::classify_words;
use crate::rules::clauses_nouns::TIMES;
use crate::rules::lexicon::{Class, Form, shared};
use crate::rules::points::{self, GERUND};
use crate::rules::words::{BE, MODALS, PREPOSITIONS, personal, possessive, split};

/// Knowledge point of turning a verb into what the gap asks for; `None` when it is no verb there.
pub fn verb(from: &str, right: &str, site: &Site) -> Option<&'static str> {
    let lexicon = shared();
    let base = lexicon.base(from, Class::Verb)?;
    let words = split(right);
    let (before, next) = (site.back(1), site.next());
    if words.len() == 1
        && noun_here(right, site, lexicon)
        && lexicon.is(right, Class::Noun, Form::Plural)
    {
        return Some("noun.number");
    }
    let group = classify_words::parse(&words, lexicon).filter(|group| group.base == base)?;
    if group.infinitive {
        return Some(if site.before.is_empty() || matches!(before, ".") {
            "nonfinite.infinitive_purpose"
        } else {
            "nonfinite.infinitive"
        });
    }
    if let Some(point) = verbs::wished(&group, site) {
        return Some(point);
    }
    let is = |form: Form| words.len() == 1 && lexicon.is(right, Class::Verb, form);
    let described = lexicon.can_be(next, Class::Noun)
        && (BE.contains(&before) || before == "the" || before == "a" || before == "an");
    if is(Form::Ing) || words[0] == "having" || words[0] == "being" {
        return Some(match before {
            _ if described || lexicon.can_be(right, Class::Adjective) && BE.contains(&before) => {
                "adjective.participle"
            }
            _ if BE.contains(&before) => "verb.tense.present_progressive",
            _ if PREPOSITIONS.contains(&before) => "nonfinite.gerund_after_preposition",
            "" | "." | "!" | "?" => "nonfinite.gerund_subject",
            _ if GERUND.contains(&lexicon.base(before, Class::Verb).unwrap_or("")) => {
                "nonfinite.gerund_object"
            }
            _ => "nonfinite.present_participle",
        });
    }
    if is(Form::Participle) {
        if BE.contains(&before) || super::super::check::linking(before) {
            let feeling = lexicon.can_be(right, Class::Adjective);
            return Some(if feeling { "adjective.participle" } else { "verb.voice.passive" });
        }
        if described {
            return Some("adjective.participle");
        }
        let pronoun = personal(before) && !possessive(before);
        let joined = matches!(before, "and" | "but" | "who" | "which" | "that" | "also" | "then");
        let modifies = lexicon.can_be(before, Class::Noun)
            && matches!(next, "by" | "in" | "from" | "on" | "with" | "at" | "as" | "to" | "for");
        if !pronoun
            && !joined
            && (modifies && verbs::predicate(site) || before == "," || before.is_empty())
        {
            return Some("nonfinite.past_participle");
        }
        if is(Form::Past) {
            return Some("verb.tense.past_simple");
        }
        return Some("nonfinite.past_participle");
    }
    if MODALS.contains(&before) && is(Form::Base) {
        return Some("verb.modal.base");
    }
    if group.passive {
        return Some("verb.voice.passive");
    }
    let dated = site
        .before
        .iter()
        .chain(&site.after)
        .any(|word| TIMES.contains(&word.as_str()) || word == "ago" || word == "since");
    let agreement = words.len() == 1
        && !group.past
        && !dated
        && matches!(right, "is" | "are" | "has")
        && matches!(before, "which" | "who" | "that" | "there");
    Some(if agreement { "sentence.agreement" } else { points::name(&group, &words) })
}
