//! Days of classes, lists of their students with figures, and what a teacher sees first.

use chrono::TimeDelta;
use kit::{
    caller::Role,
    testing::{self, request},
};
use proto::learning::v1::{
    self as pb, AttentionReason, StudentOrder, statistics_service_server::StatisticsService as _,
};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::practice::{School, reason};

impl School {
    async fn activity(
        &self,
        caller: &kit::caller::Caller,
        (from, until): (&str, &str),
    ) -> Result<Vec<pb::ActivityDay>, Status> {
        let message = pb::GetClassActivityRequest {
            class_id: self.class.to_string(),
            from: from.to_owned(),
            until: until.to_owned(),
        };
        let answer = self.statistics.get_class_activity(request(caller, message)).await?;
        Ok(answer.into_inner().days)
    }

    async fn dashboard(
        &self,
        caller: &kit::caller::Caller,
    ) -> Result<pb::GetDashboardResponse, Status> {
        let message = pb::GetDashboardRequest {};
        Ok(self.statistics.get_dashboard(request(caller, message)).await?.into_inner())
    }

    async fn class_students(
        &self,
        message: pb::ListClassStudentsRequest,
    ) -> pb::ListClassStudentsResponse {
        let message = pb::ListClassStudentsRequest { class_id: self.class.to_string(), ..message };
        let answer = self.statistics.list_class_students(request(&self.teacher, message)).await;
        answer.unwrap().into_inner()
    }
}

fn numbers(day: &pb::ActivityDay) -> (&str, [u32; 4]) {
    let numbers = [day.active_students, day.new_mistakes, day.reviews, day.correct_reviews];
    (day.day.as_str(), numbers)
}

