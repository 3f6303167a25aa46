//! Lists of mistakes of one or many students, page by page.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mistakes::{columns, from_row};
use crate::mistake::{Filter, Mistake, Order};

/// Key of the last entry of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    pub times_wrong: u32,
    pub last_mistaken_at: DateTime<Utc>,
    pub id: Uuid,
}

/// The conditions of [`Filter`] on `mistakes m`, as parameters 2 to 10.
macro_rules! filtered {
    () => {
        "(m.deleted_at IS NOT NULL) = $2
         AND (cardinality($3::text[]) = 0 OR m.status = ANY ($3))
         AND (cardinality($4::text[]) = 0 OR m.mistake_type = ANY ($4))
         AND ($5::text IS NULL OR m.topic = $5)
         AND (cardinality($6::text[]) = 0 OR m.knowledge_point_ids && $6)
         AND ($7::timestamptz IS NULL OR m.last_mistaken_at >= $7)
         AND ($8::timestamptz IS NULL OR m.last_mistaken_at < $8)
         AND ($9::text IS NULL OR m.analysis_status = $9)
         AND ($10::text IS NULL OR m.question ILIKE $10 OR m.wrong_answer ILIKE $10
              OR m.correct_answer ILIKE $10 OR m.explanation ILIKE $10)"
    };
}

