//! Rosters: dry run, commit, first passwords.

use std::sync::atomic::Ordering;

use kit::{
    caller::{Caller, Role},
    testing,
};
use proto::learning::v1::{
    self as pb, class_service_server::ClassService as _,
    roster_import_service_server::RosterImportService as _,
    student_service_server::StudentService as _,
};
use tonic::Code;

use crate::support::{Service, call, refused};

const ROSTER: &str = "学号,姓名,年级\n20260101,林晓雨,高二\n20260102,周明,高二\n";

#[tokio::test]
async fn dry_run_writes_nothing_and_commit_everything_once() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    assert_eq!(import.status(), pb::ImportStatus::Ready);
    assert_eq!((import.rows, import.new_rows, import.encoding.as_str()), (2, 2, "utf-8"));
    assert!(service.enrollments(&teacher, &class, true).await.is_empty());
    assert!(service.accounts.find("20260101").is_none());

    let committed = service.commit(&teacher, &import.id).await.unwrap();
    assert_eq!(committed.status(), pb::ImportStatus::Committed);
    assert!(committed.first_passwords_waiting);
    assert_eq!(service.commit(&teacher, &import.id).await.unwrap(), committed);
    let there = service.enrollments(&teacher, &class, true).await;
    let lin = there[0].student.clone().unwrap();
    assert_eq!(there.len(), 2);
    assert_eq!((lin.username.as_str(), lin.grade.as_str()), ("20260101", "高二"));
    assert_eq!(service.accounts.find("20260101").unwrap().user.id, lin.id);
    assert_eq!(service.accounts.batches.load(Ordering::SeqCst), 1);

    // The same file again changes nothing; another name and grade do.
    let same = service.upload(&teacher, &class, ROSTER).await.unwrap();
    assert_eq!((same.unchanged_rows, same.new_rows), (2, 0));
    let text = ROSTER.replace("周明,高二", "周小明,高三");
    let other = service.upload(&teacher, &class, text).await.unwrap();
    assert_eq!((other.unchanged_rows, other.changed_rows), (1, 1));
    let rows = service.rows(&teacher, &other.id).await;
    let changes: Vec<_> = rows[1]
        .changes
        .iter()
        .map(|change| (change.field.as_str(), change.before.as_str(), change.after.as_str()))
        .collect();
    assert_eq!(changes, [("full_name", "周明", "周小明"), ("grade", "高二", "高三")]);
    let committed = service.commit(&teacher, &other.id).await.unwrap();
    assert!(!committed.first_passwords_waiting);
    let there = service.enrollments(&teacher, &class, true).await;
    assert_eq!(there[1].student.as_ref().unwrap().full_name, "周小明");
}

#[tokio::test]
async fn number_means_the_same_pupil_however_it_is_typed() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let roster = "学号,姓名\nG3-01,林晓雨\n20260102,周明\n20260103,李雷\n";
    let import = service.upload(&teacher, &class, roster).await.unwrap();
    service.commit(&teacher, &import.id).await.unwrap();
    let typed = "学号,姓名\ng3-01,林晓雨\n２０２６０１０２,周明\n=\"20260103\",李雷\n";
    let import = service.upload(&teacher, &class, typed).await.unwrap();
    assert_eq!((import.new_rows, import.changed_rows, import.unchanged_rows), (0, 1, 2));
    service.commit(&teacher, &import.id).await.unwrap();
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 3);
}

#[tokio::test]
async fn commit_that_was_cut_off_is_repeated_with_the_same_accounts() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    service.accounts.lose_answer.store(true, Ordering::SeqCst);
    assert_eq!(refused(service.commit(&teacher, &import.id).await).0, Code::Unavailable);
    assert!(service.enrollments(&teacher, &class, true).await.is_empty());
    // Somebody else may repeat it.
    let admin = service.person(Role::Admin, "admin", "校长");
    service.commit(&admin, &import.id).await.unwrap();
    assert_eq!(service.accounts.batches.load(Ordering::SeqCst), 1);
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 2);
    let passwords = service.passwords(&teacher, &import.id).await.unwrap();
    assert_eq!(passwords.len(), 2);
    assert_eq!(service.accounts.find("20260102").unwrap().password, passwords[1].password);
}

