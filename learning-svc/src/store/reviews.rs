//! Reviews that were done, and those that are due.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kit::{
    db::{self, DbError, GenericClient, Row},
    page::Page,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mistakes::{columns, count, from_row};
use crate::{
    mistake::Mistake,
    review::{DAILY_REVIEWS, Rating, Review, SchoolDays},
};

/// Key of the last review of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReview {
    pub reviewed_at: DateTime<Utc>,
    pub id: Uuid,
}

/// How much is due for a student.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Due in truth.
    pub overdue: u32,
    /// Of these, those that were reviewed today already and come back.
    pub returning: u32,
    /// Entries whose review of today counted.
    pub done_today: u32,
    /// Of these, those that were right at once.
    pub correct_today: u32,
    /// The next one after those.
    pub next_due_at: Option<DateTime<Utc>>,
}

impl Due {
    /// Returns what is due today under the cap.
    #[must_use]
    pub fn today(&self) -> u32 {
        self.returning + self.fresh()
    }

    /// Returns what was and is to be reviewed today, each entry once: the same however much of it
    /// is done.
    #[must_use]
    pub fn planned(&self) -> u32 {
        self.done_today + self.fresh()
    }

    /// Returns what is due under the cap and was not reviewed today.
    fn fresh(&self) -> u32 {
        let fresh = self.overdue.saturating_sub(self.returning);
        fresh.min(DAILY_REVIEWS.saturating_sub(self.done_today))
    }
}

/// Due at `$2` of the day from `$3` until `$4`: its time has come, or comes today and it was not
/// reviewed today.
macro_rules! is_due {
    () => {
        "m.due_at < $4
         AND (m.due_at <= $2 OR m.last_reviewed_at IS NULL OR m.last_reviewed_at < $3)"
    };
}
pub(super) use is_due;

/// Due for the student `$1`.
macro_rules! is_due_for_student {
    () => {
        concat!("m.student_id = $1 AND m.deleted_at IS NULL AND ", is_due!())
    };
}

const DUE: &str = concat!(
    "SELECT (SELECT count(*) FROM mistakes m WHERE ",
    is_due_for_student!(),
    ")::integer AS overdue,
            (SELECT count(*) FROM mistakes m WHERE ",
    is_due_for_student!(),
    " AND m.last_reviewed_at >= $3)::integer AS returning,
            (SELECT count(*) FROM reviews
              WHERE student_id = $1 AND reviewed_at >= $3 AND reviewed_at < $4
                AND NOT is_same_day)::integer AS done_today,
            (SELECT count(*) FROM reviews
              WHERE student_id = $1 AND reviewed_at >= $3 AND reviewed_at < $4
                AND NOT is_same_day AND is_correct)::integer AS correct_today,
            (SELECT min(m.due_at) FROM mistakes m
              WHERE m.student_id = $1 AND m.deleted_at IS NULL AND m.due_at > $2
                AND (m.due_at >= $4 OR m.last_reviewed_at >= $3)) AS next_due_at"
);

/// Counts what is due for a student at `now`.
pub async fn due(
    db: &impl GenericClient,
    student: Uuid,
    now: DateTime<Utc>,
    days: SchoolDays,
) -> Result<Due, DbError> {
    let (today, tomorrow) = days.around(now);
    let row = db::query_one(db, "mistakes.due", DUE, &[&student, &now, &today, &tomorrow]).await?;
    Ok(Due {
        overdue: count(&row, "overdue")?,
        returning: count(&row, "returning")?,
        done_today: count(&row, "done_today")?,
        correct_today: count(&row, "correct_today")?,
        next_due_at: row.try_get("next_due_at")?,
    })
}

/// Recall by the curve of FSRS-6: `(1 + f t / S) ^ -d` with `d` = 0.1542 and `f` = 0.9 ^ (-1 / d) - 1;
/// nothing is left of what was got wrong since.
const DUE_LIST: &str = concat!(
    "WITH due AS (
        SELECT m.id, m.due_at,
               coalesce(m.last_reviewed_at < $3, true) AS is_fresh,
               CASE WHEN m.memory_at IS NULL OR m.last_mistaken_at > m.memory_at THEN 0
                    ELSE power(1 + (power(0.9::float8, -1 / 0.1542::float8) - 1)
                                 * greatest(extract(epoch FROM $2 - m.memory_at)::float8, 0)
                                 / 86400 / m.stability_days, -0.1542::float8)
                END AS recall
          FROM mistakes m
         WHERE ",
    is_due_for_student!(),
    "), ranked AS (
        SELECT id, due_at, is_fresh, recall,
               row_number() OVER (PARTITION BY is_fresh ORDER BY recall, due_at, id) AS place
          FROM due)
    SELECT ",
    columns!(),
    " FROM ranked r
      JOIN mistakes m ON m.id = r.id
      JOIN students s ON s.user_id = m.student_id
     WHERE NOT r.is_fresh OR r.place <= $5
     ORDER BY r.recall, r.due_at, r.id
     LIMIT $6"
);

