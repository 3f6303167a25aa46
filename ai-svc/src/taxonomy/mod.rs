//! The fixed taxonomy: knowledge points of senior-high English and ERRANT-style error types.

mod errors;
mod points;
pub mod wording;

/// Groups related knowledge points.
#[derive(Debug, PartialEq, Eq)]
pub struct Category {
    pub id: &'static str,
    pub name_zh: &'static str,
    pub name_en: &'static str,
}

/// One thing a pupil can know or not know.
#[derive(Debug, PartialEq, Eq)]
pub struct KnowledgePoint {
    /// Stable, dotted, as in `verb.tense.past_perfect`.
    pub id: &'static str,
    pub name_zh: &'static str,
    pub name_en: &'static str,
    pub category: &'static Category,
}

/// One grammatical type of error, after ERRANT (Bryant, Felice and Briscoe 2017).
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorType {
    /// `M` (missing), `R` (replaced) or `U` (unnecessary), then the word class, as in `R:VERB:TENSE`.
    pub code: &'static str,
    pub name_zh: &'static str,
    pub name_en: &'static str,
    /// Id of the knowledge point an error of this type belongs to when nothing says more.
    pub knowledge_point: &'static str,
}

/// Lists every knowledge point, in the order of the syllabus.
#[must_use]
pub fn all() -> &'static [KnowledgePoint] {
    points::POINTS
}

/// Finds a knowledge point by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static KnowledgePoint> {
    points::POINTS.iter().find(|point| point.id == id)
}

/// Lists every error type.
#[must_use]
pub fn error_types() -> &'static [ErrorType] {
    errors::TYPES
}

/// Finds an error type by its code.
#[must_use]
pub fn error_type(code: &str) -> Option<&'static ErrorType> {
    errors::TYPES.iter().find(|kind| kind.code == code)
}

/// Finds an error type by a code known here, or the type of unclassified errors.
pub(crate) fn error_type_or_other(code: &str) -> &'static ErrorType {
    error_type(code).unwrap_or(&errors::OTHER)
}

/// Finds a knowledge point by an id known here, or the first of the list.
pub(crate) fn point_or_first(id: &str) -> &'static KnowledgePoint {
    find(id).unwrap_or(&points::POINTS[0])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_and_codes_are_unique() {
        let ids: HashSet<_> = all().iter().map(|point| point.id).collect();
        assert_eq!(ids.len(), all().len());
        let codes: HashSet<_> = error_types().iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), error_types().len());
    }

    #[test]
    fn the_syllabus_has_a_useful_size() {
        assert!((120..=180).contains(&all().len()), "{}", all().len());
    }

    #[test]
    fn every_error_type_leads_to_a_knowledge_point() {
        for kind in error_types() {
            assert!(find(kind.knowledge_point).is_some(), "{}", kind.code);
        }
    }

    #[test]
    fn every_wording_leads_to_a_knowledge_point() {
        for (words, id) in wording::POINTS {
            assert!(find(id).is_some(), "{words} {id}");
        }
    }
}
