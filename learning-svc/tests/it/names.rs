//! Names, which auth-svc keeps: whoever is renamed there or here is called so in both places.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta};
use kit::{
    caller::{Caller, Role},
    error::{Classify as _, Kind},
};
use learning_svc::{
    name::{Named, OVERLAP},
    store::names,
};
use proto::learning::v1::{
    self as pb, class_service_server::ClassService as _,
    student_service_server::StudentService as _,
};
use tonic::Code;

use crate::support::{Service, call, refused};

/// A class of a teacher with one student, who has come by enrollment.
struct Room {
    service: Service,
    teacher: Caller,
    lin: Caller,
    class: pb::Class,
}

impl Room {
    async fn new() -> Self {
        let service = Service::new().await;
        let teacher = service.teacher("chen");
        let lin = service.person(Role::Student, "lin", "林晓雨");
        let class = service.class(&teacher, 0).await;
        service.enroll(&teacher, &class, &[&lin]).await.unwrap();
        Self { service, teacher, lin, class }
    }

    /// Returns what the student is called in a list, on their page and in the class.
    async fn called(&self) -> [String; 3] {
        let Self { service, teacher, lin, class } = self;
        let list = pb::ListStudentsRequest { class_id: class.id.clone(), ..Default::default() };
        let list = call!(service.students, list_students, teacher, list).unwrap().students;
        let page = service.student(teacher, &lin.user_id.to_string()).await.unwrap();
        let enrolled = service.enrollments(teacher, class, false).await;
        let enrolled = enrolled[0].student.clone().unwrap();
        [list[0].full_name.clone(), page.full_name, enrolled.full_name]
    }

    async fn change(
        &self,
        request: pb::UpdateStudentRequest,
    ) -> Result<pb::Student, tonic::Status> {
        let Self { service, teacher, .. } = self;
        let answer = call!(service.students, update_student, teacher, request)?;
        Ok(answer.student.unwrap())
    }

    fn request(&self, full_name: &str) -> pb::UpdateStudentRequest {
        pb::UpdateStudentRequest {
            student_id: self.lin.user_id.to_string(),
            full_name: Some(full_name.to_owned()),
            ..Default::default()
        }
    }
}

fn all(name: &str) -> [String; 3] {
    [name, name, name].map(str::to_owned)
}

#[tokio::test]
async fn names_follow_those_of_the_accounts() {
    let room = Room::new().await;
    let Room { service, teacher, class, .. } = &room;
    let helper = service.person(Role::Teacher, "wang", "王老师");
    let add = pb::AddAssistantRequest {
        class_id: class.id.clone(),
        teacher_id: helper.user_id.to_string(),
    };
    call!(service.classes, add_assistant, teacher, add).unwrap();
    assert_eq!(room.called().await, all("林晓雨"));

    for (username, name) in [("lin", "林小雨"), ("chen", "陈先生"), ("wang", "王女士")] {
        service.accounts.rename(username, name);
    }
    service.follower.turn().await.unwrap();
    assert_eq!(room.called().await, all("林小雨"));
    let get = pb::GetClassRequest { class_id: class.id.clone() };
    let seen = call!(service.classes, get_class, teacher, get.clone()).unwrap().class.unwrap();
    assert_eq!(seen.head_teacher_name, "陈先生");
    assert_eq!(seen.assistants[0].full_name, "王女士");

    // Again and again, and nothing is missed while auth-svc is away.
    service.follower.turn().await.unwrap();
    service.accounts.is_away.store(true, Ordering::SeqCst);
    service.accounts.rename("lin", "林晓宇");
    service.follower.turn().await.unwrap_err();
    assert_eq!(room.called().await, all("林小雨"));
    service.accounts.is_away.store(false, Ordering::SeqCst);
    service.follower.turn().await.unwrap();
    assert_eq!(room.called().await, all("林晓宇"));
}

#[tokio::test]
async fn many_names_come_in_pages() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 500).await;
    let names: Vec<String> = (0..1_200).map(|n| format!("pupil{n:04}")).collect();
    let pupils: Vec<_> =
        names.iter().map(|name| service.person(Role::Student, name, "学生")).collect();
    let last = [&pupils[1_198], &pupils[1_199]];
    service.enroll(&teacher, &class, &last).await.unwrap();
    for name in &names {
        service.accounts.rename(name, "同学");
    }
    service.follower.turn().await.unwrap();
    let there = service.enrollments(&teacher, &class, false).await;
    assert!(
        there.iter().all(|enrollment| enrollment.student.as_ref().unwrap().full_name == "同学")
    );
}

#[tokio::test]
async fn teacher_renames_the_account_with_the_student() {
    let room = Room::new().await;
    let accounts = &room.service.accounts;
    let renamed = room.change(room.request(" 林小雨 ")).await.unwrap();
    assert_eq!(renamed.full_name, "林小雨");
    assert_eq!(accounts.name("lin"), "林小雨");
    assert_eq!(room.called().await, all("林小雨"));

    // While auth-svc is away nothing is changed, and what is no name is changed nevertheless.
    accounts.is_away.store(true, Ordering::SeqCst);
    let both =
        pb::UpdateStudentRequest { grade: Some("高三".to_owned()), ..room.request("林晓宇") };
    let away = refused(room.change(both).await);
    assert_eq!(away, (Code::Unavailable, "SERVICE_UNAVAILABLE".to_owned()));
    assert_eq!((room.called().await, accounts.name("lin")), (all("林小雨"), "林小雨".to_owned()));
    let id = room.lin.user_id.to_string();
    assert_eq!(room.service.student(&room.teacher, &id).await.unwrap().grade, "");
    let same =
        pb::UpdateStudentRequest { grade: Some("高三".to_owned()), ..room.request("林小雨") };
    assert_eq!(room.change(same).await.unwrap().grade, "高三");
}