#[tokio::test]
async fn commits_at_the_same_time_write_once() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    let commits = (0..4).map(|_| service.commit(&teacher, &import.id));
    for answer in futures::future::join_all(commits).await {
        assert_eq!(answer.unwrap().status(), pb::ImportStatus::Committed);
    }
    assert_eq!(service.accounts.batches.load(Ordering::SeqCst), 1);
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 2);

    // Of two files about the same pupils one is written; the other leaves no accounts behind.
    let text = ROSTER.replace("202601", "202701");
    let first = service.upload(&teacher, &class, text.clone()).await.unwrap();
    let second = service.upload(&teacher, &class, text).await.unwrap();
    let (one, other) =
        tokio::join!(service.commit(&teacher, &first.id), service.commit(&teacher, &second.id));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 4);
    let list = service.accounts.list.lock().unwrap();
    assert_eq!(list.iter().filter(|account| account.batch.is_some()).count(), 4);
}

#[tokio::test]
async fn rows_whose_accounts_are_refused_are_named() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let text = "学号,姓名,邮箱\n20260101,林晓雨,\n20260102,周明,taken@example.cn\n";
    let import = service.upload(&teacher, &class, text).await.unwrap();
    *service.accounts.taken_email.lock().unwrap() = "taken@example.cn".to_owned();
    let status = service.commit(&teacher, &import.id).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(kit::error::violations_of(&status)[0].0, "rows[3].email");
    // Nothing is left of the try, and another one can succeed.
    assert!(service.accounts.find("20260101").is_none());
    service.accounts.taken_email.lock().unwrap().clear();
    service.commit(&teacher, &import.id).await.unwrap();
}

#[tokio::test]
async fn first_passwords_are_those_of_the_accounts_and_told_once() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let zhou = service.person(Role::Student, "20260102", "周明");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    assert_eq!(refused(service.passwords(&teacher, &import.id).await).0, Code::FailedPrecondition);
    service.commit(&teacher, &import.id).await.unwrap();
    // Zhou had an account before: it was taken over, and its password is nobody's business.
    let passwords = service.passwords(&teacher, &import.id).await.unwrap();
    let lin = service.accounts.find("20260101").unwrap();
    assert_eq!(passwords.len(), 1);
    assert_eq!(passwords[0].password, lin.password);
    assert_eq!(
        (passwords[0].full_name.as_str(), passwords[0].student_no.as_str()),
        ("林晓雨", "20260101")
    );
    let again = service.passwords(&teacher, &import.id).await;
    assert_eq!(refused(again), (Code::AlreadyExists, "PASSWORDS_TAKEN".to_owned()));
    let get = pb::GetRosterImportRequest { import_id: import.id };
    let seen = call!(service.rosters, get_roster_import, &teacher, get).unwrap().import.unwrap();
    assert!(!seen.first_passwords_waiting);
    assert_eq!(
        service.student(&zhou, &zhou.user_id.to_string()).await.unwrap().student_no,
        "20260102"
    );
}

#[tokio::test]
async fn first_passwords_are_told_again_to_who_asked_first() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap().id;
    service.commit(&teacher, &import).await.unwrap();
    let told = service.passwords_by(&teacher, &import, "k-1").await.unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(service.passwords_by(&teacher, &import, "k-1").await.unwrap(), told);
    let other = service.passwords_by(&teacher, &import, "k-2").await;
    assert_eq!(refused(other).1, "PASSWORDS_TAKEN");
    assert_eq!(refused(service.passwords(&teacher, &import).await).1, "PASSWORDS_TAKEN");
}

