//! SQL, one file per table.

pub mod account_deletions;
pub mod activity;
pub mod classes;
pub mod enrollments;
pub mod figures;
pub mod import_undo;
pub mod imports;
pub mod lines;
pub mod mistake_imports;
pub mod mistake_jobs;
pub mod mistake_list;
pub mod mistakes;
pub mod names;
pub mod notebooks;
pub mod occurrences;
pub mod progress;
pub mod pupils;
pub mod records;
pub mod reviews;
pub mod roster;
pub mod standing;
pub mod students;

refinery::embed_migrations!("migrations");

/// Returns the migrations of this service's schema.
#[must_use]
pub fn migrations() -> refinery::Runner {
    migrations::runner()
}

/// Returns the pattern that finds `part` anywhere in a text; nothing when there is no part.
pub(crate) fn contains(part: &str) -> Option<String> {
    let part = part.trim();
    let mut pattern = String::from("%");
    for c in part.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    (!part.is_empty()).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_finds_marks_as_they_are() {
        assert_eq!(contains(" 5%_a\\ ").as_deref(), Some("%5\\%\\_a\\\\%"));
        assert_eq!(contains(" "), None);
    }
}
