//! Entries that somebody calls mastered before any review.

use chrono::TimeDelta;
use kit::testing::request;
use proto::learning::v1::{
    self as pb, mistake_service_server::MistakeService as _,
    review_service_server::ReviewService as _,
};

use crate::practice::School;

#[tokio::test]
async fn entry_called_mastered_before_any_review_comes_back_too() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    let two = school.record("two").await.id;
    school.change(&[&one], pb::MistakeStatus::Mastered).await;
    let message = pb::UpdateMistakeRequest {
        mistake_id: two.clone(),
        status: Some(pb::MistakeStatus::Mastered.into()),
        ..pb::UpdateMistakeRequest::default()
    };
    school.mistakes.update_mistake(request(&school.teacher, message)).await.unwrap();
    let now = || school.practice.reviews.now().timestamp();
    for id in [&one, &two] {
        let mistake = school.get(&school.student, id).await.unwrap();
        assert_eq!(mistake.due_at.unwrap().seconds, now() + 9 * 86_400);
        assert!((mistake.retrievability.unwrap() - 1.0).abs() < 1e-6);
    }
    school.pass(TimeDelta::days(8));
    assert!(school.due().await.mistakes.is_empty());
    school.pass(TimeDelta::days(1));
    let due = school.due().await.mistakes;
    assert!(due.len() == 2 && due.iter().all(|one| one.retrievability.unwrap() <= 0.9 + 1e-6));

    // Who takes it back has said nothing: a first review follows.
    school.change(&[&one], pb::MistakeStatus::Pending).await;
    assert_eq!(school.get(&school.student, &one).await.unwrap().retrievability, None);
    let first = school.answer(&one, "goes").await;
    assert_eq!(first.next_due_at.unwrap().seconds, now() + 2 * 86_400);
    let second = school.answer(&two, "goes").await;
    assert!(second.next_due_at.unwrap().seconds > now() + 9 * 86_400);
}

#[tokio::test]
async fn mistaken_after_it_was_called_mastered_is_not_remembered() {
    let school = School::new().await;
    let id = school.record("one").await.id;
    school.change(&[&id], pb::MistakeStatus::Mastered).await;
    school.record("one").await;
    let mistake = school.get(&school.student, &id).await.unwrap();
    assert_eq!((mistake.status(), mistake.retrievability), (pb::MistakeStatus::Pending, None));
    assert_eq!(school.due().await.mistakes[0].id, id);
}

#[tokio::test]
async fn review_on_the_day_of_that_word_counts() {
    let school = School::new().await;
    let wrong = school.record("one").await.id;
    let right = school.record("two").await.id;
    school.change(&[&wrong, &right], pb::MistakeStatus::Mastered).await;
    school.pass(TimeDelta::minutes(5));
    let day = school.practice.reviews.now().timestamp();

    let answer = school.answer(&wrong, "go").await;
    assert_eq!(answer.next_due_at.unwrap().seconds, day + 600);
    assert_eq!(answer.mistake.unwrap().status(), pb::MistakeStatus::Reviewing);
    // A repeat leads to the next day, as after any first review that was wrong.
    school.pass(TimeDelta::minutes(10));
    let again = school.answer(&wrong, "goes").await;
    assert_eq!(again.next_due_at.unwrap().seconds, day + 86_400);

    let first = school.answer(&right, "goes").await;
    let now = school.practice.reviews.now().timestamp();
    assert_eq!(first.next_due_at.unwrap().seconds, now + 2 * 86_400);
    let message = pb::ListReviewsRequest { mistake_id: wrong, ..pb::ListReviewsRequest::default() };
    let list = school.reviews.list_reviews(request(&school.student, message)).await.unwrap();
    let reviews = list.into_inner().reviews;
    assert_eq!((reviews[0].same_day, reviews[1].same_day), (true, false));
    assert_eq!(reviews[1].retrievability, None, "nothing was known of the recall");
    assert_eq!(school.due().await.done_today, 2);
}
