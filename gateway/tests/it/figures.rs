//! Figures of students and classes: every number comes back under its own name.

use kit::wire;
use proto::learning::v1 as pb;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Gateway;

const MOMENT: &str = "1970-01-01T00:00:00Z";

async fn shown(gateway: &Gateway, path: &str) -> Value {
    let answer = gateway.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

fn figures() -> pb::MistakeFigures {
    let point = pb::KnowledgePointRef {
        id: "tense.past_perfect".to_owned(),
        name_zh: "过去完成时".to_owned(),
        name_en: "past perfect".to_owned(),
    };
    pb::MistakeFigures {
        mistakes: 1,
        times_wrong: 2,
        pending: 3,
        reviewing: 4,
        mastered: 5,
        ignored: 6,
        mastery: 0.7,
        by_type: vec![pb::Count { key: "grammar".to_owned(), mistakes: 8, mastered: 9 }],
        by_topic: vec![pb::Count { key: "时态".to_owned(), mistakes: 10, mastered: 11 }],
        by_knowledge_point: vec![pb::WeakPoint {
            knowledge_point: Some(point),
            mistakes: 12,
            times_wrong: 13,
            mastered: 14,
            students_affected: 15,
        }],
        trend: vec![pb::TrendPoint {
            week: "2026-11-23".to_owned(),
            new_mistakes: 16,
            reviews: 17,
            correct_reviews: 18,
        }],
        reviews: 19,
        correct_reviews: 20,
    }
}

fn shown_figures() -> Value {
    let point =
        json!({ "id": "tense.past_perfect", "name_zh": "过去完成时", "name_en": "past perfect" });
    json!({
        "mistakes": 1, "times_wrong": 2, "pending": 3, "reviewing": 4, "mastered": 5, "ignored": 6,
        "mastery": 0.7,
        "by_type": [{ "key": "grammar", "mistakes": 8, "mastered": 9 }],
        "by_topic": [{ "key": "时态", "mistakes": 10, "mastered": 11 }],
        "by_knowledge_point": [{
            "knowledge_point": point, "mistakes": 12, "times_wrong": 13, "mastered": 14,
            "students_affected": 15,
        }],
        "trend": [{ "week": "2026-11-23", "new_mistakes": 16, "reviews": 17, "correct_reviews": 18 }],
        "reviews": 19, "correct_reviews": 20,
    })
}

fn line() -> pb::StudentFigures {
    let moment = Some(wire::time(chrono::DateTime::UNIX_EPOCH));
    pb::StudentFigures {
        student: Some(pb::Student {
            id: Uuid::from_u128(1).to_string(),
            full_name: "王小明".to_owned(),
            created_at: moment,
            updated_at: moment,
            ..pb::Student::default()
        }),
        mistakes: 21,
        mastered: 22,
        due: 23,
        last_active_at: moment,
        pending: 24,
        reviewing: 25,
        mastery: 0.26,
        new_this_week: 27,
        reviews_this_week: 28,
    }
}

/// Compares all of a line but the student, whose name alone is looked at.
fn is_line(shown: &Value) {
    let mut rest = shown.clone();
    let student = rest.as_object_mut().unwrap().remove("student").unwrap();
    assert_eq!(student["full_name"], "王小明");
    let expected = json!({
        "mistakes": 21, "mastered": 22, "due": 23, "last_active_at": MOMENT, "pending": 24,
        "reviewing": 25, "mastery": 0.26, "new_this_week": 27, "reviews_this_week": 28,
    });
    assert_eq!(rest, expected);
}

fn day(day: &str, first: u32) -> pb::ActivityDay {
    pb::ActivityDay {
        day: day.to_owned(),
        active_students: first,
        new_mistakes: first + 1,
        reviews: first + 2,
        correct_reviews: first + 3,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_a_student_keep_their_names() {
    let gateway = Gateway::start().await;
    let answer = pb::GetStudentStatisticsResponse {
        figures: Some(figures()),
        streak_days: 29,
        longest_streak_days: 30,
        due_today: 31,
    };
    gateway.script.answer("GetStudentStatistics", &answer);
    let id = Uuid::from_u128(1);
    let path = format!("/students/{id}/statistics?from=2026-09-01T00:00:00Z");
    let expected = json!({
        "figures": shown_figures(), "streak_days": 29, "longest_streak_days": 30, "due_today": 31,
    });
    assert_eq!(shown(&gateway, &path).await, expected);
    let sent: pb::GetStudentStatisticsRequest = gateway.script.asked("GetStudentStatistics");
    assert_eq!((sent.student_id, sent.until), (id.to_string(), None));
    assert_eq!(sent.from.unwrap().seconds, 1_788_220_800);

    let point = pb::ProgressPoint {
        day: "2026-11-25".to_owned(),
        mistakes: 1,
        mastered: 2,
        mastery: 0.3,
        mean_retrievability: Some(0.4),
    };
    let answer = pb::GetStudentProgressResponse { points: vec![point] };
    gateway.script.answer("GetStudentProgress", &answer);
    let path = format!("/students/{id}/progress?from=2026-11-01&step=week");
    let progress = shown(&gateway, &path).await;
    let expected = json!({
        "day": "2026-11-25", "mistakes": 1, "mastered": 2, "mastery": 0.3, "mean_retrievability": 0.4,
    });
    assert_eq!(progress["items"], json!([expected]));
    let sent: pb::GetStudentProgressRequest = gateway.script.asked("GetStudentProgress");
    assert_eq!((sent.from.as_str(), sent.until.as_str()), ("2026-11-01", ""));
    assert_eq!(sent.step(), pb::ProgressStep::Week);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_a_class_keep_their_names() {
    let gateway = Gateway::start().await;
    let class = format!("/classes/{}", Uuid::from_u128(2));
    let answer = pb::GetClassStatisticsResponse {
        figures: Some(figures()),
        students: 32,
        active_students: 33,
        by_student: vec![line()],
    };
    gateway.script.answer("GetClassStatistics", &answer);
    let statistics = shown(&gateway, &format!("{class}/statistics")).await;
    assert_eq!(statistics["figures"], shown_figures());
    assert_eq!((&statistics["students"], &statistics["active_students"]), (&json!(32), &json!(33)));
    is_line(&statistics["by_student"][0]);

    let (students, next_cursor) = (vec![line()], "next".to_owned());
    let answer = pb::ListClassStudentsResponse { students, next_cursor };
    gateway.script.answer("ListClassStudents", &answer);
    let page = shown(&gateway, &format!("{class}/students-figures?order=due&query=wang")).await;
    is_line(&page["items"][0]);
    assert_eq!(page["next_cursor"], "next");
    let sent: pb::ListClassStudentsRequest = gateway.script.asked("ListClassStudents");
    assert_eq!((sent.order(), sent.query.as_str()), (pb::StudentOrder::Due, "wang"));

    let answer = pb::ListWeakStudentsResponse { students: vec![line()], ..Default::default() };
    gateway.script.answer("ListWeakStudents", &answer);
    let path = format!("{class}/weak-points/tense.past_perfect/students?limit=7");
    is_line(&shown(&gateway, &path).await["items"][0]);
    let sent: pb::ListWeakStudentsRequest = gateway.script.asked("ListWeakStudents");
    assert_eq!((sent.knowledge_point_id.as_str(), sent.limit), ("tense.past_perfect", 7));

    let answer = pb::GetClassActivityResponse { days: vec![day("2026-11-25", 34)] };
    gateway.script.answer("GetClassActivity", &answer);
    let activity = shown(&gateway, &format!("{class}/activity?until=2026-11-25")).await;
    let expected = json!({
        "day": "2026-11-25", "active_students": 34, "new_mistakes": 35, "reviews": 36,
        "correct_reviews": 37,
    });
    assert_eq!(activity["items"], json!([expected]));
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboard_tells_today_by_the_last_day_of_the_week() {
    let gateway = Gateway::start().await;
    let class =
        pb::ClassRef { id: Uuid::from_u128(2).to_string(), name: "高二（3）班".to_owned() };
    let needy = pb::NeedyClass {
        class: Some(class),
        students: 1,
        active_students: 2,
        mistakes_unmastered: 3,
        overdue_reviews: 4,
        mastery: 0.5,
        reasons: vec![pb::AttentionReason::OverdueReviews.into()],
    };
    let answer = pb::GetDashboardResponse {
        day: "2026-11-25".to_owned(),
        students: 6,
        analyses_waiting: 7,
        week: vec![day("2026-11-24", 50), day("2026-11-25", 60)],
        classes: vec![needy],
    };
    gateway.script.answer("GetDashboard", &answer);
    let mut dashboard = shown(&gateway, "/dashboard").await;
    let week = dashboard.as_object_mut().unwrap().remove("week").unwrap();
    assert_eq!((&week[0]["active_students"], &week[1]["reviews"]), (&json!(50), &json!(62)));
    let needy = json!({
        "class": { "id": Uuid::from_u128(2), "name": "高二（3）班" }, "students": 1,
        "active_students": 2, "mistakes_unmastered": 3, "overdue_reviews": 4, "mastery": 0.5,
        "reasons": ["overdue_reviews"],
    });
    let expected = json!({
        "day": "2026-11-25", "students": 6, "analyses_waiting": 7, "active_students_today": 60,
        "new_mistakes_today": 61, "reviews_today": 62, "correct_reviews_today": 63,
        "classes": [needy],
    });
    assert_eq!(dashboard, expected);
}
