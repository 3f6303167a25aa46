//! The contents of printed mistake books.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use kit::{
    caller::Caller,
    clock::SharedClock,
    db::{DbError, GenericClient, Pool, Reads},
    error::{Chain, Checks, Invalid},
};
use uuid::Uuid;

use crate::{
    access::{self, AccessError, Subject},
    mistake::{
        Filter, MIN_SIMILARITY, MOST_HITS, Mistake, MistakeError, Order, check_filter, different,
    },
    statistics::Remembered,
    store::{
        mistake_list::{self, Whose},
        notebooks,
        pupils::{self, Cover, Pupil},
        standing,
    },
    upstream::{Ai, MAX_OWNERS},
};

pub use crate::store::notebooks::SimilarQuestion;

/// Mistakes of one book.
const MOST_MISTAKES: usize = 1_000;
/// Books of one class.
const MOST_STUDENTS: usize = 500;
/// Questions beside one mistake.
const SIMILAR: usize = 2;
/// Searches at the same time.
const SEARCHES: usize = 16;
/// How long searching may take; what was not found by then comes from the records.
const PATIENCE: Duration = Duration::from_secs(4);

/// One book.
#[derive(Clone, Debug)]
pub struct Notebook {
    pub student: Pupil,
    pub cover: Cover,
    pub mistakes: Vec<(Mistake, Vec<SimilarQuestion>)>,
    /// All mistakes of the student, in the book or not.
    pub total: u32,
    /// Of `total`, those that are mastered.
    pub mastered: u32,
    /// Of `total`, those that are ignored.
    pub ignored: u32,
    pub truncated: bool,
}

/// What is wanted in a book.
#[derive(Clone, Debug)]
pub struct Wish {
    pub student: Uuid,
    /// Whose name stands on the cover; absent: the latest of the student's classes that the caller may
    /// see.
    pub class: Option<Uuid>,
    pub filter: Filter,
    pub with_similar: bool,
}

/// The use cases around printed books.
#[derive(Clone)]
pub struct Notebooks {
    pool: Pool,
    reads: Reads,
    clock: SharedClock,
    ai: Ai,
    figures: Remembered,
}

impl Notebooks {
    /// Wires the use cases together.
    #[must_use]
    pub fn new(
        (pool, reads): (Pool, Reads),
        clock: SharedClock,
        ai: Ai,
        figures: Remembered,
    ) -> Self {
        Self { pool, reads, clock, ai, figures }
    }

    /// Returns the present moment.
    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// Returns what stands in the book of a student: the latest mistakes that match.
    pub async fn get(&self, caller: &Caller, wish: &Wish) -> Result<Notebook, MistakeError> {
        let mut checks = Checks::new();
        check_filter(&mut checks, &wish.filter);
        checks.finish()?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::student(&db, caller, wish.student).await?;
        if let Some(class) = wish.class {
            access::class(&db, caller, class).await?;
        }
        let student = pupils::get_all(&db, caller, &[wish.student]).await?.pop();
        let student = student.ok_or(AccessError::NoStudent(wish.student))?;
        let cover = match wish.class {
            Some(class) => pupils::cover(&db, class).await?,
            None => pupils::latest_cover(&db, caller, wish.student).await?,
        };
        let owners = if wish.with_similar {
            let reached = access::reach(&db, caller, Subject::default()).await?;
            nearest(&db, wish.student, reached).await?
        } else {
            Vec::new()
        };
        let changed = self.figures.changed(Subject::student(wish.student));
        let db = self.reads.instead_of(db, changed).await;
        let only = [wish.student];
        let limit = i64::try_from(MOST_MISTAKES + 1).unwrap_or(i64::MAX);
        let order = Order::Latest;
        let mut mistakes =
            mistake_list::list(&db, Whose::Students(&only), &wish.filter, order, None, limit)
                .await?;
        let truncated = mistakes.len() > MOST_MISTAKES;
        mistakes.truncate(MOST_MISTAKES);
        let [total, mastered, ignored] =
            mistake_list::count(&db, &only, &Filter::default()).await?;
        drop(db);
        let mut similar = if wish.with_similar {
            self.similar(&mistakes, &owners).await?
        } else {
            HashMap::new()
        };
        let mistakes = mistakes.into_iter().map(|mistake| {
            let similar = similar.remove(&mistake.id).unwrap_or_default();
            (mistake, similar)
        });
        let mistakes = mistakes.collect();
        Ok(Notebook { student, cover, mistakes, total, mastered, ignored, truncated })
    }

