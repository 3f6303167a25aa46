//! `ReviewService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, page, page::Page, wire};
use proto::learning::v1::{self as pb, review_service_server::ReviewService};
use tonic::{Request, Response, Status};

use super::{Reply, translate, wire_mistake as to};
use crate::{
    review::{Given, NewReview, Rating, Review, Reviews},
    store::reviews::LastReview,
};

/// Serves [`ReviewService`].
pub struct ReviewServer(Reviews);

impl ReviewServer {
    /// Serves `reviews`.
    #[must_use]
    pub fn new(reviews: Reviews) -> Self {
        Self(reviews)
    }
}

#[tonic::async_trait]
impl ReviewService for ReviewServer {
    async fn list_due_reviews(
        &self,
        request: Request<pb::ListDueReviewsRequest>,
    ) -> Reply<pb::ListDueReviewsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListDueReviewsRequest { student_id, limit } = request.into_inner();
        let student = wire::optional_id("student_id", student_id.as_str())?;
        let limit = page::limit(limit).map_err(into_status)?;
        let list = self.0.due(&caller, student, limit).await.map_err(into_status)?;
        let now = self.0.now();
        let mistakes = list.mistakes.into_iter().map(|mistake| pb::Mistake {
            correct_answer: String::new(),
            explanation: String::new(),
            analysis: None,
            ..to::mistake(mistake, now)
        });
        Ok(Response::new(pb::ListDueReviewsResponse {
            mistakes: mistakes.collect(),
            due_today: list.due.today(),
            done_today: list.due.done_today,
            planned_today: list.due.planned(),
            correct_today: list.due.correct_today,
            overdue: list.due.overdue,
            next_due_at: list.due.next_due_at.map(wire::time),
        }))
    }

    async fn answer_review(
        &self,
        request: Request<pb::AnswerReviewRequest>,
    ) -> Reply<pb::AnswerReviewResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let new = NewReview {
            id: wire::id("review_id", &request.review_id)?,
            mistake_id: wire::id("mistake_id", &request.mistake_id)?,
            given: given(request.result)?,
            duration_ms: request.duration_ms,
        };
        let answered = self.0.answer(&caller, new).await.map_err(into_status)?;
        Ok(Response::new(pb::AnswerReviewResponse {
            correct: answered.review.is_correct,
            rating: sent(answered.review.rating).into(),
            mistake: Some(to::mistake(answered.mistake, self.0.now())),
            next_due_at: Some(wire::time(answered.review.next_due_at)),
            remaining_today: answered.remaining_today,
            again_today: answered.is_again_today,
        }))
    }

    async fn get_review_calendar(
        &self,
        request: Request<pb::GetReviewCalendarRequest>,
    ) -> Reply<pb::GetReviewCalendarResponse> {
        let caller = Caller::of(&request)?;
        let pb::GetReviewCalendarRequest { student_id, from, until } = request.into_inner();
        let student = wire::optional_id("student_id", student_id.as_str())?;
        let span = (translate::day("from", &from)?, translate::day("until", &until)?);
        let days = self.0.calendar(&caller, student, span).await.map_err(into_status)?;
        let days = days.into_iter().map(|day| pb::CalendarDay {
            day: day.day.to_string(),
            due: day.due,
            done: day.done,
            correct: day.correct,
        });
        Ok(Response::new(pb::GetReviewCalendarResponse { days: days.collect() }))
    }

    async fn list_reviews(
        &self,
        request: Request<pb::ListReviewsRequest>,
    ) -> Reply<pb::ListReviewsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListReviewsRequest { student_id, mistake_id, limit, cursor } = request.into_inner();
        let student = wire::optional_id("student_id", student_id.as_str())?;
        let mistake = wire::optional_id("mistake_id", mistake_id.as_str())?;
        let page: Page<LastReview> = Page::of(limit, &cursor).map_err(into_status)?;
        let reviews = self.0.list(&caller, student, mistake, &page).await.map_err(into_status)?;
        let next_cursor =
            page.next(&reviews, |last| LastReview { reviewed_at: last.reviewed_at, id: last.id });
        Ok(Response::new(pb::ListReviewsResponse {
            reviews: reviews.into_iter().map(review).collect(),
            next_cursor,
        }))
    }
}

fn given(result: Option<pb::answer_review_request::Result>) -> Result<Given, Status> {
    use pb::answer_review_request::Result as Sent;
    match result {
        Some(Sent::Answer(answer)) => Ok(Given::Answer(answer)),
        Some(Sent::Rating(value)) => Ok(Given::Rating(match pb::Rating::try_from(value) {
            Ok(pb::Rating::Again) => Rating::Again,
            Ok(pb::Rating::Hard) => Rating::Hard,
            Ok(pb::Rating::Good) => Rating::Good,
            Ok(pb::Rating::Easy) => Rating::Easy,
            Ok(pb::Rating::Unspecified) | Err(_) => return Err(to::unknown("rating")),
        })),
        None => Err(wire::invalid("result", "is missing")),
    }
}

fn sent(rating: Rating) -> pb::Rating {
    match rating {
        Rating::Again => pb::Rating::Again,
        Rating::Hard => pb::Rating::Hard,
        Rating::Good => pb::Rating::Good,
        Rating::Easy => pb::Rating::Easy,
    }
}

fn review(review: Review) -> pb::Review {
    pb::Review {
        id: review.id.to_string(),
        mistake_id: review.mistake_id.to_string(),
        reviewed_at: Some(wire::time(review.reviewed_at)),
        rating: sent(review.rating).into(),
        correct: review.is_correct,
        answer: review.answer,
        stability_days: review.stability_days,
        difficulty: review.difficulty,
        retrievability: review.retrievability,
        same_day: review.is_same_day,
        duration_ms: review.duration_ms,
    }
}
