//! Cases of rosters against what is there.

use chrono::DateTime;
use proto::auth::v1::{UserContact, UserName};

use super::*;
use crate::name::Named;

fn row(line: u32, cells: &[(&str, &str)]) -> SheetRow {
    let cells = cells.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    SheetRow { row: line, cells, problems: Vec::new() }
}

fn pupil(line: u32, number: &str, name: &str) -> SheetRow {
    row(line, &[("student_no", number), ("full_name", name)])
}

fn student(number: Option<&str>, name: &str) -> Student {
    let (username, full_name) = (name.to_owned(), name.to_owned());
    let renamed_at = DateTime::UNIX_EPOCH;
    let named = Named { id: Uuid::now_v7(), username, full_name, renamed_at };
    let mut student = Student::new(named, Uuid::nil(), renamed_at);
    student.student_no = number.map(str::to_owned);
    student
}

fn account(id: Uuid, username: &str, name: &str, role: Role) -> UserName {
    UserName {
        id: id.to_string(),
        username: username.to_owned(),
        full_name: name.to_owned(),
        role: role.into(),
        is_active: true,
        renamed_at: None,
    }
}

fn outcomes(planned: &[Planned]) -> Vec<(Outcome, &str)> {
    let code = |row: &Planned| row.row.problems.first().map_or("", |p| p.code.as_str()).to_owned();
    let codes = planned.iter().map(|row| (row.row.outcome, code(row).leak() as &str));
    codes.collect()
}

#[test]
fn known_students_are_matched_by_number() {
    let (mine, there, foreign) =
        (student(Some("1"), "林"), student(Some("2"), "周"), student(Some("3"), "吴"));
    let present = Present {
        members: HashSet::from([mine.id]),
        taught: HashSet::from([mine.id]),
        students: vec![mine, there, foreign],
        room: 10,
        ..Present::default()
    };
    let rows = vec![
        row(2, &[("student_no", "1"), ("full_name", "林晓雨"), ("grade", "高二")]),
        row(3, &[("student_no", "2"), ("full_name", "周"), ("grade", "高二")]),
        pupil(4, "3", "别人"),
        pupil(5, "4", "新人"),
    ];
    let planned = compare(rows, &present);
    let expected = [
        (Outcome::Changed, ""),
        (Outcome::New, ""),
        (Outcome::Refused, "NAME_MISMATCH"),
        (Outcome::New, ""),
    ];
    assert_eq!(outcomes(&planned), expected);
    let fields: Vec<_> = planned[0].row.changes.iter().map(|c| c.field.as_str()).collect();
    assert_eq!(fields, ["full_name", "grade"]);
    // Of a student whom the caller does not teach yet nothing is told.
    assert_eq!(planned[1].row.changes, []);
    assert_eq!(planned[3].target, Target::New);
}

#[test]
fn unchanged_row_is_said_to_be_so() {
    let lin = student(Some("1"), "林");
    let present = Present {
        members: HashSet::from([lin.id]),
        taught: HashSet::from([lin.id]),
        students: vec![lin],
        ..Present::default()
    };
    assert_eq!(outcomes(&compare(vec![pupil(2, "1", "林")], &present)), [(Outcome::Unchanged, "")]);
}

#[test]
fn rows_about_the_same_student_are_all_refused_and_name_each_other() {
    let present = Present { room: 10, ..Present::default() };
    let rows = vec![pupil(2, "1", "林"), pupil(3, "2", "周"), pupil(5, "1", "林")];
    let planned = compare(rows, &present);
    let expected = [
        (Outcome::Refused, "DUPLICATE_ROW"),
        (Outcome::New, ""),
        (Outcome::Refused, "DUPLICATE_ROW"),
    ];
    assert_eq!(outcomes(&planned), expected);
    assert!(planned[0].row.problems[0].detail.contains("row 5"));
    assert!(planned[2].row.problems[0].detail.contains("row 2"));
}

#[test]
fn class_takes_no_more_than_it_has_room_for() {
    let present = Present { room: 1, ..Present::default() };
    let planned = compare(vec![pupil(2, "1", "林"), pupil(3, "2", "周")], &present);
    assert_eq!(outcomes(&planned), [(Outcome::New, ""), (Outcome::Refused, "CLASS_FULL")]);
}

