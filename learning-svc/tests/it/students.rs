//! Profiles: who sees and changes what.

use kit::caller::Role;
use proto::learning::v1::{
    self as pb, class_service_server::ClassService as _,
    student_service_server::StudentService as _,
};
use tonic::Code;

use crate::support::{Service, call, refused};

fn update(id: &str) -> pb::UpdateStudentRequest {
    pb::UpdateStudentRequest { student_id: id.to_owned(), ..pb::UpdateStudentRequest::default() }
}

#[tokio::test]
async fn student_exists_for_their_teachers_and_themself() {
    let service = Service::new().await;
    let (mine, other) = (service.teacher("chen"), service.teacher("wang"));
    let admin = service.person(Role::Admin, "admin", "校长");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let zhou = service.person(Role::Student, "zhou", "周明");
    let (class, second) = (service.class(&mine, 0).await, service.class(&other, 0).await);
    let id = lin.user_id.to_string();
    service.enroll(&mine, &class, &[&lin]).await.unwrap();
    for outsider in [&other, &zhou, &kit::testing::caller(Role::Admin)] {
        let answer = service.student(outsider, &id).await;
        assert_eq!(refused(answer), (Code::NotFound, "STUDENT_NOT_FOUND".to_owned()));
        let answer = call!(service.students, update_student, outsider, update(&id));
        assert_eq!(refused(answer).0, Code::NotFound);
    }
    // Twice: from the table and from the cache.
    for insider in [&mine, &admin, &lin, &mine] {
        let seen = service.student(insider, &id).await.unwrap();
        assert_eq!((seen.username.as_str(), seen.classes.len()), ("lin", 1));
    }
    // A teacher is told of no class but their own.
    service.enroll(&other, &second, &[&lin]).await.unwrap();
    assert_eq!(service.student(&other, &id).await.unwrap().classes[0].id, second.id);
    assert_eq!(service.student(&lin, &id).await.unwrap().classes.len(), 2);
}

#[tokio::test]
async fn texts_are_shown_without_those_whom_the_caller_knows() {
    let service = Service::new().await;
    let (mine, other) = (service.teacher("chen"), service.teacher("wang"));
    let admin = service.person(Role::Admin, "admin", "校长");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let zhou = service.person(Role::Student, "zhou", "周明");
    let wu = service.person(Role::Student, "wu", "吴刚");
    let class = service.class(&mine, 0).await;
    service.enroll(&mine, &class, &[&lin, &zhou]).await.unwrap();
    let text = "Lin Xiaoyu and 周明 and Wu Gang go.";
    for (caller, shown) in [
        (&lin, "Xxx Xxxxxx and 某某 and Wu Gang go."),
        (&mine, "Xxx Xxxxxx and 某某 and Wu Gang go."),
        (&other, text),
        (&wu, "Lin Xiaoyu and 周明 and Xx Xxxx go."),
        (&admin, "Xxx Xxxxxx and 某某 and Xx Xxxx go."),
    ] {
        let message = pb::RedactTextRequest { text: text.to_owned() };
        let answer = call!(service.students, redact_text, caller, message).unwrap();
        assert_eq!(answer.text, shown, "{}", caller.role);
    }
    // Who has left is no more to be recognised than who is there.
    let end = pb::EndEnrollmentRequest {
        class_id: class.id,
        student_id: zhou.user_id.to_string(),
        status: pb::EnrollmentStatus::Left.into(),
        notes: String::new(),
    };
    call!(service.classes, end_enrollment, &mine, end).unwrap();
    for caller in [&lin, &mine] {
        let message = pb::RedactTextRequest { text: text.to_owned() };
        let answer = call!(service.students, redact_text, caller, message).unwrap();
        assert_eq!(answer.text, "Xxx Xxxxxx and 某某 and Wu Gang go.");
    }
    let message = pb::RedactTextRequest { text: "a".repeat(10_001) };
    let answer = call!(service.students, redact_text, &lin, message);
    assert_eq!(refused(answer).0, Code::InvalidArgument);
}

#[tokio::test]
async fn teacher_resets_passwords_of_those_they_teach_alone() {
    let service = Service::new().await;
    let (mine, other) = (service.teacher("chen"), service.teacher("wang"));
    let admin = service.person(Role::Admin, "admin", "校长");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&mine, 0).await;
    service.enroll(&mine, &class, &[&lin]).await.unwrap();
    let reset = pb::ResetStudentPasswordRequest { student_id: lin.user_id.to_string() };
    for outsider in [&other, &kit::testing::caller(Role::Admin)] {
        let answer = call!(service.students, reset_student_password, outsider, reset.clone());
        assert_eq!(refused(answer), (Code::NotFound, "STUDENT_NOT_FOUND".to_owned()));
    }
    let answer = call!(service.students, reset_student_password, &lin, reset.clone());
    assert_eq!(refused(answer), (Code::PermissionDenied, "TEACHERS_ONLY".to_owned()));
    assert_eq!(service.accounts.find("lin").unwrap().password, "");
    for insider in [&mine, &admin] {
        let answer = call!(service.students, reset_student_password, insider, reset.clone());
        assert_eq!(service.accounts.find("lin").unwrap().password, answer.unwrap().password);
    }

    let end = pb::EndEnrollmentRequest {
        class_id: class.id,
        student_id: reset.student_id.clone(),
        status: pb::EnrollmentStatus::Left.into(),
        notes: String::new(),
    };
    call!(service.classes, end_enrollment, &mine, end).unwrap();
    let before = service.accounts.find("lin").unwrap().password;
    let answer = call!(service.students, reset_student_password, &mine, reset);
    assert_eq!(refused(answer), (Code::PermissionDenied, "FORMER_STUDENT".to_owned()));
    assert_eq!(service.accounts.find("lin").unwrap().password, before);
}

