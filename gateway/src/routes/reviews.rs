//! Spaced repetition.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use proto::learning::v1::{self as pb, answer_review_request::Result as Outcome};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Problem, Query, ok},
    session::Signed,
    view::{Mistake, Page, Rating, all, input, moment, text, time},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(list_due_reviews)
        .service(get_review_calendar)
        .service(list_reviews)
        .service(answer_review);
}

/// Whose reviews are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DueFilter {
    /// The calling student when absent.
    student_id: Option<Uuid>,
    /// 1 to 100; 20 when absent.
    limit: Option<u32>,
}

/// What a student should review today, the most forgotten first.
#[derive(Serialize, ToSchema)]
struct DueReviews {
    /// Without the right answer, explanation and analysis: they come with the answer.
    items: Vec<Mistake>,
    /// Still to be reviewed today, also those beyond `limit`.
    due_today: u32,
    /// Mistakes reviewed today, each once however often it was answered.
    done_today: u32,
    /// Reviewed or still to be reviewed today, each mistake once: answering does not change it.
    planned_today: u32,
    /// Of those done, the ones that were right at the first try of the day.
    correct_today: u32,
    /// Due in truth, before smoothing and cap.
    overdue: u32,
    next_due_at: Option<DateTime<Utc>>,
}

/// Lists what a student still has to review today, whatever was answered before on any device.
///
/// An answered mistake leaves the list; one that was not known comes back ten minutes later, and
/// then does not count as done twice. More than `limit` come with the next call.
#[utoipa::path(
    tag = "reviews",
    params(DueFilter),
    responses((status = 200, description = "What is due", body = DueReviews)),
)]
#[get("/reviews/due")]
async fn list_due_reviews(state: Data<State>, _: Signed, filter: Query<DueFilter>) -> Answer {
    let student_id = input::id(filter.0.student_id);
    let message =
        pb::ListDueReviewsRequest { student_id, limit: input::counted("limit", filter.0.limit)? };
    let due = state.upstream.reviews().list_due_reviews(message).await?.into_inner();
    Ok(ok(DueReviews {
        items: all(due.mistakes)?,
        due_today: due.due_today,
        done_today: due.done_today,
        planned_today: due.planned_today,
        correct_today: due.correct_today,
        overdue: due.overdue,
        next_due_at: time(due.next_due_at),
    }))
}

/// One answer to one mistake: either the text, or the student's own grade.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewAnswer {
    /// Chosen by the client, so that a retry counts once.
    id: Uuid,
    answer: Option<String>,
    rating: Option<Rating>,
    /// Time taken in milliseconds, at most 3,600,000.
    duration_ms: Option<u32>,
}

impl ReviewAnswer {
    fn outcome(&mut self) -> Result<Outcome, Problem> {
        match (self.answer.take(), self.rating) {
            (Some(answer), None) => Ok(Outcome::Answer(answer)),
            (None, Some(rating)) => Ok(Outcome::Rating(rating.to_wire())),
            (None, None) => Err(Problem::field("answer", "MISSING_FIELD", "or rating is missing")),
            (Some(_), Some(_)) => {
                Err(Problem::field("rating", "INVALID_FIELD", "cannot stand beside answer"))
            }
        }
    }
}

/// What came of one answer.
#[derive(Serialize, ToSchema)]
struct Reviewed {
    correct: bool,
    rating: Rating,
    /// With the right answer and analysis.
    mistake: Mistake,
    next_due_at: DateTime<Utc>,
    remaining_today: u32,
    /// The mistake will be due again before the day ends.
    again_today: bool,
}