#[test]
fn account_of_the_same_name_is_taken_over() {
    let (id, teacher) = (Uuid::now_v7(), Uuid::now_v7());
    let accounts = HashMap::from([
        ("20260101".to_owned(), account(id, "20260101", "林", Role::Student)),
        ("chen".to_owned(), account(teacher, "chen", "陈", Role::Teacher)),
    ]);
    let taken = HashSet::from(["elsewhere".to_owned()]);
    let lookup = Lookup { accounts, taken, ..Lookup::default() };
    let present = Present { lookup, room: 10, ..Present::default() };
    let named = |line, number, name, username| {
        row(line, &[("student_no", number), ("full_name", name), ("username", username)])
    };
    let rows = vec![
        pupil(2, "20260101", "林"),
        named(3, "2", "陈", "chen"),
        named(4, "3", "周", "elsewhere"),
        named(5, "4", "吴", "free"),
    ];
    let planned = compare(rows, &present);
    let expected = [
        (Outcome::New, ""),
        (Outcome::Refused, "USERNAME_TAKEN"),
        (Outcome::Refused, "USERNAME_TAKEN"),
        (Outcome::New, ""),
    ];
    assert_eq!(outcomes(&planned), expected);
    assert_eq!(planned[0].target, Target::Account { id, username: "20260101".to_owned() });
}

#[test]
fn only_what_nobody_changed_since_is_reverted() {
    let mut lin = student(Some("1"), "林晓雨");
    lin.grade = "高三".to_owned();
    let change = |field: &str, before: &str, after: &str| FieldChange {
        field: field.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let changes = [change("full_name", "林", "林晓雨"), change("grade", "高一", "高二")];
    assert!(revert(&mut lin, &changes));
    assert_eq!((lin.full_name.as_str(), lin.grade.as_str()), ("林", "高三"));
    assert!(!revert(&mut lin, &changes));
}

#[test]
fn addresses_of_new_accounts_are_free_and_different() {
    let emails = HashMap::from([("taken@x.cn".to_owned(), None)]);
    let lookup = Lookup { emails, ..Lookup::default() };
    let present = Present { lookup, room: 10, ..Present::default() };
    let new = |line, number, email| {
        row(line, &[("student_no", number), ("full_name", "林"), ("email", email)])
    };
    let rows = vec![
        new(2, "1", "Taken@x.cn"),
        new(3, "2", "a@x.cn"),
        new(4, "3", "A@x.cn"),
        new(5, "4", "b@x.cn"),
    ];
    let expected = [
        (Outcome::Refused, "EMAIL_TAKEN"),
        (Outcome::Refused, "DUPLICATE_EMAIL"),
        (Outcome::Refused, "DUPLICATE_EMAIL"),
        (Outcome::New, ""),
    ];
    assert_eq!(outcomes(&compare(rows, &present)), expected);
}

#[test]
fn cells_that_change_nothing_of_an_account_are_named() {
    let (lin, zhou) = (student(Some("1"), "林"), student(Some("2"), "周"));
    let contact = UserContact {
        user_id: lin.id.to_string(),
        email: "lin@x.cn".to_owned(),
        phone: "138".to_owned(),
    };
    let contacts = HashMap::from([(lin.id, contact)]);
    let emails = HashMap::from([("lin@x.cn".to_owned(), Some(lin.id))]);
    let present = Present {
        members: HashSet::from([lin.id]),
        taught: HashSet::from([lin.id]),
        students: vec![lin, zhou],
        lookup: Lookup { emails, contacts, ..Lookup::default() },
        room: 10,
    };
    let cells = |number, name, email, phone| {
        let cells = [("student_no", number), ("full_name", name), ("email", email)];
        row(2, &[cells.as_slice(), &[("phone", phone)]].concat())
    };
    let fields = |row| {
        let planned = compare(vec![row], &present);
        let problems = planned[0].row.problems.iter();
        (planned[0].row.outcome, problems.map(|p| p.field.clone()).collect::<Vec<_>>())
    };
    assert_eq!(fields(cells("1", "林", "Lin@x.cn", "138")), (Outcome::Unchanged, vec![]));
    let unused = vec!["email".to_owned(), "phone".to_owned()];
    assert_eq!(fields(cells("1", "林", "new@x.cn", "139")), (Outcome::Unchanged, unused.clone()));
    assert_eq!(fields(cells("2", "周", "lin@x.cn", "138")), (Outcome::New, unused));
}
