//! Says what went wrong in a mistake, with rules alone.

mod choice;
mod hint;
mod joining;
mod tell;
mod tested;
mod verbs;

use super::classify;
use super::points;
use crate::taxonomy::{ErrorType, KnowledgePoint, error_type_or_other, find, wording};

/// A mistake as it was recorded. Empty texts mean that nothing is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'a> {
    /// `grammar`, `vocabulary`, `reading`, `listening`, `writing`, `speaking`, `pronunciation` or
    /// `comprehension`.
    pub mistake_type: &'a str,
    /// The stem, with the options on lines such as `A. went`.
    pub question: &'a str,
    /// Letter, text of an option, word or sentence.
    pub wrong_answer: &'a str,
    pub correct_answer: &'a str,
    /// Explanation that came with the question.
    pub explanation: &'a str,
    pub topic: &'a str,
    /// `A1` to `C2`.
    pub cefr_level: &'a str,
}

/// What can be said about a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    pub error_type: &'static ErrorType,
    /// One to three, the main one first.
    pub knowledge_points: Vec<&'static KnowledgePoint>,
    /// Chinese, as the two below.
    pub what_went_wrong: String,
    pub why_right: String,
    pub how_to_remember: String,
}

/// Analyses a mistake; see `Engine::analyse`.
pub fn analyse(question: &Question<'_>) -> Analysis {
    let item = choice::read(question);
    let stem = item.filled();
    let skill = skill(question, &item);
    let mut kind = error_type(&item, skill, &stem);
    let mut points: Vec<&'static KnowledgePoint> = named(question);
    // Options that are understood, and not fitted in, say nothing of grammar.
    let tested = if skill.is_some() { None } else { tested::tested(&item) };
    let found = tested
        .as_ref()
        .and_then(|tested| find(tested.point))
        .unwrap_or_else(|| points::refine(skill.unwrap_or(kind), &item.wrong, &item.right, &stem));
    if points.is_empty() {
        points.push(found);
        if let Some(code) = tested.and_then(|tested| tested.code) {
            kind = error_type_or_other(code);
        }
    } else {
        if wording::may_mean(points[0].id, found.id) {
            points[0] = found;
        }
        if let Some(code) = tested::code_of(points[0].id)
            && !agrees(kind.code, code)
        {
            kind = error_type_or_other(code);
        }
    }
    points.truncate(3);
    let main = points[0];
    Analysis {
        error_type: kind,
        what_went_wrong: tell::wrong(&item, kind, main),
        why_right: tell::right(&item, main, question.explanation),
        how_to_remember: tell::remember(main, question.cefr_level),
        knowledge_points: points,
    }
}