/// Lists what is due, the most forgotten first; of those not reviewed today at most `fresh`.
pub async fn due_list(
    db: &impl GenericClient,
    student: Uuid,
    now: DateTime<Utc>,
    days: SchoolDays,
    fresh: u32,
    limit: i64,
) -> Result<Vec<Mistake>, DbError> {
    let (today, tomorrow) = days.around(now);
    let fresh = i64::from(fresh);
    let params: [&(dyn db::ToSql + Sync); 6] = [&student, &now, &today, &tomorrow, &fresh, &limit];
    db::query(db, "mistakes.due_list", DUE_LIST, &params).await?.iter().map(from_row).collect()
}

const LOADS: &str = "
    SELECT ((due_at + make_interval(hours => $3)) AT TIME ZONE 'UTC')::date AS day,
           count(*)::integer AS due
      FROM mistakes
     WHERE student_id = $1 AND id <> $2 AND deleted_at IS NULL AND due_at >= $4 AND due_at < $5
     GROUP BY 1";

/// Counts what is due on the days from `first` to `last`, without one entry.
pub async fn loads(
    db: &impl GenericClient,
    student: Uuid,
    without: Uuid,
    (first, last): (NaiveDate, NaiveDate),
    days: SchoolDays,
) -> Result<HashMap<NaiveDate, u32>, DbError> {
    let (from, until) = (days.start(first), days.start(last + chrono::Days::new(1)));
    let params: [&(dyn db::ToSql + Sync); 5] =
        [&student, &without, &days.offset_hours(), &from, &until];
    let rows = db::query(db, "mistakes.loads", LOADS, &params).await?;
    rows.iter().map(|row| Ok((row.try_get("day")?, count(row, "due")?))).collect()
}

