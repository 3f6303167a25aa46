//! Coming into a class and leaving it.

use kit::{caller::Role, clock::Clock as _};
use proto::learning::v1::{
    self as pb, class_service_server::ClassService as _,
    student_service_server::StudentService as _,
};
use tonic::Code;

use crate::support::{Service, answer, call, keyed, refused};

fn join(code: &str) -> pb::JoinClassRequest {
    pb::JoinClassRequest { join_code: code.to_owned() }
}

#[tokio::test]
async fn students_join_by_code_until_it_is_renewed() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&teacher, 0).await;
    let code = class.join_code.to_lowercase();
    for _ in 0..2 {
        let joined = call!(service.classes, join_class, &lin, join(&code)).unwrap();
        let joined = joined.class.unwrap();
        assert_eq!((joined.active_students, joined.join_code.as_str()), (1, ""));
    }
    let there = service.enrollments(&teacher, &class, true).await;
    assert_eq!(there[0].student.as_ref().unwrap().full_name, "林晓雨");

    let stranger = kit::testing::caller(Role::Student);
    let answer = call!(service.classes, join_class, &stranger, join(&code));
    assert_eq!(refused(answer), (Code::NotFound, "JOIN_CODE_NOT_FOUND".to_owned()));
    let answer = call!(service.classes, join_class, &teacher, join(&code));
    assert_eq!(refused(answer), (Code::PermissionDenied, "STUDENTS_ONLY".to_owned()));
    let renew = pb::RenewJoinCodeRequest { class_id: class.id.clone() };
    let renewed = call!(service.classes, renew_join_code, &teacher, renew).unwrap().class.unwrap();
    let zhou = service.person(Role::Student, "zhou", "周明");
    assert_eq!(refused(call!(service.classes, join_class, &zhou, join(&code))).0, Code::NotFound);
    call!(service.classes, join_class, &zhou, join(&renewed.join_code)).unwrap();
}

#[tokio::test]
async fn repeated_calls_renew_and_end_once() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&teacher, 0).await;
    service.enroll(&teacher, &class, &[&lin]).await.unwrap();
    let renew = async |key| {
        let message = pb::RenewJoinCodeRequest { class_id: class.id.clone() };
        let asked = service.classes.renew_join_code(keyed(&teacher, message, key));
        answer(&teacher, asked).await.unwrap().class.unwrap().join_code
    };
    let first = renew("k-1").await;
    assert_ne!(first, class.join_code);
    assert_eq!(renew("k-1").await, first);
    assert_ne!(renew("k-2").await, first);

    let end = async |key| {
        let message = pb::EndEnrollmentRequest {
            class_id: class.id.clone(),
            student_id: lin.user_id.to_string(),
            status: pb::EnrollmentStatus::Left.into(),
            notes: String::new(),
        };
        let asked = service.classes.end_enrollment(keyed(&teacher, message, key));
        answer(&teacher, asked).await
    };
    let ended = end("k-1").await.unwrap();
    assert_eq!(ended.enrollment.as_ref().unwrap().status(), pb::EnrollmentStatus::Left);
    assert_eq!(end("k-1").await.unwrap(), ended);
    assert_eq!(refused(end("k-2").await), (Code::NotFound, "ENROLLMENT_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn repeated_call_enrolls_nobody_who_has_left_since_and_is_answered_alike() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let pupils = ["lin", "zhou", "sun"].map(|name| service.person(Role::Student, name, name));
    service.enroll(&teacher, &class, &[&pupils[0]]).await.unwrap();
    let enroll = async |key| {
        let message = pb::EnrollStudentsRequest {
            class_id: class.id.clone(),
            student_ids: pupils.iter().map(|pupil| pupil.user_id.to_string()).collect(),
        };
        let done = service.classes.enroll_students(keyed(&teacher, message, key));
        let done = answer(&teacher, done).await.unwrap();
        (done.enrolled, done.already_enrolled)
    };
    assert_eq!(enroll("k-1").await, (2, 1));
    let end = pb::EndEnrollmentRequest {
        class_id: class.id.clone(),
        student_id: pupils[2].user_id.to_string(),
        status: pb::EnrollmentStatus::Left.into(),
        notes: String::new(),
    };
    call!(service.classes, end_enrollment, &teacher, end).unwrap();
    assert_eq!(enroll("k-1").await, (2, 1));
    assert_eq!(service.enrollments(&teacher, &class, false).await.len(), 2);
    assert_eq!(enroll("k-2").await, (1, 2), "another call brings them back");
    service.accounts.list.lock().unwrap().iter_mut().for_each(|one| one.user.is_active = false);
    assert_eq!(enroll("k-1").await, (2, 1), "whatever has become of the accounts");
}

#[tokio::test]
async fn teacher_does_nothing_to_a_student_who_has_left() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&teacher, 0).await;
    service.enroll(&teacher, &class, &[&lin]).await.unwrap();
    let student_id = lin.user_id.to_string();
    let end = pb::EndEnrollmentRequest {
        class_id: class.id.clone(),
        student_id: student_id.clone(),
        status: pb::EnrollmentStatus::Graduated.into(),
        notes: String::new(),
    };
    call!(service.classes, end_enrollment, &teacher, end).unwrap();
    assert_eq!(service.student(&teacher, &student_id).await.unwrap().full_name, "林晓雨");
    let former = (Code::PermissionDenied, "FORMER_STUDENT".to_owned());
    let update = pb::UpdateStudentRequest { student_id, ..pb::UpdateStudentRequest::default() };
    assert_eq!(refused(call!(service.students, update_student, &teacher, update)), former);
}

