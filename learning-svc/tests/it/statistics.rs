//! Figures of students and classes.

use chrono::TimeDelta;
use kit::{caller::Role, redis::Cache, testing, testing::request};
use proto::learning::v1::{
    self as pb, change_mistakes_request::Change, mistake_service_server::MistakeService as _,
    statistics_service_server::StatisticsService as _,
};
use tonic::Code;

use crate::practice::School;

impl School {
    async fn figures(&self) -> pb::GetStudentStatisticsResponse {
        let message = pb::GetStudentStatisticsRequest {
            student_id: self.student.user_id.to_string(),
            ..pb::GetStudentStatisticsRequest::default()
        };
        let answer = self.statistics.get_student_statistics(request(&self.teacher, message)).await;
        answer.unwrap().into_inner()
    }

    pub async fn class_figures(&self) -> pb::GetClassStatisticsResponse {
        let class_id = self.class.to_string();
        let message =
            pb::GetClassStatisticsRequest { class_id, ..pb::GetClassStatisticsRequest::default() };
        let answer = self.statistics.get_class_statistics(request(&self.teacher, message)).await;
        answer.unwrap().into_inner()
    }

    async fn set(&self, id: &str, status: pb::MistakeStatus) {
        let message = pb::ChangeMistakesRequest {
            mistake_ids: vec![id.to_owned()],
            change: Some(Change::Status(status.into())),
        };
        self.mistakes.change_mistakes(request(&self.student, message)).await.unwrap();
    }
}

async fn with_topic(school: &School, question: &str, topic: &str) -> String {
    let new = pb::NewMistake { topic: topic.to_owned(), ..school.new_mistake(question) };
    school.create(&school.student, new).await.unwrap().mistake.unwrap().id
}

#[tokio::test]
async fn figures_of_a_student_are_counted() {
    Box::pin(counted(Cache::absent())).await;
}

#[tokio::test]
async fn remembered_figures_are_counted_again_after_every_write() {
    Box::pin(counted(testing::redis().await)).await;
}

async fn counted(cache: Cache) {
    let school = School::with(cache).await;
    assert_eq!(school.figures().await.figures.unwrap().mistakes, 0);
    let one = with_topic(&school, "one", "tense").await;
    let two = with_topic(&school, "two", "tense").await;
    with_topic(&school, "two", "tense").await;
    let three = with_topic(&school, "three", "mood").await;
    with_topic(&school, "four", "mood").await;
    assert_eq!(school.figures().await.figures.unwrap().by_knowledge_point, []);
    school.work().await;
    school.set(&one, pb::MistakeStatus::Mastered).await;
    school.set(&three, pb::MistakeStatus::Ignored).await;
    let report = school.figures().await;
    let figures = report.figures.unwrap();
    assert_eq!((figures.mistakes, figures.times_wrong), (4, 5));
    assert_eq!(
        (figures.pending, figures.reviewing, figures.mastered, figures.ignored),
        (2, 0, 1, 1)
    );
    assert!((figures.mastery - 1.0 / 3.0).abs() < 1e-9);
    assert_eq!(figures.by_type[0].key, "grammar");
    let topics: Vec<_> = figures.by_topic.iter().map(|t| (t.key.as_str(), t.mistakes)).collect();
    assert_eq!(topics, [("mood", 2), ("tense", 2)]);
    let points: Vec<_> = figures
        .by_knowledge_point
        .iter()
        .map(|weak| {
            let id = weak.knowledge_point.clone().unwrap().id;
            (id, weak.mistakes, weak.times_wrong, weak.mastered, weak.students_affected)
        })
        .collect();
    assert_eq!(points, [("tense".to_owned(), 2, 3, 1, 1), ("mood".to_owned(), 1, 1, 0, 1)]);
    assert_eq!(figures.trend.len(), 12);
    let week = figures.trend.last().unwrap();
    assert_eq!((week.week.as_str(), week.new_mistakes, week.reviews), ("2026-03-02", 4, 0));
    assert_eq!(report.due_today, 2);

    school.answer(&two, "goes").await;
    let report = school.figures().await;
    let figures = report.figures.unwrap();
    assert_eq!((figures.reviews, figures.correct_reviews, figures.reviewing), (1, 1, 1));
    assert_eq!((report.streak_days, report.longest_streak_days, report.due_today), (1, 1, 1));
}

#[tokio::test]
async fn streak_lasts_until_a_whole_day_is_missed() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    for _ in 0..3 {
        school.answer(&id, "go").await;
        school.pass(TimeDelta::days(1));
    }
    let report = school.figures().await;
    assert_eq!((report.streak_days, report.longest_streak_days), (3, 3));
    school.pass(TimeDelta::days(1));
    let report = school.figures().await;
    assert_eq!((report.streak_days, report.longest_streak_days), (0, 3));
    school.answer(&id, "go").await;
    let report = school.figures().await;
    assert_eq!((report.streak_days, report.longest_streak_days), (1, 3));
}

