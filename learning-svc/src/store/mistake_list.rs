//! Lists of mistakes of one or many students, page by page.
//!
//! A statement has the conditions that are asked for and no others, and its limit stands in its
//! text. So one plan serves every call, and PostgreSQL makes it once for each connection: with
//! conditions that may be switched off it plans anew each time, which takes longer than reading.

use chrono::{DateTime, Utc};
use kit::db::{self, DbError, GenericClient};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    contains,
    mistakes::{columns, from_row},
};
use crate::mistake::{Filter, Mistake, Order};

/// Key of the last entry of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    pub times_wrong: u32,
    pub last_mistaken_at: DateTime<Utc>,
    pub id: Uuid,
}

/// Lengths of pages that statements have, so that there are few of them: the usual page and one
/// more, and so on.
const LENGTHS: [i64; 3] = [21, 51, 101];

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
    let sent = Sent::of(whose, filter, after);
    let Statement { sql, params } = page(whose, &sent, order, limit);
    let name = match order {
        Order::Latest => "mistakes.list_latest",
        Order::Oldest => "mistakes.list_oldest",
        Order::MostFrequent => "mistakes.list_most_frequent",
    };
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    db::query(db, name, &sql, &params).await?.iter().take(length).map(from_row).collect()
}

/// Returns the statement that reads the latest mistakes of one student; public for its benchmark.
#[must_use]
pub fn latest_of_one(limit: i64) -> String {
    let (filter, whose) = (Filter::default(), Whose::Students(&[Uuid::nil()]));
    page(whose, &Sent::of(whose, &filter, None), Order::Latest, limit).sql
}

/// Counts the mistakes that match, those of them that are mastered, and those that are ignored.
pub async fn count(
    db: &impl GenericClient,
    students: &[Uuid],
    filter: &Filter,
) -> Result<[u32; 3], DbError> {
    let sent = Sent::of(Whose::Students(students), filter, None);
    let mut statement = Statement::default();
    let students = statement.param(&sent.students);
    let conditions = conditions(&mut statement, &sent).join(" AND ");
    let sql = format!(
        "SELECT count(*), count(*) FILTER (WHERE status = 'mastered'),
                count(*) FILTER (WHERE status = 'ignored')
           FROM mistakes m
          WHERE m.student_id = ANY ({students}) AND {conditions}"
    );
    let row = db::query_one(db, "mistakes.count", &sql, &statement.params).await?;
    let counts: [i64; 3] = [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?];
    Ok(counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
}

/// What is sent to PostgreSQL.
struct Sent<'a> {
    filter: &'a Filter,
    students: &'a [Uuid],
    student: Option<&'a Uuid>,
    organization: Uuid,
    statuses: Vec<&'static str>,
    types: Vec<&'static str>,
    topic: Option<&'a str>,
    analysis_status: Option<&'static str>,
    pattern: Option<String>,
    /// Key of the last entry of the page before: how often, when, which.
    after: Option<(i32, DateTime<Utc>, Uuid)>,
}

impl<'a> Sent<'a> {
    fn of(whose: Whose<'a>, filter: &'a Filter, after: Option<Last>) -> Self {
        let (organization, students) = match whose {
            Whose::Students(students) => (Uuid::nil(), students),
            Whose::Organization(organization, students) => (organization, students),
        };
        let key = |last: Last| {
            let times = i32::try_from(last.times_wrong).unwrap_or(i32::MAX);
            (times, last.last_mistaken_at, last.id)
        };
        Self {
            filter,
            students,
            student: students.first().filter(|_| students.len() == 1),
            organization,
            statuses: filter.statuses.iter().map(|status| status.as_str()).collect(),
            types: filter.types.iter().map(|kind| kind.as_str()).collect(),
            topic: Some(filter.topic.as_str()).filter(|topic| !topic.is_empty()),
            analysis_status: filter.analysis_status.map(crate::mistake::AnalysisStatus::as_str),
            pattern: contains(&filter.query),
            after: after.map(key),
        }
    }
}

/// A statement and its parameters.
#[derive(Default)]
struct Statement<'a> {
    sql: String,
    params: Vec<&'a (dyn db::ToSql + Sync)>,
}