#[tokio::test]
async fn days_of_a_class_are_counted_one_by_one() {
    let school = School::new().await;
    let mate = school.classmate("李雷").await;
    let one = school.record("one").await.id;
    school.record("two").await;
    let other =
        pb::NewMistake { student_id: mate.user_id.to_string(), ..school.new_mistake("three") };
    school.create(&mate, other).await.unwrap();
    // Tuesday, a minute after midnight in China.
    school.pass(TimeDelta::hours(4) + TimeDelta::minutes(1));
    school.answer(&one, "goes").await;
    // The same mistake again is no new one.
    school.record("two").await;
    school.pass(TimeDelta::days(1));
    let days = school.activity(&school.teacher, ("2026-03-01", "2026-03-04")).await.unwrap();
    let days: Vec<_> = days.iter().map(numbers).collect();
    assert_eq!(
        days,
        [
            ("2026-03-01", [0, 0, 0, 0]),
            ("2026-03-02", [2, 3, 0, 0]),
            ("2026-03-03", [1, 0, 1, 1]),
            ("2026-03-04", [0, 0, 0, 0]),
        ]
    );
    let usual = school.activity(&school.teacher, ("", "")).await.unwrap();
    assert_eq!((usual.len(), usual[29].day.as_str()), (30, "2026-03-04"));
    for (from, until) in [("2026-03-02", "2026-03-01"), ("2025-03-01", "2026-03-02"), ("x", "")] {
        let refused = school.activity(&school.teacher, (from, until)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn days_of_a_class_are_for_those_who_teach_it() {
    let school = School::new().await;
    let refused = school.activity(&school.student, ("", "")).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::PermissionDenied, "TEACHERS_ONLY")
    );
    for stranger in [school.caller(Role::Teacher), testing::caller(Role::Admin)] {
        let refused = school.activity(&stranger, ("", "")).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        let message = pb::ListClassStudentsRequest {
            class_id: school.class.to_string(),
            ..pb::ListClassStudentsRequest::default()
        };
        let refused = school.statistics.list_class_students(request(&stranger, message)).await;
        assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn all_students_of_a_class_come_page_by_page_in_any_order() {
    let school = School::new().await;
    let mut names = vec!["林晓雨".to_owned()];
    for n in 0..5_u32 {
        let name = format!("同学{n}");
        let mate = school.classmate(&name).await;
        names.push(name);
        for question in 0..(n % 3) {
            let new = pb::NewMistake {
                student_id: mate.user_id.to_string(),
                ..school.new_mistake(&format!("q{question}"))
            };
            school.create(&mate, new).await.unwrap();
        }
        school.pass(TimeDelta::minutes(1));
    }
    let listed = async |order: StudentOrder, query: &str| {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let message = pb::ListClassStudentsRequest {
                order: order.into(),
                query: query.to_owned(),
                limit: 2,
                cursor,
                ..pb::ListClassStudentsRequest::default()
            };
            let page = school.class_students(message).await;
            seen.extend(page.students.into_iter().map(|line| line.student.unwrap().full_name));
            cursor = page.next_cursor;
            if cursor.is_empty() {
                return seen;
            }
        }
    };
    names.sort();
    let by_name = listed(StudentOrder::Name, "").await;
    let mut sorted = by_name.clone();
    sorted.sort();
    assert_eq!(sorted, names);
    let expected = ["同学2", "同学1", "同学4"];
    assert_eq!(listed(StudentOrder::Unmastered, "").await[..3], expected);
    assert_eq!(listed(StudentOrder::Due, "").await[..3], expected);
    assert_eq!(listed(StudentOrder::LastActive, "").await[3..], ["同学1", "同学2", "同学4"]);
    assert_eq!(listed(StudentOrder::Name, "同学3").await, ["同学3"]);
}

#[tokio::test]
async fn line_of_a_student_tells_states_and_the_week() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    school.pass(TimeDelta::days(7));
    school.record("two").await;
    school.answer(&one, "goes").await;
    let page = school.class_students(pb::ListClassStudentsRequest::default()).await;
    let line = &page.students[0];
    assert_eq!((line.mistakes, line.pending, line.reviewing, line.mastered), (2, 1, 1, 0));
    assert_eq!((line.new_this_week, line.reviews_this_week, line.due), (1, 1, 1));
    assert!(line.mastery.abs() < f64::EPSILON);
}

#[tokio::test]
async fn what_is_due_of_a_student_is_what_the_student_sees() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    school.record("two").await;
    let agreed = async |due: u32| {
        let page = school.class_students(pb::ListClassStudentsRequest::default()).await;
        assert_eq!(page.students[0].due, due);
        assert_eq!(school.class_figures().await.by_student[0].due, due);
        assert_eq!(school.due().await.overdue, due);
    };
    agreed(2).await;
    school.answer(&one, "goes").await;
    agreed(1).await;
    // Due by the day, not yet by the hour.
    school.pass(TimeDelta::days(2) - TimeDelta::hours(1));
    agreed(2).await;
    // Comes back within minutes.
    school.answer(&one, "go").await;
    agreed(1).await;
    school.pass(TimeDelta::minutes(10));
    agreed(2).await;
}