const INSERT: &str = "
    INSERT INTO reviews
           (id, mistake_id, student_id, reviewed_at, rating, is_correct, answer, stability_days,
            difficulty, retrievability, is_same_day, duration_ms, next_due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (id) DO NOTHING";

/// Notes a review; `false` when its id is taken.
pub async fn insert(db: &impl GenericClient, review: &Review) -> Result<bool, DbError> {
    let params: [&(dyn db::ToSql + Sync); 13] = [
        &review.id,
        &review.mistake_id,
        &review.student_id,
        &review.reviewed_at,
        &review.rating.number(),
        &review.is_correct,
        &review.answer,
        &review.stability_days,
        &review.difficulty,
        &review.retrievability,
        &review.is_same_day,
        &i32::try_from(review.duration_ms).unwrap_or(i32::MAX),
        &review.next_due_at,
    ];
    Ok(db::execute(db, "reviews.insert", INSERT, &params).await? == 1)
}

macro_rules! review_columns {
    () => {
        "r.id, r.mistake_id, r.student_id, r.reviewed_at, r.rating, r.is_correct, r.answer,
         r.stability_days, r.difficulty, r.retrievability, r.is_same_day, r.duration_ms,
         r.next_due_at"
    };
}

const GET: &str = concat!("SELECT ", review_columns!(), " FROM reviews r WHERE r.id = $1");

/// Returns one review.
pub async fn get(db: &impl GenericClient, id: Uuid) -> Result<Option<Review>, DbError> {
    db::query_opt(db, "reviews.get", GET, &[&id]).await?.as_ref().map(review).transpose()
}

const OF_MISTAKE: &str = concat!(
    "SELECT ",
    review_columns!(),
    " FROM reviews r
     WHERE r.mistake_id = $1
       AND (r.reviewed_at, r.id) < (coalesce($2, 'infinity'::timestamptz),
                                    coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
     ORDER BY r.reviewed_at DESC, r.id DESC
     LIMIT $4"
);

/// Lists the reviews of one entry, the latest first.
pub async fn of_mistake(
    db: &impl GenericClient,
    mistake: Uuid,
    page: &Page<LastReview>,
) -> Result<Vec<Review>, DbError> {
    let (moment, id) = (page.after.map(|last| last.reviewed_at), page.after.map(|last| last.id));
    let params: [&(dyn db::ToSql + Sync); 4] = [&mistake, &moment, &id, &page.limit];
    db::query(db, "reviews.of_mistake", OF_MISTAKE, &params).await?.iter().map(review).collect()
}

const OF_STUDENTS: &str = concat!(
    "SELECT ",
    review_columns!(),
    " FROM unnest($1::uuid[]) AS who (student_id)
     CROSS JOIN LATERAL (
           SELECT *
             FROM reviews r
            WHERE r.student_id = who.student_id
              AND (r.reviewed_at, r.id) < (coalesce($2, 'infinity'::timestamptz),
                   coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
            ORDER BY r.reviewed_at DESC, r.id DESC
            LIMIT $4) r
     ORDER BY r.reviewed_at DESC, r.id DESC
     LIMIT $4"
);

/// Lists the reviews of students, the latest first.
pub async fn of_students(
    db: &impl GenericClient,
    students: &[Uuid],
    page: &Page<LastReview>,
) -> Result<Vec<Review>, DbError> {
    let (moment, id) = (page.after.map(|last| last.reviewed_at), page.after.map(|last| last.id));
    let params: [&(dyn db::ToSql + Sync); 4] = [&students, &moment, &id, &page.limit];
    db::query(db, "reviews.of_students", OF_STUDENTS, &params).await?.iter().map(review).collect()
}

fn review(row: &Row) -> Result<Review, DbError> {
    let rating = Rating::numbered(row.try_get("rating")?);
    Ok(Review {
        id: row.try_get("id")?,
        mistake_id: row.try_get("mistake_id")?,
        student_id: row.try_get("student_id")?,
        reviewed_at: row.try_get("reviewed_at")?,
        rating: rating.ok_or_else(|| DbError::decode("rating", "is none of 1 to 4"))?,
        is_correct: row.try_get("is_correct")?,
        answer: row.try_get("answer")?,
        stability_days: row.try_get("stability_days")?,
        difficulty: row.try_get("difficulty")?,
        retrievability: row.try_get("retrievability")?,
        is_same_day: row.try_get("is_same_day")?,
        duration_ms: count(row, "duration_ms")?,
        next_due_at: row.try_get("next_due_at")?,
    })
}

/// What is due and was done on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    pub day: NaiveDate,
    pub due: u32,
    pub done: u32,
    pub correct: u32,
}

/// What is overdue stands on the present day.
const CALENDAR: &str = "
    WITH due AS (
        SELECT greatest(((due_at + make_interval(hours => $4)) AT TIME ZONE 'UTC')::date, $5) AS day,
               count(*)::integer AS due
          FROM mistakes
         WHERE student_id = $1 AND deleted_at IS NULL AND due_at IS NOT NULL
         GROUP BY 1),
    done AS (
        SELECT ((reviewed_at + make_interval(hours => $4)) AT TIME ZONE 'UTC')::date AS day,
               count(*)::integer AS done,
               (count(*) FILTER (WHERE is_correct))::integer AS correct
          FROM reviews
         WHERE student_id = $1 AND reviewed_at >= $6 AND reviewed_at < $7
         GROUP BY 1),
    all_days AS (
        SELECT d::date AS day
          FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS d)
    SELECT day, coalesce(due, 0) AS due, coalesce(done, 0) AS done,
           coalesce(correct, 0) AS correct
      FROM all_days
      LEFT JOIN due USING (day)
      LEFT JOIN done USING (day)
     ORDER BY day";

/// Counts what is due and was done on each day from the first to the last.
pub async fn calendar(
    db: &impl GenericClient,
    student: Uuid,
    (first, last): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
    days: SchoolDays,
) -> Result<Vec<CalendarDay>, DbError> {
    let (from, until) = (days.start(first), days.start(last + chrono::Days::new(1)));
    let params: [&(dyn db::ToSql + Sync); 7] =
        [&student, &first, &last, &days.offset_hours(), &days.day(now), &from, &until];
    let rows = db::query(db, "reviews.calendar", CALENDAR, &params).await?;
    let day = |row: &Row| {
        Ok(CalendarDay {
            day: row.try_get("day")?,
            due: count(row, "due")?,
            done: count(row, "done")?,
            correct: count(row, "correct")?,
        })
    };
    rows.iter().map(day).collect()
}