#[tokio::test]
async fn classes_with_the_same_newcomers_are_committed_at_the_same_time() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let (one, two) = (service.class(&teacher, 0).await, service.class(&teacher, 0).await);
    let imports = [
        service.upload(&teacher, &one, ROSTER).await.unwrap().id,
        service.upload(&teacher, &two, ROSTER).await.unwrap().id,
    ];
    let commits = imports.iter().map(|import| service.commit(&teacher, import));
    let done = futures::future::join_all(commits).await;
    for (import, class) in done.into_iter().zip([&one, &two]) {
        match import {
            Ok(import) => assert_eq!(import.status(), pb::ImportStatus::Committed),
            Err(status) => {
                assert_eq!(refused(Err::<(), _>(status)).1, "IMPORT_STALE");
                let again = service.upload(&teacher, class, ROSTER).await.unwrap();
                service.commit(&teacher, &again.id).await.unwrap();
            }
        }
        assert_eq!(service.enrollments(&teacher, class, false).await.len(), 2);
    }
    let list = service.accounts.list.lock().unwrap();
    let made = list.iter().filter(|account| account.batch.is_some());
    assert_eq!(made.count(), 2, "nobody has two accounts, and none is left over");
}

#[tokio::test]
async fn accounts_of_a_commit_that_was_cut_off_go_when_it_is_stale() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap().id;
    service.accounts.lose_answer.store(true, Ordering::SeqCst);
    assert_eq!(refused(service.commit(&teacher, &import).await).0, Code::Unavailable);
    assert!(service.accounts.find("20260101").is_some());
    let archive = pb::ArchiveClassRequest { class_id: class.id.clone() };
    call!(service.classes, archive_class, &teacher, archive).unwrap();
    assert_eq!(refused(service.commit(&teacher, &import).await).1, "CLASS_ARCHIVED");
    assert!(service.accounts.find("20260101").is_none());

    let restore = pb::RestoreClassRequest { class_id: class.id.clone() };
    call!(service.classes, restore_class, &teacher, restore).unwrap();
    service.commit(&teacher, &import).await.unwrap();
    assert_eq!(service.enrollments(&teacher, &class, false).await.len(), 2);
}

#[tokio::test]
async fn accounts_of_a_commit_that_was_cut_off_stay_when_another_class_took_them() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let (one, two) = (service.class(&teacher, 0).await, service.class(&teacher, 0).await);
    let import = service.upload(&teacher, &one, ROSTER).await.unwrap().id;
    service.accounts.lose_answer.store(true, Ordering::SeqCst);
    assert_eq!(refused(service.commit(&teacher, &import).await).0, Code::Unavailable);
    let account = service.accounts.find("20260101").unwrap();

    let other = service.upload(&teacher, &two, ROSTER).await.unwrap().id;
    service.commit(&teacher, &other).await.unwrap();
    let archive = pb::ArchiveClassRequest { class_id: one.id.clone() };
    call!(service.classes, archive_class, &teacher, archive).unwrap();
    assert_eq!(refused(service.commit(&teacher, &import).await).1, "CLASS_ARCHIVED");
    assert_eq!(service.accounts.find("20260101").unwrap().user.id, account.user.id);
    assert_eq!(service.enrollments(&teacher, &two, false).await.len(), 2);
}

#[tokio::test]
async fn dry_run_knows_addresses_that_are_taken() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let text = "学号,姓名,邮箱,电话\n20260101,林晓雨,lin@example.cn,138\n";
    let import = service.upload(&teacher, &class, text).await.unwrap();
    service.commit(&teacher, &import.id).await.unwrap();

    let more = "20260102,周明,lin@example.cn,\n20260103,吴桐,wu@example.cn,\n";
    let import = service.upload(&teacher, &class, format!("{text}{more}")).await.unwrap();
    assert_eq!((import.unchanged_rows, import.refused_rows, import.new_rows), (1, 1, 1));
    let rows = service.rows(&teacher, &import.id).await;
    assert_eq!(rows[0].problems, []);
    assert_eq!(rows[1].problems[0].code, "EMAIL_TAKEN");
    let other = service.upload(&teacher, &class, text.replace("138", "139")).await.unwrap();
    let rows = service.rows(&teacher, &other.id).await;
    assert_eq!(
        (rows[0].outcome(), rows[0].problems[0].field.as_str(), rows[0].problems[0].code.as_str()),
        (pb::RowOutcome::Unchanged, "phone", "NOT_USED")
    );
}

