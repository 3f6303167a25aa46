//! How students came along, day by day.

use chrono::TimeDelta;
use kit::{
    caller::{Caller, Role},
    testing::request,
};
use proto::learning::v1::{
    self as pb, change_mistakes_request::Change, mistake_service_server::MistakeService as _,
    statistics_service_server::StatisticsService as _,
};
use tonic::{Code, Status};

use crate::practice::School;

impl School {
    async fn progress(
        &self,
        caller: &Caller,
        step: pb::ProgressStep,
    ) -> Result<Vec<pb::ProgressPoint>, Status> {
        let message = pb::GetStudentProgressRequest {
            student_id: self.student.user_id.to_string(),
            step: step.into(),
            ..pb::GetStudentProgressRequest::default()
        };
        let answer = self.statistics.get_student_progress(request(caller, message)).await?;
        Ok(answer.into_inner().points)
    }

    pub async fn change(
        &self,
        ids: &[&str],
        status: pb::MistakeStatus,
    ) -> pb::ChangeMistakesResponse {
        let message = pb::ChangeMistakesRequest {
            mistake_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            change: Some(Change::Status(status.into())),
        };
        self.mistakes.change_mistakes(request(&self.student, message)).await.unwrap().into_inner()
    }

    async fn curve(&self, step: pb::ProgressStep) -> Vec<(String, u32, u32)> {
        let points = self.progress(&self.teacher, step).await.unwrap();
        points.into_iter().map(|point| (point.day, point.mistakes, point.mastered)).collect()
    }
}

fn points(expected: &[(&str, u32, u32)]) -> Vec<(String, u32, u32)> {
    expected.iter().map(|(day, all, mastered)| ((*day).to_owned(), *all, *mastered)).collect()
}

#[tokio::test]
async fn states_of_past_days_are_known() {
    let school = School::new().await;
    assert_eq!(school.curve(pb::ProgressStep::Day).await, []);
    let one = school.record("one").await.id;
    let two = school.record("two").await.id;
    school.pass(TimeDelta::days(1));
    school.change(&[&one], pb::MistakeStatus::Mastered).await;
    school.pass(TimeDelta::days(1));
    school.change(&[&two], pb::MistakeStatus::Ignored).await;
    school.pass(TimeDelta::days(1));
    // Got wrong again: no longer mastered.
    school.record("one").await;
    school.answer(&one, "goes").await;
    let expected =
        [("2026-03-02", 2, 0), ("2026-03-03", 2, 1), ("2026-03-04", 1, 1), ("2026-03-05", 1, 0)];
    assert_eq!(school.curve(pb::ProgressStep::Day).await, points(&expected));
    assert_eq!(school.curve(pb::ProgressStep::Week).await, points(&expected[3..]));
    let all = school.progress(&school.student, pb::ProgressStep::Day).await.unwrap();
    assert_eq!(all[2].mean_retrievability, None);
    assert!(all[3].mean_retrievability.unwrap() > 0.99);
    assert!((all[1].mastery - 0.5).abs() < 1e-9);
    for stranger in [school.caller(Role::Teacher), kit::testing::caller(Role::Admin)] {
        let refused = school.progress(&stranger, pb::ProgressStep::Day).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
}

#[tokio::test]
async fn days_that_are_not_known_are_left_out() {
    let school = School::new().await;
    school.record("one").await;
    school.pass(TimeDelta::days(5));
    school.sql("UPDATE students SET statuses_known_from = '2026-03-05T00:00:00Z'", &[]).await;
    let days: Vec<_> =
        school.curve(pb::ProgressStep::Day).await.into_iter().map(|(day, ..)| day).collect();
    assert_eq!(days, ["2026-03-05", "2026-03-06", "2026-03-07"]);
}

#[tokio::test]
async fn change_of_many_says_what_was_before() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    let two = school.record("two").await.id;
    school.change(&[&one], pb::MistakeStatus::Mastered).await;
    let done = school.change(&[&one, &two], pb::MistakeStatus::Mastered).await;
    assert_eq!(done.changed, 1);
    assert_eq!(done.items[0].id, two);
    assert_eq!(done.items[0].previous_status(), pb::MistakeStatus::Pending);
    let message = pb::GetMistakeRequest { mistake_id: one };
    let answer = school.mistakes.get_mistake(request(&school.teacher, message)).await.unwrap();
    let answer = answer.into_inner();
    assert_eq!((answer.created_by_name.as_str(), answer.import_id.as_str()), ("林晓雨", ""));
}