/// Points named by the explanation or the topic.
fn named(question: &Question<'_>) -> Vec<&'static KnowledgePoint> {
    if let Some(words) = wording::tested(question.explanation) {
        let found = wording::points(&words);
        if !found.is_empty() {
            return found;
        }
    }
    let topic = find(question.topic.trim()).into_iter().collect::<Vec<_>>();
    if !topic.is_empty() {
        return topic;
    }
    if question.topic.chars().count() <= 12 { wording::points(question.topic) } else { Vec::new() }
}

/// Type of a mistake in understanding or speaking; `None` when the words themselves are tested.
fn skill(question: &Question<'_>, item: &choice::Item) -> Option<&'static ErrorType> {
    let code = match question.mistake_type {
        "reading" | "comprehension" if item.sentences() || item.gap.is_none() => "R:READ",
        "listening" => "R:LISTEN",
        "pronunciation" | "speaking" if item.options.is_empty() => "R:PRONUN",
        _ => return None,
    };
    Some(error_type_or_other(code))
}

fn error_type(
    item: &choice::Item,
    skill: Option<&'static ErrorType>,
    stem: &str,
) -> &'static ErrorType {
    if item.wrong.trim().is_empty() {
        return error_type_or_other("M:CONTENT");
    }
    skill.unwrap_or_else(|| classify::classify(&item.wrong, &item.right, stem))
}

/// Same class of words, whatever the operation.
fn agrees(code: &str, other: &str) -> bool {
    let class = |code: &str| code.split(':').nth(1).map(str::to_owned);
    class(code) == class(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(question: &str, wrong: &str, right: &str) -> Analysis {
        analyse(&Question {
            mistake_type: "grammar",
            question,
            wrong_answer: wrong,
            correct_answer: right,
            cefr_level: "B1",
            ..Question::default()
        })
    }

    pub fn point(question: &str, wrong: &str, right: &str) -> &'static str {
        about(question, wrong, right).knowledge_points[0].id
    }

    #[test]
    fn sentence_is_told_as_it_is_written() {
        let told = about("By then, the train ____.\nA. left\nB. had left", "A", "B").why_right;
        assert!(told.ends_with("By then, the train had left."), "{told}");
    }

    #[test]
    fn options_say_what_is_tested() {
        let options = "He ____ tennis when I called him yesterday.\nA. plays\nB. was playing\nC. has played\nD. will play";
        assert_eq!(point(options, "A", "B"), "verb.tense.past_progressive");
        let prepositions = "She is good ____ drawing.\nA. in\nB. at\nC. for\nD. on";
        assert_eq!(point(prepositions, "in", "at"), "preposition.adjective");
        let modals =
            "You ____ smoke here. It is forbidden.\nA. needn't\nB. mustn't\nC. won't\nD. may not";
        assert_eq!(point(modals, "A", "B"), "verb.modal");
    }

    #[test]
    fn the_explanation_counts_most() {
        let analysis = analyse(&Question {
            question: "The man ____ lives next door is a doctor.",
            wrong_answer: "which",
            correct_answer: "who",
            explanation: "考查定语从句。先行词是人。",
            ..Question::default()
        });
        assert_eq!(analysis.knowledge_points[0].id, "clause.relative");
        assert_eq!(analysis.error_type.code, "R:CONJ:REL");
        assert!(analysis.why_right.contains("先行词是人"));
    }

    #[test]
    fn what_is_heard_or_read_is_no_grammar() {
        let places =
            "Where does the conversation take place?\nA. In a shop.\nB. At a hotel.\nC. In a bank.";
        let purposes = "Why did he call?\nA. To say sorry.\nB. To ask for help.\nC. By mistake.";
        for (mistake_type, question, code, category) in [
            ("listening", places, "R:LISTEN", "listening"),
            ("listening", purposes, "R:LISTEN", "listening"),
            ("reading", places, "R:READ", "reading"),
            ("comprehension", purposes, "R:READ", "reading"),
        ] {
            let given =
                Question { mistake_type, question, correct_answer: "B", ..Question::default() };
            let wrong = analyse(&Question { wrong_answer: "A", ..given });
            assert_eq!(wrong.error_type.code, code);
            for analysis in [wrong, analyse(&given)] {
                assert_eq!(analysis.knowledge_points[0].category.id, category);
            }
        }
    }

    #[test]
    fn a_name_for_a_whole_class_is_narrowed_by_the_answer() {
        let pronouns =
            "This tie is too dear. Show me ____.\nA. other\nB. others\nC. another\nD. it";
        let joining = "He stayed in ____ it rained.\nA. although\nB. because\nC. unless\nD. if";
        let nouns = "He has a strong ____ to win.\nA. desire\nB. message\nC. view\nD. sound";
        for (explanation, question, wrong, right, id) in [
            (
                "考查冠词。",
                "She is ____ nurse.\nA. the\nB. a\nC. an",
                "A",
                "B",
                "article.indefinite",
            ),
            (
                "考查定冠词。",
                "She is in ____ sun.\nA. the\nB. a\nC. an",
                "B",
                "A",
                "article.definite",
            ),
            ("考查代词。", pronouns, "A", "C", "pronoun.indefinite"),
            ("考查连词。", joining, "A", "B", "clause.adverbial.cause"),
            ("考查名词。", nouns, "B", "A", "vocabulary.noun"),
            ("考查虚拟语气。", "I wish I ____ (be) a bird.", "am", "were", "mood.subjunctive.wish"),
            (
                "考查现在完成时。",
                "He ____ (go) home.",
                "goes",
                "went",
                "verb.tense.present_perfect",
            ),
        ] {
            let analysis = analyse(&Question {
                question,
                wrong_answer: wrong,
                correct_answer: right,
                explanation,
                ..Question::default()
            });
            assert_eq!(analysis.knowledge_points[0].id, id, "{explanation} {question}");
        }
    }

    #[test]
    fn nothing_given_is_still_analysed() {
        let analysis = analyse(&Question::default());
        assert!(!analysis.knowledge_points.is_empty());
        assert!(!analysis.what_went_wrong.is_empty() && !analysis.how_to_remember.is_empty());
    }

    #[test]
    fn single_words_are_compared() {
        assert_eq!(point("I have two ____ (child).", "child", "children"), "noun.number");
        assert_eq!(point("She sings ____ (beautiful).", "beautiful", "beautifully"), "adverb.use");
        assert_eq!(point("Yesterday he ____ (go) home.", "goes", "went"), "verb.tense.past_simple");
    }
}
