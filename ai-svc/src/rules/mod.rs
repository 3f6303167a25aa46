//! The rules engine: what can be said about a pupil's English without any model.

mod analyse;
mod check;
mod classify;
mod classify_words;
mod clauses_nouns;
mod explain;
mod explain_rules;
mod formation;
mod lexicon;
mod morph;
mod points;
mod profile;
mod text;
mod words;

pub use analyse::{Analysis, Question};
pub use check::{Edit, apply};
pub use lexicon::LEVELS;
pub use profile::{HardWord, Profile, Token};

use crate::taxonomy::{ErrorType, KnowledgePoint};

/// Analyses mistakes, checks texts and profiles texts; holds no state of its own.
#[derive(Debug, Clone, Default)]
pub struct Engine;

impl Engine {
    /// Loads the word list and the tagger, which takes about a second the first time.
    #[must_use]
    pub fn new() -> Self {
        text::Text::new("Ready.");
        Self
    }

    /// Proposes corrections of a text, in order and without overlaps.
    #[must_use]
    pub fn check(&self, text: &str) -> Vec<Edit> {
        check::check(text)
    }

    /// Names the grammatical type of one correction. `original` is empty for an insertion,
    /// `replacement` for a deletion; `context` is the sentence around it, before or after the
    /// correction, and may be empty.
    #[must_use]
    pub fn classify(&self, original: &str, replacement: &str, context: &str) -> &'static ErrorType {
        classify::classify(original, replacement, context)
    }

    /// Names the knowledge point behind one correction; the arguments are those of `classify`.
    #[must_use]
    pub fn point(
        &self,
        original: &str,
        replacement: &str,
        context: &str,
    ) -> &'static KnowledgePoint {
        let kind = classify::classify(original, replacement, context);
        points::refine(kind, original, replacement, context)
    }

    /// Says what went wrong in a mistake, why the right answer is right and how to remember it.
    #[must_use]
    pub fn analyse(&self, question: &Question<'_>) -> Analysis {
        analyse::analyse(question)
    }

    /// Measures how hard a text is.
    #[must_use]
    pub fn profile(&self, text: &str) -> Profile {
        profile::profile(text)
    }
}
