//! Taking a committed roster back.

use kit::caller::{Caller, Role};
use learning_svc::{import, store::imports};
use proto::learning::v1 as pb;
use tonic::Code;

use crate::support::{Service, refused};

const ROSTER: &str =
    "学号,姓名,年级\n20260101,林晓雨,高二\n20260102,周明,高二\n20260103,吴桐,高二\n";

#[tokio::test]
async fn undo_leaves_nothing_of_the_import() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    assert_eq!(refused(service.undo(&teacher, &import.id).await).0, Code::FailedPrecondition);
    service.commit(&teacher, &import.id).await.unwrap();
    let students = service.enrollments(&teacher, &class, false).await;
    let id = students[0].student.as_ref().unwrap().id.clone();
    service.student(&teacher, &id).await.unwrap();

    let undone = service.undo(&teacher, &import.id).await.unwrap();
    assert_eq!(undone.kept_accounts, 0);
    let state = undone.import.as_ref().unwrap();
    assert_eq!(state.status(), pb::ImportStatus::Undone);
    assert!(!state.first_passwords_waiting);
    assert!(service.enrollments(&teacher, &class, true).await.is_empty());
    assert!(service.accounts.find("20260101").is_none());
    assert_eq!(refused(service.student(&teacher, &id).await).0, Code::NotFound);
    // Repeating it changes nothing; committing and taking passwords is over.
    assert_eq!(service.undo(&teacher, &import.id).await.unwrap(), undone);
    assert_eq!(refused(service.commit(&teacher, &import.id).await).1, "IMPORT_WRONG_STATE");
    assert_eq!(refused(service.passwords(&teacher, &import.id).await).1, "IMPORT_WRONG_STATE");
    // The same file can be imported afresh.
    let again = service.upload(&teacher, &class, ROSTER).await.unwrap();
    service.commit(&teacher, &again.id).await.unwrap();
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 3);
}

#[tokio::test]
async fn what_was_used_meanwhile_stays() {
    let service = Service::new().await;
    let (teacher, other) = (service.teacher("chen"), service.teacher("wang"));
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    service.commit(&teacher, &import.id).await.unwrap();
    service.accounts.sign_in("20260101");
    let zhou = service.accounts.find("20260102").unwrap().user.id;
    service.mistake(&zhou).await;

    let undone = service.undo(&teacher, &import.id).await.unwrap();
    assert_eq!(undone.kept_accounts, 2);
    // Lin has signed in: the account stays, the enrollment goes. Zhou has a mistake: it ends.
    let left = service.enrollments(&teacher, &class, true).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].student.as_ref().unwrap().id, zhou);
    assert_eq!(left[0].status(), pb::EnrollmentStatus::Left);
    assert!(service.accounts.find("20260102").is_some());
    assert!(service.accounts.find("20260103").is_none());
    let lin = service.accounts.find("20260101").unwrap().user.id;
    let admin = service.person(Role::Admin, "admin", "校长");
    assert_eq!(service.student(&admin, &lin).await.unwrap().full_name, "林晓雨");
    assert_eq!(refused(service.student(&other, &lin).await).0, Code::NotFound);
}

/// Imports the roster and then, as the import that is returned with its text, another name and grades.
async fn changed(
    service: &Service,
    teacher: &Caller,
    class: &pb::Class,
) -> (pb::SpreadsheetImport, String) {
    let first = service.upload(teacher, class, ROSTER).await.unwrap();
    service.commit(teacher, &first.id).await.unwrap();
    let text = ROSTER.replace("周明,高二", "周小明,高三").replace("林晓雨,高二", "林晓雨,高三");
    let second = service.upload(teacher, class, text.clone()).await.unwrap();
    service.commit(teacher, &second.id).await.unwrap();
    (second, text)
}

/// Names and grades of who is or was in the class.
async fn grades(service: &Service, teacher: &Caller, class: &pb::Class) -> Vec<(String, String)> {
    let there = service.enrollments(teacher, class, true).await.into_iter();
    let students = there.map(|enrollment| enrollment.student.unwrap());
    students.map(|student| (student.full_name, student.grade)).collect()
}

#[tokio::test]
async fn fields_return_unless_changed_since() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let (second, text) = changed(&service, &teacher, &class).await;
    let third =
        service.upload(&teacher, &class, text.replace("周小明,高三", "周小明,高一")).await.unwrap();
    service.commit(&teacher, &third.id).await.unwrap();

    service.undo(&teacher, &second.id).await.unwrap();
    let seen = grades(&service, &teacher, &class).await;
    let expected = [("林晓雨", "高二"), ("周明", "高一"), ("吴桐", "高二")];
    assert_eq!(seen, expected.map(|(name, grade)| (name.to_owned(), grade.to_owned())));
}

#[tokio::test]
async fn fields_of_who_has_left_stay() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let (second, _) = changed(&service, &teacher, &class).await;
    let db = service.db.pool.get().await.unwrap();
    let leave = "UPDATE class_students SET enrollment_status = 'left', ended_at = now()
                  WHERE student_id = (SELECT user_id FROM students WHERE student_no = '20260102')";
    db.execute(leave, &[]).await.unwrap();

    service.undo(&teacher, &second.id).await.unwrap();
    let seen = grades(&service, &teacher, &class).await;
    let expected = [("林晓雨", "高二"), ("周小明", "高三"), ("吴桐", "高二")];
    assert_eq!(seen, expected.map(|(name, grade)| (name.to_owned(), grade.to_owned())));
}

#[tokio::test]
async fn old_imports_are_forgotten() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let import = service.upload(&teacher, &class, ROSTER).await.unwrap();
    let db = service.db.pool.get().await.unwrap();
    let now = kit::clock::Clock::now(&*service.clock);
    assert_eq!(imports::forget(&db, now - import::RETENTION).await.unwrap(), 0);
    let later = now + chrono::TimeDelta::seconds(1);
    assert_eq!(imports::forget(&db, later).await.unwrap(), 1);
    assert_eq!(refused(service.commit(&teacher, &import.id).await).1, "IMPORT_NOT_FOUND");
}