/// As many mistakes of each student as a page has.
macro_rules! of_students {
    ($keyset:literal, $order:literal) => {
        concat!(
            "FROM unnest($1::uuid[]) AS who (student_id)
            CROSS JOIN LATERAL (
                  SELECT m.id, m.times_wrong, m.last_mistaken_at
                    FROM mistakes m
                   WHERE m.student_id = who.student_id AND ",
            filtered!(),
            " AND ",
            $keyset,
            " ORDER BY ",
            $order,
            " LIMIT $11) m"
        )
    };
}

/// The mistakes of an organization.
macro_rules! of_organization {
    ($keyset:literal, $order:literal) => {
        concat!(
            "FROM mistakes m WHERE m.organization_id = ($1::uuid[])[1] AND ",
            filtered!(),
            " AND ",
            $keyset
        )
    };
}

/// One page of what `$from` has.
macro_rules! page {
    ($from:ident, $keyset:literal, $order:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM (SELECT m.id, m.times_wrong, m.last_mistaken_at ",
            $from!($keyset, $order),
            " ORDER BY ",
            $order,
            " LIMIT $11) page
              JOIN mistakes m ON m.id = page.id
              JOIN students s ON s.user_id = m.student_id
             ORDER BY ",
            $order
        )
    };
}

/// After the last entry of a page whose latest ones come first.
macro_rules! latest {
    ($from:ident) => {
        page!(
            $from,
            "(m.last_mistaken_at, m.id) < (coalesce($12, 'infinity'::timestamptz), coalesce($13, \
             'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)) AND $14::integer IS NULL",
            "m.last_mistaken_at DESC, m.id DESC"
        )
    };
}

/// After the last entry of a page whose oldest ones come first.
macro_rules! oldest {
    ($from:ident) => {
        page!(
            $from,
            "(m.last_mistaken_at, m.id) > (coalesce($12, '-infinity'::timestamptz), coalesce($13, \
             '00000000-0000-0000-0000-000000000000'::uuid)) AND $14::integer IS NULL",
            "m.last_mistaken_at, m.id"
        )
    };
}

/// Reads a page of the mistakes of some students, latest first; public for its benchmark.
pub const LATEST: &str = latest!(of_students);
const LATEST_OF_ALL: &str = latest!(of_organization);
const OLDEST: &str = oldest!(of_students);
const OLDEST_OF_ALL: &str = oldest!(of_organization);

const MOST_FREQUENT: &str = page!(
    of_students,
    "(m.times_wrong, m.last_mistaken_at, m.id) < (coalesce($14, 2147483647), coalesce($12, \
     'infinity'::timestamptz), coalesce($13, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))",
    "m.times_wrong DESC, m.last_mistaken_at DESC, m.id DESC"
);

/// Whose mistakes are listed.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    Students(&'a [Uuid]),
    /// Everybody of an organization; by frequency those of `students`.
    Organization(Uuid, &'a [Uuid]),
}

/// Lists a page of mistakes.
pub async fn list(
    db: &impl GenericClient,
    whose: Whose<'_>,
    filter: &Filter,
    order: Order,
    after: Option<Last>,
    limit: i64,
) -> Result<Vec<Mistake>, DbError> {
    let sent = Sent::of(filter);
    let moment = after.map(|last| last.last_mistaken_at);
    let id = after.map(|last| last.id);
    let all = match whose {
        Whose::Organization(id, _) => [id],
        Whose::Students(_) => [Uuid::nil()],
    };
    let mut times = None;
    let (sql, name, ids) = match (order, whose) {
        (Order::Latest, Whose::Students(ids)) => (LATEST, "mistakes.list_latest", ids),
        (Order::Latest, Whose::Organization(..)) => {
            (LATEST_OF_ALL, "mistakes.list_latest_of_all", all.as_slice())
        }
        (Order::Oldest, Whose::Students(ids)) => (OLDEST, "mistakes.list_oldest", ids),
        (Order::Oldest, Whose::Organization(..)) => {
            (OLDEST_OF_ALL, "mistakes.list_oldest_of_all", all.as_slice())
        }
        (Order::MostFrequent, Whose::Students(ids) | Whose::Organization(_, ids)) => {
            times = after.map(|last| i32::try_from(last.times_wrong).unwrap_or(i32::MAX));
            (MOST_FREQUENT, "mistakes.list_most_frequent", ids)
        }
    };
    let params: [&(dyn db::ToSql + Sync); 14] = [
        &ids,
        &filter.deleted,
        &sent.statuses,
        &sent.types,
        &sent.topic,
        &filter.knowledge_point_ids,
        &filter.from,
        &filter.until,
        &sent.analysis_status,
        &sent.pattern,
        &limit,
        &moment,
        &id,
        &times,
    ];
    db::query(db, name, sql, &params).await?.iter().map(from_row).collect()
}

const COUNT: &str = concat!(
    "SELECT count(*), count(*) FILTER (WHERE status = 'mastered')
       FROM mistakes m
      WHERE m.student_id = ANY ($1) AND ",
    filtered!()
);

/// Counts the mistakes that match, and those of them that are mastered.
pub async fn count(
    db: &impl GenericClient,
    students: &[Uuid],
    filter: &Filter,
) -> Result<(u32, u32), DbError> {
    let sent = Sent::of(filter);
    let params: [&(dyn db::ToSql + Sync); 10] = [
        &students,
        &filter.deleted,
        &sent.statuses,
        &sent.types,
        &sent.topic,
        &filter.knowledge_point_ids,
        &filter.from,
        &filter.until,
        &sent.analysis_status,
        &sent.pattern,
    ];
    let row = db::query_one(db, "mistakes.count", COUNT, &params).await?;
    let (all, mastered): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok((u32::try_from(all).unwrap_or(u32::MAX), u32::try_from(mastered).unwrap_or(u32::MAX)))
}

/// A filter as it is sent to PostgreSQL.
struct Sent<'a> {
    statuses: Vec<&'static str>,
    types: Vec<&'static str>,
    topic: Option<&'a str>,
    analysis_status: Option<&'static str>,
    pattern: Option<String>,
}

impl<'a> Sent<'a> {
    fn of(filter: &'a Filter) -> Self {
        let pattern = (!filter.query.trim().is_empty()).then(|| {
            let escaped = filter.query.trim().replace('\\', "\\\\");
            format!("%{}%", escaped.replace('%', "\\%").replace('_', "\\_"))
        });
        Self {
            statuses: filter.statuses.iter().map(|status| status.as_str()).collect(),
            types: filter.types.iter().map(|kind| kind.as_str()).collect(),
            topic: Some(filter.topic.as_str()).filter(|topic| !topic.is_empty()),
            analysis_status: filter.analysis_status.map(crate::mistake::AnalysisStatus::as_str),
            pattern,
        }
    }
}