#[tokio::test]
async fn class_takes_no_more_than_its_capacity_and_nobody_when_archived() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let pupils: Vec<_> =
        (0..4).map(|n| service.person(Role::Student, &format!("pupil{n}"), "学生")).collect();
    let class = service.class(&teacher, 2).await;
    let all: Vec<_> = pupils.iter().collect();
    let answer = service.enroll(&teacher, &class, &all).await;
    assert_eq!(refused(answer), (Code::AlreadyExists, "CLASS_FULL".to_owned()));
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 0);

    // Of many who come at once, two get in.
    let joins = pupils.iter().map(|pupil| {
        let request = kit::testing::request(pupil, join(&class.join_code));
        crate::support::answer(pupil, service.classes.join_class(request))
    });
    let joined = futures::future::join_all(joins).await;
    assert_eq!(joined.iter().filter(|answer| answer.is_ok()).count(), 2);

    let less = pb::UpdateClassRequest {
        class_id: class.id.clone(),
        max_students: Some(1),
        ..pb::UpdateClassRequest::default()
    };
    let answer = call!(service.classes, update_class, &teacher, less);
    assert_eq!(refused(answer).0, Code::InvalidArgument);
    let archive = pb::ArchiveClassRequest { class_id: class.id.clone() };
    call!(service.classes, archive_class, &teacher, archive).unwrap();
    let answer = service.enroll(&teacher, &class, &[&pupils[0]]).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "CLASS_ARCHIVED".to_owned()));
}

#[tokio::test]
async fn enrollment_has_a_history() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&teacher, 0).await;
    let first = service.enroll(&teacher, &class, &[&lin, &lin]).await.unwrap();
    assert_eq!((first.enrolled, first.already_enrolled), (1, 0));
    let again = service.enroll(&teacher, &class, &[&lin]).await.unwrap();
    assert_eq!((again.enrolled, again.already_enrolled), (0, 1));

    let end = |status: pb::EnrollmentStatus| pb::EndEnrollmentRequest {
        class_id: class.id.clone(),
        student_id: lin.user_id.to_string(),
        status: status.into(),
        notes: "转学".to_owned(),
    };
    let answer =
        call!(service.classes, end_enrollment, &teacher, end(pb::EnrollmentStatus::Active));
    assert_eq!(refused(answer).0, Code::InvalidArgument);
    let left = end(pb::EnrollmentStatus::Left);
    let ended = call!(service.classes, end_enrollment, &teacher, left.clone()).unwrap();
    let ended = ended.enrollment.unwrap();
    assert_eq!(ended.status(), pb::EnrollmentStatus::Left);
    assert_eq!(ended.ended_at, Some(micros(kit::wire::time(service.clock.now()))));
    let answer = call!(service.classes, end_enrollment, &teacher, left);
    assert_eq!(refused(answer), (Code::NotFound, "ENROLLMENT_NOT_FOUND".to_owned()));

    service.enroll(&teacher, &class, &[&lin]).await.unwrap();
    assert_eq!(service.enrollments(&teacher, &class, false).await.len(), 1);
    assert_eq!(service.enrollments(&teacher, &class, true).await.len(), 2);
    let answer = call!(
        service.classes,
        list_enrollments,
        &lin,
        pb::ListEnrollmentsRequest { class_id: class.id, ..Default::default() }
    );
    assert_eq!(refused(answer).0, Code::PermissionDenied);
}

/// PostgreSQL keeps microseconds.
fn micros(mut time: prost_types::Timestamp) -> prost_types::Timestamp {
    time.nanos -= time.nanos % 1_000;
    time
}

#[tokio::test]
async fn enrollments_are_paged_by_number() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let text = "学号,姓名\n3,丙\n1,甲\n2,乙\n";
    let import = service.upload(&teacher, &class, text).await.unwrap();
    service.commit(&teacher, &import.id).await.unwrap();
    let mut names = String::new();
    let mut cursor = String::new();
    loop {
        let message = pb::ListEnrollmentsRequest {
            class_id: class.id.clone(),
            limit: 1,
            cursor,
            ..pb::ListEnrollmentsRequest::default()
        };
        let page = call!(service.classes, list_enrollments, &teacher, message).unwrap();
        names.extend(page.enrollments.into_iter().map(|e| e.student.unwrap().full_name));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(names, "甲乙丙");
}

#[tokio::test]
async fn nobody_is_enrolled_who_is_no_student_of_the_organization() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let stranger = kit::testing::caller(Role::Student);
    for wrong in [&teacher, &stranger] {
        let answer = service.enroll(&teacher, &class, &[wrong]).await;
        assert_eq!(refused(answer), (Code::NotFound, "STUDENT_NOT_FOUND".to_owned()));
    }
    // Nor one whom other classes know, and whose account was closed since.
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let other = service.class(&teacher, 0).await;
    service.enroll(&teacher, &other, &[&lin]).await.unwrap();
    let id = lin.user_id.to_string();
    let close = |account: &mut crate::auth::Account| {
        account.user.is_active &= account.user.id != id;
    };
    service.accounts.list.lock().unwrap().iter_mut().for_each(close);
    let answer = service.enroll(&teacher, &class, &[&lin]).await;
    assert_eq!(refused(answer), (Code::NotFound, "STUDENT_NOT_FOUND".to_owned()));
}