#[tokio::test]
async fn student_who_comes_first_gets_a_profile() {
    let service = Service::new().await;
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let id = lin.user_id.to_string();
    assert_eq!(service.student(&lin, &id).await.unwrap().full_name, "林晓雨");
    let list = pb::ListStudentsRequest::default();
    let zhou = service.person(Role::Student, "zhou", "周明");
    let seen = call!(service.students, list_students, &zhou, list).unwrap().students;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].full_name, "周明");
}

#[tokio::test]
async fn student_changes_target_and_goal_and_no_more() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let lin = service.person(Role::Student, "lin", "林晓雨");
    let zhou = service.person(Role::Student, "zhou", "周明");
    let class = service.class(&teacher, 0).await;
    service.enroll(&teacher, &class, &[&lin, &zhou]).await.unwrap();
    let id = lin.user_id.to_string();
    let own = pb::UpdateStudentRequest {
        target_exam: Some("高考".to_owned()),
        target_score: Some(135.0),
        study_goal: Some("多读".to_owned()),
        ..update(&id)
    };
    service.student(&lin, &id).await.unwrap();
    call!(service.students, update_student, &lin, own).unwrap();
    let seen = service.student(&lin, &id).await.unwrap();
    assert_eq!((seen.target_exam.as_str(), seen.target_score), ("高考", Some(135.0)));
    let more = pb::UpdateStudentRequest { cefr_level: Some("C2".to_owned()), ..update(&id) };
    let answer = call!(service.students, update_student, &lin, more.clone());
    assert_eq!(refused(answer), (Code::PermissionDenied, "PERSONAL_FIELDS_ONLY".to_owned()));
    call!(service.students, update_student, &teacher, more).unwrap();

    let number = |id: &str| pb::UpdateStudentRequest {
        student_no: Some("20260101".to_owned()),
        target_score: Some(-1.0),
        ..update(id)
    };
    call!(service.students, update_student, &teacher, number(&id)).unwrap();
    let seen = service.student(&teacher, &id).await.unwrap();
    assert_eq!((seen.target_score, seen.cefr_level.as_str()), (None, "C2"));
    let answer =
        call!(service.students, update_student, &teacher, number(&zhou.user_id.to_string()));
    assert_eq!(refused(answer), (Code::AlreadyExists, "STUDENT_NO_TAKEN".to_owned()));
    // Two spellings are one number.
    let spelled = |id: String, number: &str| pb::UpdateStudentRequest {
        student_no: Some(number.to_owned()),
        ..update(&id)
    };
    call!(service.students, update_student, &teacher, spelled(id.clone(), "G3-01")).unwrap();
    call!(service.students, update_student, &teacher, spelled(id, "g3-01")).unwrap();
    // Where both are there from earlier days, other fields can be changed.
    let db = service.db.pool.get().await.unwrap();
    let twin = "UPDATE students SET student_no = 'G3-01' WHERE user_id = $1";
    db.execute(twin, &[&zhou.user_id]).await.unwrap();
    let more = pb::UpdateStudentRequest {
        grade: Some("高三".to_owned()),
        ..update(&zhou.user_id.to_string())
    };
    call!(service.students, update_student, &teacher, more).unwrap();
    db.execute("UPDATE students SET student_no = NULL WHERE user_id = $1", &[&zhou.user_id])
        .await
        .unwrap();
    let zhou = spelled(zhou.user_id.to_string(), "G3-01");
    let answer = call!(service.students, update_student, &teacher, zhou);
    assert_eq!(refused(answer), (Code::AlreadyExists, "STUDENT_NO_TAKEN".to_owned()));
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let (class, second) = (service.class(&teacher, 0).await, service.class(&teacher, 0).await);
    let text = "学号,姓名,年级,英语水平\n1,甲,高一,B1\n2,乙,高二,B1\n3,丙,高二,a2\n";
    let import = service.upload(&teacher, &class, text).await.unwrap();
    service.commit(&teacher, &import.id).await.unwrap();
    let names = async |message: pb::ListStudentsRequest| {
        let answer = call!(service.students, list_students, &teacher, message).unwrap();
        answer.students.into_iter().map(|student| student.full_name).collect::<Vec<_>>()
    };
    let all = pb::ListStudentsRequest::default;
    assert_eq!(names(all()).await.len(), 3);
    let message = pb::ListStudentsRequest { grade: "高二".to_owned(), ..all() };
    assert_eq!(names(message).await.len(), 2);
    let level = "A2".to_owned();
    assert_eq!(names(pb::ListStudentsRequest { cefr_level: level, ..all() }).await, ["丙"]);
    let query = "2".to_owned();
    assert_eq!(names(pb::ListStudentsRequest { query, ..all() }).await, ["乙"]);
    let empty = second.id.clone();
    assert!(names(pb::ListStudentsRequest { class_id: empty, ..all() }).await.is_empty());
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let message =
            pb::ListStudentsRequest { limit: 2, cursor, class_id: class.id.clone(), ..all() };
        let page = call!(service.students, list_students, &teacher, message).unwrap();
        seen.extend(page.students.into_iter().map(|student| student.id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}