#[tokio::test]
async fn dashboard_sums_up_the_active_classes_of_the_caller() {
    let school = School::new().await;
    let second = Uuid::now_v7();
    school.add_class(second, &school.teacher).await;
    school.enrol(second, &school.student).await;
    let elsewhere = school.caller(Role::Teacher);
    school.add_class(Uuid::now_v7(), &elsewhere).await;
    school.classmate("李雷").await;
    let one = school.record("one").await.id;
    school.record("two").await;
    school.pass(TimeDelta::days(1));
    school.answer(&one, "goes").await;

    let board = school.dashboard(&school.teacher).await.unwrap();
    assert_eq!((board.day.as_str(), board.students, board.analyses_waiting), ("2026-03-03", 2, 2));
    let week: Vec<_> = board.week.iter().map(numbers).collect();
    assert_eq!(week[0], ("2026-02-25", [0; 4]));
    assert_eq!(week[5..], [("2026-03-02", [1, 2, 0, 0]), ("2026-03-03", [1, 0, 1, 1])]);
    assert_eq!(board.classes, [], "half of a class is active, and all of the other");

    let board = school.dashboard(&elsewhere).await.unwrap();
    assert_eq!((board.students, board.classes.len()), (0, 1));
    assert_eq!(board.classes[0].reasons, [i32::from(AttentionReason::NoStudents)]);

    // A week later everybody is away, and what they left behind counts.
    school.pass(TimeDelta::days(8));
    let admin = school.caller(Role::Admin);
    let board = school.dashboard(&admin).await.unwrap();
    assert_eq!((board.students, board.classes.len()), (2, 3));
    let worst = board.classes.iter().find(|one| one.students == 2).unwrap();
    assert_eq!(worst.reasons, [i32::from(AttentionReason::InactiveStudents)]);
    assert_eq!((worst.active_students, worst.mistakes_unmastered), (0, 2));
    assert_eq!(worst.overdue_reviews, 2);

    school.sql("UPDATE classes SET status = 'archived' WHERE id = $1", &[&second]).await;
    assert_eq!(school.dashboard(&admin).await.unwrap().classes.len(), 2);
    let refused = school.dashboard(&school.student).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let stranger = testing::caller(Role::Admin);
    assert_eq!(school.dashboard(&stranger).await.unwrap().students, 0);
}

#[tokio::test]
async fn kept_dashboard_ends_with_what_its_reader_may_see_or_does() {
    let school = School::with(testing::redis().await).await;
    let assistant = school.caller(Role::Teacher);
    school
        .sql(
            "INSERT INTO class_assistants (class_id, teacher_id, full_name, added_at)
             VALUES ($1, $2, '王老师', now())",
            &[&school.class, &assistant.user_id],
        )
        .await;
    let told = async |caller| {
        let board = school.dashboard(caller).await.unwrap();
        (board.students, board.week[6].new_mistakes)
    };
    assert_eq!(told(&assistant).await, (1, 0));
    assert_eq!(told(&school.teacher).await, (1, 0));

    school.record("one").await;
    assert_eq!(
        told(&school.teacher).await,
        (1, 0),
        "what others record may be missing for a while"
    );
    school.create(&school.teacher, school.new_mistake("two")).await.unwrap();
    assert_eq!(told(&school.teacher).await, (1, 2));
    assert_eq!(told(&assistant).await, (1, 0));

    let mate = school.classmate("李雷").await;
    assert_eq!(told(&assistant).await, (2, 2));
    let second = Uuid::now_v7();
    school.add_class(second, &school.teacher).await;
    let empty = async || {
        let classes = school.dashboard(&school.teacher).await.unwrap().classes;
        classes.iter().filter(|class| class.students == 0).count()
    };
    assert_eq!(empty().await, 1);
    let moved = "UPDATE class_students SET class_id = $1 WHERE student_id = $2";
    school.sql(moved, &[&second, &mate.user_id]).await;
    assert_eq!(empty().await, 0, "the same students, elsewhere");
    school.sql("DELETE FROM class_students WHERE class_id = $1", &[&second]).await;
    school.sql("UPDATE classes SET status = 'archived' WHERE id = $1", &[&second]).await;
    school.sql("DELETE FROM class_assistants", &[]).await;
    assert_eq!(told(&assistant).await, (0, 0));
    school.sql("UPDATE classes SET name = '高三（3）班'", &[]).await;
    school.pass(TimeDelta::days(8));
    let name = async || {
        let class = school.dashboard(&school.teacher).await.unwrap().classes[0].class.clone();
        class.unwrap().name
    };
    assert_eq!(name().await, "高三（3）班");
    school.sql("UPDATE classes SET name = '高三（4）班'", &[]).await;
    assert_eq!(name().await, "高三（4）班");
    school.sql("UPDATE classes SET status = 'archived'", &[]).await;
    assert_eq!(told(&school.teacher).await.0, 0);
}
