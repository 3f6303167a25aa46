//! What students do to keep what they learnt, and what of it can be seen.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kit::{
    caller::{Caller, Role},
    clock::SharedClock,
    db::{DbError, GenericClient, Pool},
    error::{Checks, Invalid},
    page::Page,
};
use uuid::Uuid;

use super::{
    AGAIN, DAILY_REVIEWS, Memory, Rating, Review, ReviewError, Scheduler, is_mended,
    retrievability,
    schedule::{is_mastered, rested_days},
    spread,
};
use crate::{
    access::{self, AccessError, Subject},
    mistake::{Mistake, Status},
    statistics::Remembered,
    store::{
        mistakes,
        reviews::{self, CalendarDay, Due, LastReview},
    },
};

/// Days that a calendar may span.
const CALENDAR_DAYS: i64 = 366;
/// Milliseconds that an answer may take.
const LONGEST_MS: u32 = 3_600_000;
/// Characters of an answer.
const LONGEST_ANSWER: usize = 5_000;

/// How a student answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// To be compared with the right answer.
    Answer(String),
    /// The student graded themself.
    Rating(Rating),
}

/// A review to be recorded.
#[derive(Clone, Debug)]
pub struct NewReview {
    /// Chosen by the client, so that a retry counts once.
    pub id: Uuid,
    pub mistake_id: Uuid,
    pub given: Given,
    pub duration_ms: u32,
}

/// What a student should review today.
#[derive(Clone, Debug)]
pub struct DueList {
    pub mistakes: Vec<Mistake>,
    pub due: Due,
}

/// What a review led to.
#[derive(Clone, Debug)]
pub struct Answered {
    pub review: Review,
    pub mistake: Mistake,
    /// Due today after it.
    pub remaining_today: u32,
    /// The entry comes back on the same day.
    pub is_again_today: bool,
}

/// The use cases around reviews.
#[derive(Clone)]
pub struct Reviews {
    pool: Pool,
    clock: SharedClock,
    scheduler: Scheduler,
    figures: Remembered,
}

impl Reviews {
    /// Wires the use cases together.
    #[must_use]
    pub fn new(pool: Pool, clock: SharedClock, scheduler: Scheduler, figures: Remembered) -> Self {
        Self { pool, clock, scheduler, figures }
    }