impl<'a> Statement<'a> {
    /// Adds a parameter and returns how the text calls it.
    fn param(&mut self, value: &'a (dyn db::ToSql + Sync)) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }
}

/// One page of what `whose` has.
fn page<'a>(whose: Whose<'_>, sent: &'a Sent<'a>, order: Order, limit: i64) -> Statement<'a> {
    let mut statement = Statement::default();
    let all = matches!(whose, Whose::Organization(..)) && order != Order::MostFrequent;
    let source = match sent.student {
        _ if all => statement.param(&sent.organization),
        Some(student) => statement.param(student),
        None => statement.param(&sent.students),
    };
    let mut conditions = conditions(&mut statement, sent);
    if let Some((times, moment, id)) = &sent.after {
        let times = (order == Order::MostFrequent).then(|| statement.param(times));
        let (moment, id) = (statement.param(moment), statement.param(id));
        conditions.push(match (order, times) {
            (Order::Oldest, _) => format!("(m.last_mistaken_at, m.id) > ({moment}, {id})"),
            (_, None) => format!("(m.last_mistaken_at, m.id) < ({moment}, {id})"),
            (_, Some(times)) => {
                format!("(m.times_wrong, m.last_mistaken_at, m.id) < ({times}, {moment}, {id})")
            }
        });
    }
    let limit = LENGTHS.into_iter().find(|length| limit <= *length).unwrap_or(limit);
    let order = match order {
        Order::Latest => "m.last_mistaken_at DESC, m.id DESC",
        Order::Oldest => "m.last_mistaken_at, m.id",
        Order::MostFrequent => "m.times_wrong DESC, m.last_mistaken_at DESC, m.id DESC",
    };
    let columns = columns!();
    let key = "m.id, m.times_wrong, m.last_mistaken_at";
    let conditions = conditions.join(" AND ");
    let end = format!("{conditions} ORDER BY {order} LIMIT {limit}");
    statement.sql = if sent.student.is_some() && !all {
        format!(
            "SELECT {columns}
               FROM students s
              CROSS JOIN LATERAL (
                    SELECT * FROM mistakes m WHERE m.student_id = s.user_id AND {end}) m
              WHERE s.user_id = {source}
              ORDER BY {order}"
        )
    } else {
        // Of many, wide rows are read only once it is known which of them make the page.
        let found = if all {
            format!("mistakes m WHERE m.organization_id = {source} AND {end}")
        } else {
            format!(
                "unnest({source}::uuid[]) AS who (student_id)
                  CROSS JOIN LATERAL (
                        SELECT {key} FROM mistakes m
                         WHERE m.student_id = who.student_id AND {end}) m
                  ORDER BY {order} LIMIT {limit}"
            )
        };
        format!(
            "SELECT {columns}
               FROM (SELECT {key} FROM {found}) page
               JOIN mistakes m ON m.id = page.id
               JOIN students s ON s.user_id = m.student_id
              ORDER BY {order}"
        )
    };
    statement
}

/// The conditions of a filter on `mistakes m`.
fn conditions<'a>(statement: &mut Statement<'a>, sent: &'a Sent<'a>) -> Vec<String> {
    let filter = sent.filter;
    let deleted = if filter.deleted { "IS NOT NULL" } else { "IS NULL" };
    let mut sql = vec![format!("m.deleted_at {deleted}")];
    let mut when =
        |is_asked: bool, before: &str, value: &'a (dyn db::ToSql + Sync), after: &str| {
            if is_asked {
                sql.push(format!("{before} {}{after}", statement.param(value)));
            }
        };
    when(!sent.statuses.is_empty(), "m.status = ANY (", &sent.statuses, ")");
    when(!sent.types.is_empty(), "m.mistake_type = ANY (", &sent.types, ")");
    when(sent.topic.is_some(), "m.topic =", &sent.topic, "");
    let points = &filter.knowledge_point_ids;
    when(!points.is_empty(), "m.knowledge_point_ids &&", points, "");
    when(filter.from.is_some(), "m.last_mistaken_at >=", &filter.from, "");
    when(filter.until.is_some(), "m.last_mistaken_at <", &filter.until, "");
    when(sent.analysis_status.is_some(), "m.analysis_status =", &sent.analysis_status, "");
    if let Some(pattern) = &sent.pattern {
        let param = statement.param(pattern);
        let columns = ["question", "wrong_answer", "correct_answer", "explanation"];
        let any = columns.map(|column| format!("m.{column} ILIKE {param}")).join(" OR ");
        sql.push(format!("({any})"));
    }
    sql
}