    /// Finds questions like those of `mistakes`: by meaning, or else by knowledge point.
    async fn similar(
        &self,
        mistakes: &[Mistake],
        owners: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<SimilarQuestion>>, DbError> {
        let ids: Vec<Uuid> = mistakes.iter().map(|mistake| mistake.id).collect();
        let found = self.by_meaning(&ids, owners).await;
        let hits: Vec<Uuid> = found.values().flatten().copied().collect();
        let db = self.pool.get().await.map_err(DbError::from)?;
        let questions = notebooks::questions(&db, &hits, owners).await?;
        let mut similar: HashMap<Uuid, Vec<SimilarQuestion>> = HashMap::new();
        let mut left = Vec::new();
        for mistake in mistakes {
            let hits = found.get(&mistake.id).map(Vec::as_slice).unwrap_or_default();
            let known = hits.iter().filter_map(|hit| questions.get(hit));
            let known = different(&mistake.question, known, |known| &known.question);
            let known: Vec<SimilarQuestion> = known.take(SIMILAR).cloned().collect();
            if known.is_empty() {
                left.push(mistake.id);
            } else {
                similar.insert(mistake.id, known);
            }
        }
        for (mistake, question) in notebooks::related(&db, &left, SIMILAR).await? {
            similar.entry(mistake).or_default().push(question);
        }
        Ok(similar)
    }

    /// Asks for mistakes like each of `ids`, until one question goes unanswered or time is up.
    async fn by_meaning(&self, ids: &[Uuid], owners: &[Uuid]) -> HashMap<Uuid, Vec<Uuid>> {
        let mut found = HashMap::new();
        let asked = stream::iter(ids.to_vec()).map(|id| async move {
            (id, self.ai.similar(id, owners, MOST_HITS, MIN_SIMILARITY).await)
        });
        let mut answers = Box::pin(asked.buffer_unordered(SEARCHES));
        let until = tokio::time::Instant::now() + PATIENCE;
        while let Ok(Some((id, answer))) = tokio::time::timeout_at(until, answers.next()).await {
            match answer {
                Ok(hits) => {
                    let others = hits.into_iter().map(|hit| hit.id).filter(|hit| *hit != id);
                    found.insert(id, others.collect());
                }
                Err(error) => {
                    let error = Chain(&error);
                    tracing::warn!(%error, "similar questions come from the records");
                    break;
                }
            }
        }
        found
    }

    /// Returns the name of a class and its students, or those of `only`.
    pub async fn students(
        &self,
        caller: &Caller,
        class: Uuid,
        only: &[Uuid],
    ) -> Result<(String, Vec<Pupil>), MistakeError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let mut members = standing::members(&db, class).await?;
        if !only.is_empty() {
            if let Some(other) = only.iter().find(|student| !members.contains(student)) {
                return Err(AccessError::NoStudent(*other).into());
            }
            members.retain(|member| only.contains(member));
        }
        if members.len() > MOST_STUDENTS {
            let detail = format!("must be at most {MOST_STUDENTS}");
            return Err(Invalid::one("student_ids", "OUT_OF_RANGE", detail).into());
        }
        let cover = pupils::cover(&db, class).await?;
        Ok((cover.class_name, pupils::get_all(&db, caller, &members).await?))
    }
}

/// Returns the student and as many of those `reached` as one search sees, the classmates first: a
/// book asks about every mistake, which leaves no time for more than one search each.
async fn nearest(
    db: &impl GenericClient,
    student: Uuid,
    reached: Vec<Uuid>,
) -> Result<Vec<Uuid>, DbError> {
    let mut owners = vec![student];
    owners.extend(reached.into_iter().filter(|owner| *owner != student));
    if owners.len() > MAX_OWNERS {
        let classes = pupils::classes_of(db, &[student]).await?;
        let mates = standing::members_of_any(db, &classes).await?;
        let mates: HashSet<Uuid> = mates.into_iter().collect();
        owners.sort_by_key(|owner| (*owner != student, !mates.contains(owner)));
        owners.truncate(MAX_OWNERS);
    }
    Ok(owners)
}
