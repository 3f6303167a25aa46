//! Reviews: right, wrong, on the same day, twice the same call.

use chrono::TimeDelta;
use kit::{
    caller::{Caller, Role},
    testing::request,
};
use proto::learning::v1::{
    self as pb, answer_review_request::Result as Given, review_service_server::ReviewService as _,
};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::practice::{School, reason};

impl School {
    async fn review(
        &self,
        caller: &Caller,
        mistake: &str,
        id: Uuid,
        given: Given,
    ) -> Result<pb::AnswerReviewResponse, Status> {
        let message = pb::AnswerReviewRequest {
            mistake_id: mistake.to_owned(),
            review_id: id.to_string(),
            result: Some(given),
            duration_ms: 4_000,
        };
        Ok(self.reviews.answer_review(request(caller, message)).await?.into_inner())
    }

    pub async fn answer(&self, mistake: &str, answer: &str) -> pb::AnswerReviewResponse {
        let given = Given::Answer(answer.to_owned());
        self.review(&self.student, mistake, Uuid::now_v7(), given).await.unwrap()
    }

    pub async fn due(&self) -> pb::ListDueReviewsResponse {
        let message = pb::ListDueReviewsRequest { student_id: String::new(), limit: 100 };
        let answer = self.reviews.list_due_reviews(request(&self.student, message)).await;
        answer.unwrap().into_inner()
    }
}

#[tokio::test]
async fn due_review_does_not_tell_the_answer() {
    let school = School::new().await;
    let new =
        pb::NewMistake { explanation: "third person".to_owned(), ..school.new_mistake("He ___.") };
    school.create(&school.student, new).await.unwrap();
    school.work().await;
    let due = school.due().await;
    let mistake = &due.mistakes[0];
    assert_eq!((mistake.correct_answer.as_str(), mistake.explanation.as_str()), ("", ""));
    assert_eq!(mistake.analysis, None);
    assert_eq!((due.due_today, due.done_today, due.overdue), (1, 0, 1));
}

#[tokio::test]
async fn right_answer_comes_back_days_later_and_wrong_one_in_minutes() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    let two = school.record("two").await.id;
    let now = school.practice.reviews.now().timestamp();
    let right = school.answer(&one, " Goes. ").await;
    assert!(right.correct);
    assert_eq!(right.rating(), pb::Rating::Good);
    assert_eq!(right.next_due_at.unwrap().seconds, now + 2 * 86_400);
    assert_eq!(right.remaining_today, 1);
    let mistake = right.mistake.unwrap();
    assert_eq!(mistake.correct_answer, "goes");
    assert_eq!(mistake.status(), pb::MistakeStatus::Reviewing);
    assert!((mistake.retrievability.unwrap() - 1.0).abs() < 1e-6);

    let wrong = school.answer(&two, "go").await;
    assert!(!wrong.correct);
    assert_eq!(wrong.next_due_at.unwrap().seconds, now + 600);
    let due = school.due().await;
    assert_eq!((due.mistakes.len(), due.due_today, due.done_today), (0, 0, 2));
    assert_eq!(due.next_due_at.unwrap().seconds, now + 600);
    school.pass(TimeDelta::minutes(10));
    assert_eq!(school.due().await.mistakes[0].id, two);
    school.pass(TimeDelta::days(2));
    assert_eq!(school.due().await.mistakes.len(), 2);
}

#[tokio::test]
async fn repeat_on_the_same_day_stays_out_of_the_schedule() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    let day = school.practice.reviews.now().timestamp();
    school.answer(&id, "go").await;
    let before = school.get(&school.student, &id).await.unwrap();
    school.pass(TimeDelta::minutes(10));
    let again = school.answer(&id, "goes").await;
    assert!(again.correct);
    // The day after the review that counted, not after the repeat.
    assert_eq!(again.next_due_at.unwrap().seconds, day + 86_400);
    let message = pb::ListReviewsRequest { mistake_id: id, ..pb::ListReviewsRequest::default() };
    let list = school.reviews.list_reviews(request(&school.teacher, message)).await.unwrap();
    let reviews = list.into_inner().reviews;
    assert_eq!((reviews[0].same_day, reviews[1].same_day), (true, false));
    // What was known of the recall: nothing before the first review, something before the second.
    assert_eq!(reviews[1].retrievability, None);
    assert!(reviews[0].retrievability.unwrap() > 0.9);
    assert!((reviews[0].stability_days - reviews[1].stability_days).abs() < f64::EPSILON);
    assert_eq!(before.review_count, 1);
    let due = school.due().await;
    assert_eq!((due.done_today, due.due_today), (1, 0));
}