#[tokio::test]
async fn dry_run_that_no_longer_holds_is_refused() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let (first, second) = (
        service.upload(&teacher, &class, ROSTER).await.unwrap(),
        service.upload(&teacher, &class, ROSTER).await.unwrap(),
    );
    service.commit(&teacher, &first.id).await.unwrap();
    let answer = service.commit(&teacher, &second.id).await;
    assert_eq!(refused(answer), (Code::Aborted, "IMPORT_STALE".to_owned()));

    let third = service.upload(&teacher, &class, ROSTER).await.unwrap();
    let archive = pb::ArchiveClassRequest { class_id: class.id.clone() };
    call!(service.classes, archive_class, &teacher, archive).unwrap();
    let answer = service.commit(&teacher, &third.id).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "CLASS_ARCHIVED".to_owned()));
    let answer = service.upload(&teacher, &class, ROSTER).await;
    assert_eq!(refused(answer).1, "CLASS_ARCHIVED");
}

#[tokio::test]
async fn pupils_of_others_are_enrolled_and_not_changed() {
    let service = Service::new().await;
    let (mine, other) = (service.teacher("chen"), service.teacher("wang"));
    let (class, second) = (service.class(&mine, 0).await, service.class(&other, 1).await);
    let import = service.upload(&mine, &class, ROSTER).await.unwrap();
    service.commit(&mine, &import.id).await.unwrap();
    let text = "学号,姓名,年级\n20260101,林晓雨,高三\n20260102,别人,高三\n20260103,新人,高三\n";
    let import = service.upload(&other, &second, text).await.unwrap();
    let rows = service.rows(&other, &import.id).await;
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.outcome(), row.changes.len(), row.problems.first().map(|p| p.code.as_str()))
        })
        .collect();
    let expected = [
        (pb::RowOutcome::New, 0, None),
        (pb::RowOutcome::Refused, 0, Some("NAME_MISMATCH")),
        (pb::RowOutcome::Refused, 0, Some("CLASS_FULL")),
    ];
    assert_eq!(seen, expected);
    service.commit(&other, &import.id).await.unwrap();
    let there = service.enrollments(&other, &second, true).await;
    assert_eq!(there[0].student.as_ref().unwrap().grade, "高二");
}

#[tokio::test]
async fn usernames_of_others_get_a_number_at_their_end() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    service.accounts.add(&testing::caller(Role::Student), "20260101", "别校学生");
    service.person(Role::Student, "20260102", "同名不同人");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    service.commit(&teacher, &import.id).await.unwrap();
    let there = service.enrollments(&teacher, &class, true).await;
    let names: Vec<_> = there.into_iter().map(|e| e.student.unwrap().username).collect();
    assert_eq!(names, ["20260101-2", "20260102-2"]);
    let text = "学号,姓名,用户名\n7,吴,20260101\n8,郑,zheng\n";
    let import = service.upload(&teacher, &class, text).await.unwrap();
    let rows = service.rows(&teacher, &import.id).await;
    assert_eq!(rows[0].problems[0].code, "USERNAME_TAKEN");
    service.commit(&teacher, &import.id).await.unwrap();
    assert!(service.accounts.find("zheng").is_some());
}