#[tokio::test]
async fn what_is_refused_renames_nobody() {
    let room = Room::new().await;
    let Room { service, teacher, class, .. } = &room;
    let import = service.upload(teacher, class, "学号,姓名\n1,周明\n").await.unwrap();
    service.commit(teacher, &import.id).await.unwrap();
    let taken =
        pb::UpdateStudentRequest { student_no: Some("1".to_owned()), ..room.request("林小雨") };
    assert_eq!(refused(room.change(taken).await).1, "STUDENT_NO_TAKEN");
    assert_eq!(service.accounts.name("lin"), "林晓雨");
    let own = call!(service.students, update_student, &room.lin, room.request("林小雨"));
    assert_eq!(refused(own).1, "PERSONAL_FIELDS_ONLY");
    assert_eq!(service.accounts.name("lin"), "林晓雨");
}

#[tokio::test]
async fn older_name_never_replaces_a_newer_one() {
    let room = Room::new().await;
    let Room { service, lin, .. } = &room;
    // The list with the older name was read before and is written late.
    let stale = |name: &str, seconds| Named {
        id: lin.user_id,
        username: "lin".to_owned(),
        full_name: name.to_owned(),
        renamed_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
    };
    let db = service.db.pool.get().await.unwrap();
    let now = kit::clock::Clock::now(&*service.clock);
    for (name, seconds, is_written) in
        [("林小雨", 20, true), ("林晓宇", 10, false), ("林晓宇", 20, false)]
    {
        let written = names::rename_students(&db, &[stale(name, seconds)], now).await.unwrap();
        assert_eq!(!written.is_empty(), is_written, "{name} of {seconds}");
    }
    let (_, turn) = names::position(&db).await.unwrap();
    service.follower.turn().await.unwrap();
    assert!(names::lock_turn(&db).await.unwrap() > turn, "who has read before writes no more");

    // A teacher who corrects what a pupil has corrected meanwhile comes last in auth-svc, too.
    service.accounts.rename("lin", "林晓语");
    assert_eq!(room.change(room.request("林晓予")).await.unwrap().full_name, "林晓予");
    service.follower.turn().await.unwrap();
    assert_eq!(
        (room.called().await, service.accounts.name("lin")),
        (all("林晓予"), "林晓予".to_owned())
    );
}

#[tokio::test]
async fn renaming_that_was_committed_late_is_found() {
    let room = Room::new().await;
    let Room { service, .. } = &room;
    service.follower.turn().await.unwrap();
    {
        let db = service.db.pool.get().await.unwrap();
        let (moment, _) = names::position(&db).await.unwrap();
        assert!(chrono::Utc::now() - moment >= OVERLAP);
    }
    let late = chrono::Utc::now() - TimeDelta::minutes(1);
    service.accounts.rename("lin", "林小雨");
    service.accounts.list.lock().unwrap().iter_mut().for_each(|account| {
        account.renamed_at = account.renamed_at.min(late);
    });
    service.follower.turn().await.unwrap();
    assert_eq!(room.called().await, all("林小雨"));
}

#[tokio::test]
async fn roster_renames_accounts_and_gives_names_back() {
    let service = Service::new().await;
    let teacher = service.teacher("chen");
    let class = service.class(&teacher, 0).await;
    let text = "学号,姓名\n20260101,林晓雨\n20260102,周明\n";
    let first = service.upload(&teacher, &class, text).await.unwrap();
    service.commit(&teacher, &first.id).await.unwrap();
    let second = text.replace("林晓雨", "林小雨").replace("周明", "周小明");
    let second = service.upload(&teacher, &class, second).await.unwrap();
    let names = || ["20260101", "20260102"].map(|username| service.accounts.name(username));
    let called = async || {
        let there = service.enrollments(&teacher, &class, false).await;
        there.into_iter().map(|one| one.student.unwrap().full_name).collect::<Vec<_>>()
    };

    // The last step fails while auth-svc is away, and is done by the next call.
    service.accounts.is_away.store(true, Ordering::SeqCst);
    assert_eq!(refused(service.commit(&teacher, &second.id).await).0, Code::Unavailable);
    assert_eq!(
        (names(), called().await),
        (["林晓雨", "周明"].map(str::to_owned), vec!["林小雨".to_owned(), "周小明".to_owned()])
    );
    service.accounts.is_away.store(false, Ordering::SeqCst);
    // Meanwhile one of them has chosen another name.
    service.accounts.rename("20260102", "周晓明");
    service.follower.turn().await.unwrap();
    service.commit(&teacher, &second.id).await.unwrap();
    service.follower.turn().await.unwrap();
    let expected = ["林小雨", "周晓明"].map(str::to_owned);
    assert_eq!((names(), called().await), (expected.clone(), expected.to_vec()));

    // Nobody repeats this one: after a while, it is done all the same.
    service.accounts.is_away.store(true, Ordering::SeqCst);
    assert_eq!(refused(service.undo(&teacher, &second.id).await).0, Code::Unavailable);
    service.clock.advance(TimeDelta::minutes(2));
    assert_eq!(service.tidier.tidy_left().await.unwrap_err().kind(), Kind::Unavailable);
    service.accounts.is_away.store(false, Ordering::SeqCst);
    service.tidier.tidy_left().await.unwrap();
    service.follower.turn().await.unwrap();
    let expected = ["林晓雨", "周晓明"].map(str::to_owned);
    assert_eq!((names(), called().await), (expected.clone(), expected.to_vec()));
    // Once: what the account is called later stays.
    service.accounts.rename("20260101", "林一");
    service.tidier.tidy_left().await.unwrap();
    assert_eq!(service.accounts.name("20260101"), "林一");
}