#[tokio::test]
async fn span_narrows_the_figures() {
    let school = School::new().await;
    school.record("one").await;
    school.pass(TimeDelta::days(10));
    school.record("two").await;
    let from = school.practice.mistakes.now() - TimeDelta::days(1);
    let message = pb::GetStudentStatisticsRequest {
        student_id: school.student.user_id.to_string(),
        from: Some(kit::wire::time(from)),
        until: None,
    };
    let answer = school.statistics.get_student_statistics(request(&school.student, message)).await;
    assert_eq!(answer.unwrap().into_inner().figures.unwrap().mistakes, 1);
}

#[tokio::test]
async fn figures_of_a_class_name_its_students() {
    let school = School::with(testing::redis().await).await;
    let mates = [school.classmate("王小明").await, school.classmate("李雷").await];
    school.record("one").await;
    let other =
        pb::NewMistake { student_id: mates[0].user_id.to_string(), ..school.new_mistake("one") };
    school.create(&mates[0], other.clone()).await.unwrap();
    let second = pb::NewMistake { question: "two".to_owned(), ..other };
    school.create(&mates[0], second).await.unwrap();
    school.work().await;
    let report = school.class_figures().await;
    let figures = report.figures.unwrap();
    assert_eq!((figures.mistakes, report.students, report.active_students), (3, 3, 2));
    assert_eq!(figures.by_knowledge_point[0].students_affected, 2);
    let names: Vec<_> = report
        .by_student
        .iter()
        .map(|line| (line.student.clone().unwrap().full_name, line.mistakes, line.due))
        .collect();
    let names: Vec<_> = names.iter().map(|(name, a, b)| (name.as_str(), *a, *b)).collect();
    assert_eq!(names, [("王小明", 2, 2), ("林晓雨", 1, 1), ("李雷", 0, 0)]);

    // Neither a write nor somebody new is overlooked.
    school.record("three").await;
    assert_eq!(school.class_figures().await.figures.unwrap().mistakes, 4);
    school.classmate("韩梅梅").await;
    assert_eq!(school.class_figures().await.students, 4);
}

#[tokio::test]
async fn students_behind_a_weak_point_come_page_by_page() {
    let school = School::new().await;
    for n in 0..5 {
        let mate = school.classmate(&format!("同学{n}")).await;
        for question in 0..=(n % 2) {
            let new = pb::NewMistake {
                student_id: mate.user_id.to_string(),
                ..school.new_mistake(&format!("q{question}"))
            };
            school.create(&mate, new).await.unwrap();
        }
    }
    school.work().await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let message = pb::ListWeakStudentsRequest {
            class_id: school.class.to_string(),
            knowledge_point_id: "verb.agreement".to_owned(),
            limit: 2,
            cursor,
        };
        let page = school.statistics.list_weak_students(request(&school.teacher, message)).await;
        let page = page.unwrap().into_inner();
        seen.extend(page.students.into_iter().map(|line| line.mistakes));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, [2, 2, 1, 1, 1]);
}

#[tokio::test]
async fn figures_are_for_those_who_teach_even_when_they_are_remembered() {
    let school = School::with(testing::redis().await).await;
    school.record("one").await;
    school.figures().await;
    school.class_figures().await;
    let class_id = school.class.to_string();
    let student_id = school.student.user_id.to_string();
    for (caller, code) in [
        (&school.student, Code::PermissionDenied),
        (&school.caller(Role::Teacher), Code::NotFound),
        (&testing::caller(Role::Admin), Code::NotFound),
    ] {
        let class_id = class_id.clone();
        let message =
            pb::GetClassStatisticsRequest { class_id, ..pb::GetClassStatisticsRequest::default() };
        let refused = school.statistics.get_class_statistics(request(caller, message)).await;
        assert_eq!(refused.unwrap_err().code(), code);
    }
    let message = pb::GetStudentStatisticsRequest {
        student_id,
        ..pb::GetStudentStatisticsRequest::default()
    };
    let stranger = school.caller(Role::Student);
    let refused = school.statistics.get_student_statistics(request(&stranger, message)).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn who_is_active_does_not_depend_on_the_span_that_is_counted() {
    let school = School::new().await;
    school.record("one").await;
    let until = Some(prost_types::Timestamp { seconds: 1, nanos: 0 });
    let message = pb::GetClassStatisticsRequest {
        class_id: school.class.to_string(),
        until,
        ..pb::GetClassStatisticsRequest::default()
    };
    let report = school.statistics.get_class_statistics(request(&school.teacher, message)).await;
    let report = report.unwrap().into_inner();
    let line = &report.by_student[0];
    assert_eq!((report.active_students, line.mistakes, line.new_this_week), (1, 0, 1));
    assert!(line.last_active_at.is_some());
}