#[tokio::test]
async fn imports_exist_for_teachers_of_the_class_alone() {
    let service = Service::new().await;
    let (mine, other) = (service.teacher("chen"), service.teacher("wang"));
    let admin = service.person(Role::Admin, "admin", "校长");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&mine, 0).await;
    service.enroll(&mine, &class, &[&lin]).await.unwrap();
    let import = service.upload(&mine, &class, ROSTER).await.unwrap();
    let list = |class: &str| pb::ListRosterImportsRequest {
        class_id: class.to_owned(),
        ..pb::ListRosterImportsRequest::default()
    };
    let count = async |caller: &Caller, message| {
        call!(service.rosters, list_roster_imports, caller, message).map(|list| list.imports.len())
    };
    assert_eq!(count(&mine, list("")).await.unwrap(), 1);
    assert_eq!(count(&admin, list(&class.id)).await.unwrap(), 1);
    assert_eq!(count(&other, list("")).await.unwrap(), 0);
    assert_eq!(refused(count(&other, list(&class.id)).await).0, Code::NotFound);
    assert_eq!(refused(count(&lin, list("")).await).0, Code::PermissionDenied);
    for outsider in [&other, &testing::caller(Role::Admin)] {
        let answer = service.commit(outsider, &import.id).await;
        assert_eq!(refused(answer), (Code::NotFound, "IMPORT_NOT_FOUND".to_owned()));
        assert_eq!(refused(service.undo(outsider, &import.id).await).0, Code::NotFound);
        assert_eq!(refused(service.passwords(outsider, &import.id).await).0, Code::NotFound);
        assert_eq!(refused(service.upload(outsider, &class, ROSTER).await).0, Code::NotFound);
    }
    assert_eq!(refused(service.upload(&lin, &class, ROSTER).await).0, Code::PermissionDenied);
}

#[tokio::test]
async fn upload_is_done_once_for_each_key_and_rows_are_paged() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let message = pb::CreateRosterImportRequest {
            class_id: class.id.clone(),
            file_name: "a.csv".to_owned(),
            content: ROSTER.as_bytes().to_vec().into(),
        };
        let mut request = testing::request(&teacher, message);
        request.metadata_mut().insert("idempotency-key", "k".parse().unwrap());
        let answer = service.rosters.create_roster_import(request);
        ids.push(crate::support::answer(&teacher, answer).await.unwrap().import.unwrap().id);
    }
    assert_eq!(ids[0], ids[1]);
    let mut lines = Vec::new();
    let mut cursor = String::new();
    loop {
        let message = pb::ListRosterImportRowsRequest {
            import_id: ids[0].clone(),
            outcome: pb::RowOutcome::New.into(),
            limit: 1,
            cursor,
        };
        let page = call!(service.rosters, list_roster_import_rows, &teacher, message).unwrap();
        lines.extend(page.rows.iter().map(|row| row.row));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(lines, [2, 3]);
}

#[tokio::test]
async fn template_is_a_roster() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    for (format, locale, name) in
        [("", "", "学生名单模板.xlsx"), ("csv", "en", "roster-template.csv")]
    {
        let message =
            pb::GetRosterTemplateRequest { format: format.to_owned(), locale: locale.to_owned() };
        let file = call!(service.rosters, get_roster_template, &teacher, message).unwrap();
        assert_eq!(file.file_name, name);
        let import = service.upload(&teacher, &class, file.content.to_vec()).await.unwrap();
        assert_eq!((import.new_rows, import.ignored_columns.len()), (1, 0));
    }
    let message = pb::GetRosterTemplateRequest { format: "xls".to_owned(), ..Default::default() };
    let answer = call!(service.rosters, get_roster_template, &teacher, message);
    assert_eq!(refused(answer).0, Code::InvalidArgument);
}

#[tokio::test]
async fn large_roster_is_imported_in_batches() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 500).await;
    let text =
        (0..500).fold("学号,姓名\n".to_owned(), |text, n| text + &format!("{n:04},学生\n"));
    let import = service.upload(&teacher, &class, text).await.unwrap();
    assert_eq!(import.new_rows, 500);
    service.commit(&teacher, &import.id).await.unwrap();
    assert_eq!(service.passwords(&teacher, &import.id).await.unwrap().len(), 500);
    let list = pb::ListStudentsRequest { limit: 100, ..pb::ListStudentsRequest::default() };
    let page = call!(service.students, list_students, &teacher, list).unwrap();
    assert_eq!(page.students.len(), 100);
}
