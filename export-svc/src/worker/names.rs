//! Names of files that every system accepts and people can read.

/// Joins `parts` to a file name, without what a file system or a ZIP program stumbles over.
pub(super) fn file_name(parts: &[&str], extension: &str) -> String {
    let parts: Vec<_> =
        parts.iter().map(|part| safe(part)).filter(|part| !part.is_empty()).collect();
    format!("{}.{extension}", parts.join("-"))
}

/// Returns `name`, or the name with a number when it is `taken` already, in letters of any case: to
/// Windows they are the same.
pub(super) fn unique(name: String, taken: &mut std::collections::HashSet<String>) -> String {
    if taken.insert(name.to_lowercase()) {
        return name;
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    let mut number = 2_u32;
    loop {
        let other = format!("{stem}-{number}.{extension}");
        if taken.insert(other.to_lowercase()) {
            return other;
        }
        number += 1;
    }
}

fn safe(part: &str) -> String {
    let kept = part.chars().map(|c| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => ' ',
        c if c.is_control() => ' ',
        c => c,
    });
    let kept: String = kept.take(60).collect();
    let words = kept.split_whitespace().filter(|word| !word.trim_matches('.').is_empty());
    let words: Vec<_> = words.collect();
    words.join(" ").trim_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_keep_chinese_and_lose_separators() {
        let name = file_name(&["高二（3）班", "王/小明", "", "错题本"], "pdf");
        assert_eq!(name, "高二（3）班-王 小明-错题本.pdf");
        assert_eq!(file_name(&["../../etc/passwd"], "md"), "etc passwd.md");
    }

    #[test]
    fn two_pupils_of_one_name_get_two_files() {
        let mut taken = HashSet::new();
        assert_eq!(unique("a.pdf".to_owned(), &mut taken), "a.pdf");
        assert_eq!(unique("a.pdf".to_owned(), &mut taken), "a-2.pdf");
        assert_eq!(unique("a.pdf".to_owned(), &mut taken), "a-3.pdf");
        assert_eq!(unique("A.pdf".to_owned(), &mut taken), "A-4.pdf");
    }
}