#[tokio::test]
async fn what_was_got_wrong_since_the_last_review_was_forgotten() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    let mut answer = school.answer(&id, "goes").await;
    while answer.mistake.as_ref().unwrap().status() != pb::MistakeStatus::Mastered {
        let due = answer.next_due_at.unwrap().seconds;
        school.pass(TimeDelta::seconds(due - school.practice.reviews.now().timestamp()));
        answer = school.answer(&id, "goes").await;
    }
    school.pass(TimeDelta::days(10));
    school.record("one").await;
    school.pass(TimeDelta::hours(1));
    let due = school.due().await;
    assert_eq!((due.planned_today, due.due_today, due.done_today), (1, 1, 0));
    let after = school.answer(&id, "goes").await;
    assert_eq!(after.mistake.as_ref().unwrap().status(), pb::MistakeStatus::Reviewing);
    let due = school.due().await;
    assert_eq!((due.planned_today, due.due_today, due.done_today), (1, 0, 1));
    let rest = after.next_due_at.unwrap().seconds - school.practice.reviews.now().timestamp();
    assert!(rest < 10 * 86_400, "{rest}");
    // That counts once.
    school.pass(TimeDelta::seconds(rest));
    let next = school.answer(&id, "goes").await;
    assert!(next.next_due_at.unwrap().seconds - school.practice.reviews.now().timestamp() > rest);
}

#[tokio::test]
async fn repeated_call_counts_once() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    let other = school.record("two").await.id;
    let review = Uuid::now_v7();
    let given = || Given::Answer("go".to_owned());
    let first = school.review(&school.student, &id, review, given()).await.unwrap();
    school.pass(TimeDelta::minutes(1));
    let right = Given::Answer("goes".to_owned());
    let second = school.review(&school.student, &id, review, right).await.unwrap();
    assert_eq!((second.correct, second.next_due_at), (first.correct, first.next_due_at));
    assert_eq!(second.mistake.unwrap().review_count, 1);
    let refused = school.review(&school.student, &other, review, given()).await.unwrap_err();
    assert_eq!(reason(&refused), "REVIEW_ID_REUSED");
}

#[tokio::test]
async fn mastered_entry_rests_until_recall_has_fallen() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    let mut reviews = 0;
    let mastered = loop {
        let answer = school.answer(&id, "goes").await;
        assert!(answer.correct);
        reviews += 1;
        let mistake = answer.mistake.unwrap();
        if mistake.status() == pb::MistakeStatus::Mastered {
            break mistake;
        }
        assert!(reviews < 8);
        let due = answer.next_due_at.unwrap().seconds - school.practice.reviews.now().timestamp();
        school.pass(TimeDelta::seconds(due));
    };
    assert!((3..=5).contains(&reviews), "{reviews}");
    let rest = mastered.due_at.unwrap().seconds - mastered.last_reviewed_at.unwrap().seconds;
    assert!(rest >= 21 * 86_400, "{rest}");
    assert!(school.due().await.mistakes.is_empty());
    school.pass(TimeDelta::seconds(rest) - TimeDelta::days(1));
    assert!(school.due().await.mistakes.is_empty());
    // Told in thousandths, so that it may read 0.9 already.
    assert!(school.get(&school.student, &id).await.unwrap().retrievability.unwrap() >= 0.9);
    school.pass(TimeDelta::days(1));
    let due = school.due().await;
    assert_eq!(due.mistakes[0].id, id);
    assert!(due.mistakes[0].retrievability.unwrap() <= 0.9 + 1e-6);
    let wrong = school.answer(&id, "go").await;
    assert_eq!(wrong.mistake.unwrap().status(), pb::MistakeStatus::Reviewing);
}

#[tokio::test]
async fn mistaken_again_is_due_again() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    school.answer(&id, "goes").await;
    assert!(school.due().await.mistakes.is_empty());
    school.pass(TimeDelta::hours(1));
    school.record("one").await;
    assert_eq!(school.due().await.mistakes[0].id, id);
}