/// Records one review and plans the next.
#[utoipa::path(
    tag = "reviews",
    responses((status = 200, description = "What came of it", body = Reviewed)),
)]
#[post("/reviews/{mistake_id}/answers")]
async fn answer_review(
    state: Data<State>,
    _: Signed,
    mistake_id: Path<Uuid>,
    body: Json<ReviewAnswer>,
) -> Answer {
    let Json(mut body) = body;
    let message = pb::AnswerReviewRequest {
        mistake_id: mistake_id.to_string(),
        review_id: body.id.to_string(),
        result: Some(body.outcome()?),
        duration_ms: body.duration_ms.unwrap_or_default(),
    };
    let answer = state.upstream.reviews().answer_review(message).await?.into_inner();
    Ok(ok(Reviewed {
        correct: answer.correct,
        rating: Rating::from_wire(answer.rating)?,
        mistake: present(answer.mistake)?.try_into()?,
        next_due_at: moment(answer.next_due_at)?,
        remaining_today: answer.remaining_today,
        again_today: answer.again_today,
    }))
}

/// Which days are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CalendarFilter {
    /// The calling student when absent.
    student_id: Option<Uuid>,
    from: NaiveDate,
    /// At most 366 days after `from`.
    until: NaiveDate,
}

/// One day.
#[derive(Serialize, ToSchema)]
struct CalendarDay {
    /// YYYY-MM-DD.
    day: String,
    due: u32,
    done: u32,
    correct: u32,
}

impl From<pb::CalendarDay> for CalendarDay {
    fn from(day: pb::CalendarDay) -> Self {
        let pb::CalendarDay { day, due, done, correct } = day;
        Self { day, due, done, correct }
    }
}

/// Counts due and done reviews by day.
#[utoipa::path(
    tag = "reviews",
    params(CalendarFilter),
    responses((status = 200, description = "Days in order", body = Page<CalendarDay>)),
)]
#[get("/reviews/calendar")]
async fn get_review_calendar(
    state: Data<State>,
    _: Signed,
    filter: Query<CalendarFilter>,
) -> Answer {
    let Query(CalendarFilter { student_id, from, until }) = filter;
    let student_id = input::id(student_id);
    let (from, until) = (from.to_string(), until.to_string());
    let message = pb::GetReviewCalendarRequest { student_id, from, until };
    let answer = state.upstream.reviews().get_review_calendar(message).await?.into_inner();
    Ok(ok(Page::<CalendarDay>::whole(answer.days)?))
}

/// Which reviews are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReviewFilter {
    /// The calling student when absent.
    student_id: Option<Uuid>,
    mistake_id: Option<Uuid>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// One past review.
#[derive(Serialize, ToSchema)]
struct Review {
    id: String,
    mistake_id: String,
    reviewed_at: DateTime<Utc>,
    rating: Rating,
    correct: bool,
    answer: Option<String>,
    /// Stability of the memory after the review, in days.
    stability_days: f64,
    /// 1 to 10.
    difficulty: f64,
    /// Probability of recall when it was asked, 0 to 1; absent at the first review, before which nothing is known.
    retrievability: Option<f64>,
    /// A repeat on the same day, kept out of the long-term schedule.
    same_day: bool,
    duration_ms: u32,
}

impl TryFrom<pb::Review> for Review {
    type Error = Problem;

    fn try_from(review: pb::Review) -> Result<Self, Problem> {
        Ok(Self {
            id: review.id,
            mistake_id: review.mistake_id,
            reviewed_at: moment(review.reviewed_at)?,
            rating: Rating::from_wire(review.rating)?,
            correct: review.correct,
            answer: text(review.answer),
            stability_days: review.stability_days,
            difficulty: review.difficulty,
            retrievability: review.retrievability,
            same_day: review.same_day,
            duration_ms: review.duration_ms,
        })
    }
}

/// Lists past reviews, the latest first.
#[utoipa::path(
    tag = "reviews",
    params(ReviewFilter),
    responses((status = 200, description = "A page of reviews", body = Page<Review>)),
)]
#[get("/reviews")]
async fn list_reviews(state: Data<State>, _: Signed, filter: Query<ReviewFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListReviewsRequest {
        student_id: input::id(filter.student_id),
        mistake_id: input::id(filter.mistake_id),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
    };
    let answer = state.upstream.reviews().list_reviews(message).await?.into_inner();
    Ok(ok(Page::<Review>::of(answer.reviews, answer.next_cursor)?))
}