    /// Returns the present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Lists up to `limit` entries that a student should review today, the most forgotten first.
    pub async fn due(
        &self,
        caller: &Caller,
        student: Option<Uuid>,
        limit: i64,
    ) -> Result<DueList, ReviewError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let student = whose(&db, caller, student).await?;
        let now = self.clock.now();
        let due = reviews::due(&db, student, now, self.scheduler.days()).await?;
        let fresh = DAILY_REVIEWS.saturating_sub(due.done_today);
        let limit = limit.min(i64::from(due.today()));
        let days = self.scheduler.days();
        let mistakes = reviews::due_list(&db, student, now, days, fresh, limit).await?;
        Ok(DueList { mistakes, due })
    }

    /// Records one review of the calling student and plans the next.
    pub async fn answer(&self, caller: &Caller, new: NewReview) -> Result<Answered, ReviewError> {
        let mut checks = Checks::new();
        checks.range("duration_ms", new.duration_ms, 0..=LONGEST_MS);
        if let Given::Answer(answer) = &new.given {
            checks.multiline("answer", answer, 0..=LONGEST_ANSWER);
        }
        checks.finish()?;
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let id = new.mistake_id;
        let mistake = mistakes::lock(&tx, id).await?.ok_or(ReviewError::NoMistake(id))?;
        access::student(&tx, caller, mistake.student_id).await.map_err(hide(id))?;
        match caller.role {
            Role::Student => {}
            Role::Teacher | Role::Admin => return Err(AccessError::StudentsOnly.into()),
        }
        if mistake.deleted_at.is_some() {
            return Err(ReviewError::NoMistake(id));
        }
        let known = reviews::get(&tx, new.id).await?;
        let review = match known {
            Some(review) if review.mistake_id == id => review,
            Some(_) => return Err(ReviewError::IdReused),
            None => {
                let (review, mistake) = self.reviewed(&tx, mistake, new, now).await?;
                if !reviews::insert(&tx, &review).await? {
                    return Err(ReviewError::IdReused);
                }
                mistakes::save_review(&tx, &mistake).await?;
                review
            }
        };
        let mistake = mistakes::get(&tx, id).await?.ok_or(ReviewError::NoMistake(id))?;
        let days = self.scheduler.days();
        let due = reviews::due(&tx, mistake.student_id, now, days).await?;
        tx.commit().await.map_err(DbError::from)?;
        self.figures.outdate(&db, caller, &[mistake.student_id]).await;
        let (_, tomorrow) = days.around(review.reviewed_at);
        let is_again_today = review.next_due_at < tomorrow;
        Ok(Answered { review, mistake, remaining_today: due.today(), is_again_today })
    }

    /// Computes what a review leads to.
    async fn reviewed(
        &self,
        tx: &impl GenericClient,
        mut mistake: Mistake,
        new: NewReview,
        now: DateTime<Utc>,
    ) -> Result<(Review, Mistake), ReviewError> {
        if mistake.status == Status::Ignored {
            return Err(ReviewError::Ignored);
        }
        let (rating, answer) = match new.given {
            Given::Rating(rating) => (rating, String::new()),
            Given::Answer(answer) => {
                let (right, wrong) = (&mistake.correct_answer, &mistake.wrong_answer);
                let right = is_mended(&mistake.question, right, wrong, &answer);
                (if right { Rating::Good } else { Rating::Again }, answer)
            }
        };
        // That somebody called it mastered today is no review that this one would repeat.
        let is_word = |memory: &Memory| {
            mistake.review_count == 0 && self.scheduler.is_same_day(Some(*memory), now)
        };
        let known = mistake.memory.filter(|memory| !is_word(memory));
        let is_repeat = self.scheduler.is_same_day(known, now);
        // What was got wrong elsewhere since was forgotten by then.
        let known = match known {
            Some(memory) if memory.at < mistake.last_mistaken_at.min(now) => {
                let lapse = mistake.last_mistaken_at.min(now);
                Some(self.scheduler.after(Some(memory), Rating::Again, lapse)?)
            }
            known => known,
        };
        let asked = known.map(|memory| retrievability(&memory, now));
        let memory = match known {
            Some(memory) if self.scheduler.is_same_day(Some(memory), now) => memory,
            memory => self.scheduler.after(memory, rating, now)?,
        };
        let memory =
            if is_repeat { memory } else { self.spread(tx, &mistake, memory, rating).await? };
        let is_correct = rating.is_right();
        // An entry that was not known comes back in the same sitting, the plan holds after that.
        let next_due_at = if is_correct { memory.due_at().max(now) } else { now + AGAIN };
        mistake.status =
            if is_correct && is_mastered(&memory) { Status::Mastered } else { Status::Reviewing };
        mistake.memory = Some(memory);
        mistake.due_at = Some(next_due_at);
        mistake.last_reviewed_at = Some(now);
        mistake.review_count = mistake.review_count.saturating_add(1);
        let review = Review {
            id: new.id,
            mistake_id: mistake.id,
            student_id: mistake.student_id,
            reviewed_at: now,
            rating,
            is_correct,
            answer,
            stability_days: memory.stability_days,
            difficulty: memory.difficulty,
            retrievability: asked,
            is_same_day: is_repeat,
            duration_ms: new.duration_ms,
            next_due_at,
        };
        Ok((review, mistake))
    }

    /// Moves the next review to the least loaded of the days that serve as well.
    async fn spread(
        &self,
        tx: &impl GenericClient,
        mistake: &Mistake,
        memory: Memory,
        rating: Rating,
    ) -> Result<Memory, ReviewError> {
        let interval = memory.interval_days;
        let mut choices = spread::choices(interval);
        if rating.is_right() && is_mastered(&memory) {
            // A mastered entry rests until recall has really fallen.
            let rest = rested_days(&memory);
            choices = rest..=(*choices.end()).max(rest);
        }
        let days = self.scheduler.days();
        let day = |interval: u32| days.day(memory.at) + Days::new(u64::from(interval));
        let (first, last) = (day(*choices.start()), day(*choices.end()));
        let loads = reviews::loads(tx, mistake.student_id, mistake.id, (first, last), days).await?;
        let load = |interval: u32| loads.get(&day(interval)).copied().unwrap_or_default();
        let interval_days = spread::least_loaded(interval, choices, load);
        Ok(Memory { interval_days, ..memory })
    }

    /// Counts due and done reviews of a student by day.
    pub async fn calendar(
        &self,
        caller: &Caller,
        student: Option<Uuid>,
        (from, until): (NaiveDate, NaiveDate),
    ) -> Result<Vec<CalendarDay>, ReviewError> {
        if !(0..=CALENDAR_DAYS).contains(&(until - from).num_days()) {
            let detail = format!("must be 0 to {CALENDAR_DAYS} days after from");
            return Err(Invalid::one("until", "OUT_OF_RANGE", detail).into());
        }
        let db = self.pool.get().await.map_err(DbError::from)?;
        let student = whose(&db, caller, student).await?;
        let (now, days) = (self.clock.now(), self.scheduler.days());
        Ok(reviews::calendar(&db, student, (from, until), now, days).await?)
    }

    /// Lists past reviews of a student or of one entry, the latest first.
    pub async fn list(
        &self,
        caller: &Caller,
        student: Option<Uuid>,
        mistake: Option<Uuid>,
        page: &Page<LastReview>,
    ) -> Result<Vec<Review>, ReviewError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        if let Some(id) = mistake {
            let found = mistakes::get(&db, id).await?.ok_or(ReviewError::NoMistake(id))?;
            access::student(&db, caller, found.student_id).await.map_err(hide(id))?;
            if student.is_some_and(|student| student != found.student_id) {
                return Err(ReviewError::NoMistake(id));
            }
            return Ok(reviews::of_mistake(&db, id, page).await?);
        }
        let subject = Subject { student, class: None };
        let students = access::reach(&db, caller, subject).await?;
        Ok(reviews::of_students(&db, &students, page).await?)
    }
}

/// Returns the student whom the caller means: the one named, or themself.
async fn whose(
    db: &impl GenericClient,
    caller: &Caller,
    student: Option<Uuid>,
) -> Result<Uuid, ReviewError> {
    let student = match (student, caller.role) {
        (Some(student), _) => student,
        (None, Role::Student) => return Ok(caller.user_id),
        (None, Role::Teacher | Role::Admin) => {
            return Err(Invalid::one("student_id", "REQUIRED", "is missing").into());
        }
    };
    access::student(db, caller, student).await?;
    Ok(student)
}

/// Hides the student of an entry that the caller may not see.
fn hide(mistake: Uuid) -> impl FnOnce(AccessError) -> ReviewError {
    move |error| match error {
        AccessError::NoStudent(_) => ReviewError::NoMistake(mistake),
        AccessError::NoClass(_)
        | AccessError::FormerStudent(_)
        | AccessError::TeachersOnly
        | AccessError::StudentsOnly
        | AccessError::HeadTeacherOnly
        | AccessError::Store(_) => ReviewError::Access(error),
    }
}