#[tokio::test]
async fn day_has_at_most_sixty_reviews() {
    let school = School::new().await;
    let mut ids = Vec::new();
    for n in 0..70 {
        ids.push(school.record(&format!("q{n}")).await.id);
    }
    let due = school.due().await;
    assert_eq!((due.mistakes.len(), due.due_today, due.overdue), (60, 60, 70));
    for id in ids.iter().take(58) {
        school.answer(id, "goes").await;
    }
    school.answer(&ids[58], "go").await;
    school.pass(TimeDelta::minutes(11));
    let due = school.due().await;
    // One that is new today, and the one that comes back.
    assert_eq!((due.mistakes.len(), due.due_today, due.done_today), (2, 2, 59));
    school.pass(TimeDelta::days(1));
    assert_eq!(school.due().await.done_today, 0);
}

#[tokio::test]
async fn reviews_of_many_entries_are_spread_over_days() {
    let school = School::new().await;
    for n in 0..20 {
        let id = school.record(&format!("q{n}")).await.id;
        let easy = Given::Rating(pb::Rating::Easy.into());
        school.review(&school.student, &id, Uuid::now_v7(), easy).await.unwrap();
    }
    let days = school.number("SELECT count(DISTINCT due_at::date)::bigint FROM mistakes").await;
    assert!(days >= 4, "{days}");
}

#[tokio::test]
async fn only_the_student_answers_and_the_teacher_looks_on() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    let given = || Given::Rating(pb::Rating::Good.into());
    let refused = school.review(&school.teacher, &id, Uuid::now_v7(), given()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let stranger = school.caller(Role::Student);
    let refused = school.review(&stranger, &id, Uuid::now_v7(), given()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let ask = |caller: &Caller| {
        let student_id = school.student.user_id.to_string();
        let message = pb::ListDueReviewsRequest { student_id, limit: 0 };
        school.reviews.list_due_reviews(request(caller, message))
    };
    assert_eq!(ask(&school.teacher).await.unwrap().into_inner().mistakes.len(), 1);
    assert_eq!(ask(&school.caller(Role::Teacher)).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(ask(&stranger).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn calendar_counts_by_day_of_the_school() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    let two = school.record("two").await.id;
    school.answer(&one, "goes").await;
    school.answer(&two, "go").await;
    // Eight in the evening plus five hours is the next day.
    school.pass(TimeDelta::hours(5));
    school.answer(&two, "goes").await;
    let ask = |from: &str, until: &str| {
        let message = pb::GetReviewCalendarRequest {
            student_id: school.student.user_id.to_string(),
            from: from.to_owned(),
            until: until.to_owned(),
        };
        school.reviews.get_review_calendar(request(&school.teacher, message))
    };
    let days = ask("2026-03-01", "2026-03-05").await.unwrap().into_inner().days;
    let days: Vec<_> =
        days.iter().map(|day| (day.day.as_str(), day.due, day.done, day.correct)).collect();
    assert_eq!(days[0], ("2026-03-01", 0, 0, 0));
    assert_eq!(days[1], ("2026-03-02", 0, 2, 1));
    assert_eq!((days[2].0, days[2].2, days[2].3), ("2026-03-03", 1, 1));
    assert_eq!(days[1..].iter().map(|day| day.1).sum::<u32>(), 2);
    assert_eq!(ask("2026-03-01", "2027-03-03").await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(ask("yesterday", "2027-03-03").await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn plan_of_a_day_stays_while_it_is_done() {
    let school = School::new().await;
    let one = school.record("one").await;
    school.record("two").await;
    assert_eq!(one.answer_form, i32::from(pb::AnswerForm::Text));
    let numbers = async || {
        let due = school.due().await;
        [due.planned_today, due.due_today, due.done_today, due.correct_today]
    };
    assert_eq!(numbers().await, [2, 2, 0, 0]);
    let wrong = school.answer(&one.id, "going").await;
    assert!(wrong.again_today);
    assert_eq!(numbers().await, [2, 1, 1, 0]);
    // It comes back, and is no third one.
    school.pass(TimeDelta::minutes(11));
    assert_eq!(numbers().await, [2, 2, 1, 0]);
    let right = school.answer(&one.id, "goes").await;
    assert!(!right.again_today);
    assert_eq!(numbers().await, [2, 1, 1, 0]);
    let two = school.due().await.mistakes.remove(0).id;
    school.answer(&two, "goes").await;
    assert_eq!(numbers().await, [2, 0, 2, 1]);
    // What comes back after midnight does not come back today.
    school.pass(TimeDelta::days(3) + TimeDelta::hours(3) + TimeDelta::minutes(40));
    assert!(!school.answer(&two, "going").await.again_today);
}
