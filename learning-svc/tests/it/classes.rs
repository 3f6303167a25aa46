//! Making, finding and changing classes, and who may.

use kit::caller::Role;
use proto::learning::v1::{self as pb, class_service_server::ClassService as _};
use tonic::Code;

use crate::support::{Service, call, refused};

fn list(status: pb::ClassStatus, query: &str) -> pb::ListClassesRequest {
    pb::ListClassesRequest {
        status: status.into(),
        query: query.to_owned(),
        ..pb::ListClassesRequest::default()
    }
}

#[tokio::test]
async fn class_is_made_once_for_each_key() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let message =
        pb::CreateClassRequest { name: "一班".to_owned(), ..pb::CreateClassRequest::default() };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut request = kit::testing::request(&teacher, message.clone());
        request.metadata_mut().insert("idempotency-key", "k1".parse().unwrap());
        let answer = crate::support::answer(&teacher, service.classes.create_class(request)).await;
        ids.push(answer.unwrap().class.unwrap().id);
    }
    assert_eq!(ids[0], ids[1]);
    // Not shown to who teaches it no more.
    let db = service.db.pool.get().await.unwrap();
    db.execute("UPDATE classes SET head_teacher_id = organization_id", &[]).await.unwrap();
    let mut request = kit::testing::request(&teacher, message.clone());
    request.metadata_mut().insert("idempotency-key", "k1".parse().unwrap());
    let again = crate::support::answer(&teacher, service.classes.create_class(request)).await;
    assert_eq!(refused(again).0, Code::NotFound);
    let class = service.class(&teacher, 0).await;
    assert_ne!(class.id, ids[0]);
    assert_eq!((class.max_students, class.active_students), (60, 0));
    assert_eq!(class.head_teacher_name, "陈老师");
    assert_eq!(class.join_code.len(), 8);
    let student = service.person(Role::Student, "lin", "林晓雨");
    let answer = call!(service.classes, create_class, &student, message);
    assert_eq!(refused(answer), (Code::PermissionDenied, "TEACHERS_ONLY".to_owned()));
}

#[tokio::test]
async fn class_exists_for_its_people_alone() {
    let service = Service::new().await;
    let (head, stranger) = (service.teacher("chen"), service.teacher("wang"));
    let admin = service.person(Role::Admin, "admin", "校长");
    let student = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&head, 0).await;
    let get = pb::GetClassRequest { class_id: class.id.clone() };
    for outsider in [&stranger, &student, &kit::testing::caller(Role::Admin)] {
        let answer = call!(service.classes, get_class, outsider, get.clone());
        assert_eq!(refused(answer), (Code::NotFound, "CLASS_NOT_FOUND".to_owned()));
        let all = list(pb::ClassStatus::Unspecified, "");
        let answer = call!(service.classes, list_classes, outsider, all).unwrap();
        assert_eq!(answer.classes, []);
    }
    service.enroll(&head, &class, &[&student]).await.unwrap();
    for insider in [&head, &admin, &student] {
        let seen = call!(service.classes, get_class, insider, get.clone()).unwrap().class.unwrap();
        assert_eq!(seen.active_students, 1);
        assert_eq!(seen.join_code.is_empty(), insider.role == Role::Student);
    }
    let archive = pb::ArchiveClassRequest { class_id: class.id.clone() };
    let answer = call!(service.classes, archive_class, &student, archive.clone());
    assert_eq!(refused(answer), (Code::PermissionDenied, "TEACHERS_ONLY".to_owned()));
    let answer = call!(service.classes, archive_class, &stranger, archive);
    assert_eq!(refused(answer).0, Code::NotFound);
}

#[tokio::test]
async fn lists_are_paged_filtered_and_without_archived_classes() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(service.class(&teacher, 0).await.id);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let message =
            pb::ListClassesRequest { limit: 2, cursor, ..list(0.try_into().unwrap(), "") };
        let page = call!(service.classes, list_classes, &teacher, message).unwrap();
        seen.extend(page.classes.into_iter().map(|class| class.id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let archive = pb::ArchiveClassRequest { class_id: ids[0].clone() };
    for _ in 0..2 {
        let answer = call!(service.classes, archive_class, &teacher, archive.clone()).unwrap();
        assert!(answer.class.unwrap().archived_at.is_some());
    }
    let count = async |message| {
        call!(service.classes, list_classes, &teacher, message).unwrap().classes.len()
    };
    assert_eq!(count(list(pb::ClassStatus::Active, "")).await, 4);
    assert_eq!(count(list(pb::ClassStatus::Archived, "（3）")).await, 1);
    assert_eq!(count(list(pb::ClassStatus::Active, "50%")).await, 0);
    let restore = pb::RestoreClassRequest { class_id: ids[0].clone() };
    call!(service.classes, restore_class, &teacher, restore).unwrap();
    assert_eq!(count(list(pb::ClassStatus::Active, "陈老师")).await, 5);
}

#[tokio::test]
async fn only_the_head_changes_a_class_and_hands_it_over() {
    let service = Service::new().await;
    let (head, helper) = (service.teacher("chen"), service.teacher("wang"));
    let student = service.person(Role::Student, "lin", "林晓雨");
    let class = service.class(&head, 0).await;
    let add = |teacher: &kit::caller::Caller| pb::AddAssistantRequest {
        class_id: class.id.clone(),
        teacher_id: teacher.user_id.to_string(),
    };
    let answer = call!(service.classes, add_assistant, &head, add(&student));
    assert_eq!(refused(answer).0, Code::InvalidArgument);
    for _ in 0..2 {
        let answer = call!(service.classes, add_assistant, &head, add(&helper)).unwrap();
        assert_eq!(answer.class.unwrap().assistants.len(), 1);
    }
    let update = |name: &str| pb::UpdateClassRequest {
        class_id: class.id.clone(),
        name: Some(name.to_owned()),
        ..pb::UpdateClassRequest::default()
    };
    let answer = call!(service.classes, update_class, &helper, update("新"));
    assert_eq!(refused(answer), (Code::PermissionDenied, "HEAD_TEACHER_ONLY".to_owned()));
    assert_eq!(
        refused(call!(service.classes, update_class, &head, update(" "))).0,
        Code::InvalidArgument
    );

    let message = pb::UpdateClassRequest {
        head_teacher_id: Some(helper.user_id.to_string()),
        ..update("三班")
    };
    let changed = call!(service.classes, update_class, &head, message).unwrap().class.unwrap();
    assert_eq!(changed.head_teacher_id, helper.user_id.to_string());
    assert_eq!((changed.name.as_str(), changed.assistants.len()), ("三班", 0));
    let answer = call!(service.classes, update_class, &head, update("四班"));
    assert_eq!(refused(answer).0, Code::NotFound);
}
