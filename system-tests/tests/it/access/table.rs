//! The table of `gateway/ACCESS.md`.

use std::{fs, path::Path};

use reqwest::{Method, StatusCode};

/// Somebody who asks, in the order of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Nobody,
    /// Of another class or school, as the two that follow.
    StrangeStudent,
    StrangeTeacher,
    StrangeAdmin,
    Pupil,
    Former,
    Assistant,
    Head,
    Admin,
}

impl Role {
    pub const ALL: [Self; 9] = [
        Self::Nobody,
        Self::StrangeStudent,
        Self::StrangeTeacher,
        Self::StrangeAdmin,
        Self::Pupil,
        Self::Former,
        Self::Assistant,
        Self::Head,
        Self::Admin,
    ];
}

/// One line of the table.
#[derive(Debug)]
pub struct Line {
    pub method: Method,
    pub path: String,
    /// A field of the body or query that the line is about, as in `{class_id}` and `?class_id`.
    pub field: String,
    /// Answers by column.
    pub expected: Vec<String>,
}

impl Line {
    /// Returns the first part of the path.
    pub fn area(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    pub fn expected(&self, role: Role) -> &str {
        &self.expected[role as usize]
    }
}

/// Reads the table.
pub fn table() -> Vec<Line> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/ACCESS.md");
    let text = fs::read_to_string(file).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [method, path, expected @ ..] = cells.as_slice() else {
            return None;
        };
        let (path, field) = path.split_once(' ').unwrap_or((path, ""));
        path.starts_with('/').then(|| Line {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            field: field.to_owned(),
            expected: expected.iter().map(|&cell| cell.to_owned()).collect(),
        })
    });
    rows.collect()
}

/// Tells whether an answer is the one in a cell: `ok` is success, everything else one status.
pub fn is(expected: &str, status: StatusCode) -> bool {
    match expected {
        "ok" => status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS,
        code => code.parse() == Ok(status.as_u16()),
    }
}

#[test]
fn every_line_is_more_than_a_refusal() {
    let lines = table();
    assert!(lines.len() > 90, "{} lines", lines.len());
    for line in lines {
        assert_eq!(line.expected.len(), Role::ALL.len(), "{line:?}");
        let exact = |cell: &String| cell == "ok" || cell.parse::<u16>().is_ok();
        assert!(line.expected.iter().all(exact), "{line:?}");
        let refused = |cell: &String| ["401", "403", "404"].contains(&cell.as_str());
        assert!(!line.expected.iter().all(refused), "nobody may do {line:?}");
    }
}
