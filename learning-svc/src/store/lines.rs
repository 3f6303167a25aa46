//! Figures of many students, one line for each.

use kit::{
    db::{self, DbError, GenericClient, Row},
    page::Page,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{contains, mistakes::count, reviews::is_due};
use crate::statistics::{ACTIVE, Line, LineOrder, Moment, Span};

/// Students of a class that are listed at most beside its figures.
const MOST_LINES: i64 = 100;

/// Counts the mistakes of each of the students `$1` that hold under a condition, at the moment
/// `$2` of the day from `$3` until `$4` and of the week from `$5`. What the students did lately does
/// not depend on the condition.
macro_rules! lines {
    ($condition:expr) => {
        concat!(
            "SELECT who.student_id, coalesce(c.mistakes, 0) AS mistakes,
                    coalesce(c.pending, 0) AS pending, coalesce(c.reviewing, 0) AS reviewing,
                    coalesce(c.mastered, 0) AS mastered,
                    coalesce(c.pending + c.reviewing, 0) AS open,
                    coalesce(c.due, 0) AS due, coalesce(c.fresh, 0) AS fresh, w.reviews,
                    greatest(c.mistaken_at, r.reviewed_at) AS active_at
               FROM unnest($1::uuid[]) AS who (student_id)
               LEFT JOIN LATERAL (
                    SELECT (count(*) FILTER (WHERE holds))::integer AS mistakes,
                           (count(*) FILTER (WHERE holds AND m.status = 'pending'))::integer
                               AS pending,
                           (count(*) FILTER (WHERE holds AND m.status = 'reviewing'))::integer
                               AS reviewing,
                           (count(*) FILTER (WHERE holds AND m.status = 'mastered'))::integer
                               AS mastered,
                           (count(*) FILTER (WHERE holds AND ",
            is_due!(),
            "))::integer AS due,
                           (count(*) FILTER (WHERE m.first_mistaken_at >= $5))::integer AS fresh,
                           max(m.last_mistaken_at) AS mistaken_at
                      FROM mistakes m
                     CROSS JOIN LATERAL (SELECT ",
            $condition,
            " AS holds) h
                     WHERE m.student_id = who.student_id AND m.deleted_at IS NULL) c ON true
               LEFT JOIN LATERAL (
                    SELECT max(reviewed_at) AS reviewed_at
                      FROM reviews
                     WHERE student_id = who.student_id) r ON true
               LEFT JOIN LATERAL (
                    SELECT count(*)::integer AS reviews
                      FROM reviews
                     WHERE student_id = who.student_id AND reviewed_at >= $5) w ON true"
        )
    };
}

const LINES: &str = concat!(
    "WITH lines AS MATERIALIZED (",
    lines!(
        "($6::timestamptz IS NULL OR m.last_mistaken_at >= $6)
         AND ($7::timestamptz IS NULL OR m.last_mistaken_at < $7)"
    ),
    ")
    SELECT *, (SELECT (count(*) FILTER (WHERE active_at >= $8))::integer FROM lines) AS active
      FROM lines
     ORDER BY open DESC, mistakes DESC, student_id
     LIMIT $9"
);

/// Counts the active ones among students, and the figures of those with the most open mistakes.
pub async fn of(
    db: &impl GenericClient,
    students: &[Uuid],
    span: Span,
    moment: Moment,
) -> Result<(u32, Vec<Line>), DbError> {
    let Moment { now, today, tomorrow, week } = moment;
    let active_from = now - ACTIVE;
    let params: [&(dyn db::ToSql + Sync); 9] = [
        &students,
        &now,
        &today,
        &tomorrow,
        &week,
        &span.from,
        &span.until,
        &active_from,
        &MOST_LINES,
    ];
    let rows = db::query(db, "mistakes.lines", LINES, &params).await?;
    let active = rows.first().map(|row| count(row, "active")).transpose()?.unwrap_or_default();
    Ok((active, rows.iter().map(line).collect::<Result<_, _>>()?))
}

/// Key of the last line of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLine {
    pub weight: i64,
    pub full_name: String,
    pub student_id: Uuid,
}

const PAGE: &str = concat!(
    "SELECT * FROM (
        SELECT lines.*, s.full_name,
               CASE $6 WHEN 'unmastered' THEN open
                       WHEN 'due' THEN due
                       WHEN 'last_active'
                       THEN coalesce((-1000000 * extract(epoch FROM active_at))::bigint,
                                     9223372036854775807)
                       ELSE 0 END AS weight
          FROM (",
    lines!("true"),
    ") lines
          JOIN students s ON s.user_id = student_id
         WHERE $7::text IS NULL OR s.full_name ILIKE $7 OR s.username ILIKE $7
            OR s.student_no ILIKE $7) weighed
     WHERE $8::bigint IS NULL OR weight < $8
        OR (weight = $8 AND (full_name, student_id) > ($9::text, $10::uuid))
     ORDER BY weight DESC, full_name, student_id
     LIMIT $11"
);

/// Lists the figures of students, those that need attention first, each with its key.
pub async fn page(
    db: &impl GenericClient,
    students: &[Uuid],
    (order, query): (LineOrder, &str),
    moment: Moment,
    page: &Page<LastLine>,
) -> Result<Vec<(Line, LastLine)>, DbError> {
    let after = page.after.as_ref();
    let (weight, name) = (after.map(|last| last.weight), after.map(|last| &last.full_name));
    let student = after.map(|last| last.student_id);
    let params: [&(dyn db::ToSql + Sync); 11] = [
        &students,
        &moment.now,
        &moment.today,
        &moment.tomorrow,
        &moment.week,
        &order.as_str(),
        &contains(query),
        &weight,
        &name,
        &student,
        &page.limit,
    ];
    let rows = db::query(db, "mistakes.line_page", PAGE, &params).await?;
    let keyed = rows.iter().map(|row| {
        let line = line(row)?;
        let (weight, full_name) = (row.try_get("weight")?, row.try_get("full_name")?);
        let key = LastLine { weight, full_name, student_id: line.student_id };
        Ok((line, key))
    });
    keyed.collect()
}

/// Key of the last student of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastWeak {
    pub open: u32,
    pub student_id: Uuid,
}

const WEAK_STUDENTS: &str = concat!(
    "SELECT * FROM (",
    lines!("m.knowledge_point_ids @> ARRAY[$6::text]"),
    ") lines
     WHERE open > 0
       AND ($7::integer IS NULL OR open < $7 OR (open = $7 AND student_id > $8))
     ORDER BY open DESC, student_id
     LIMIT $9"
);

/// Lists the students who have open mistakes of one knowledge point, those with the most first.
pub async fn weak_students(
    db: &impl GenericClient,
    students: &[Uuid],
    knowledge_point: &str,
    moment: Moment,
    page: &Page<LastWeak>,
) -> Result<Vec<Line>, DbError> {
    let open = page.after.map(|last| i32::try_from(last.open).unwrap_or(i32::MAX));
    let student = page.after.map(|last| last.student_id);
    let params: [&(dyn db::ToSql + Sync); 9] = [
        &students,
        &moment.now,
        &moment.today,
        &moment.tomorrow,
        &moment.week,
        &knowledge_point,
        &open,
        &student,
        &page.limit,
    ];
    db::query(db, "mistakes.weak_students", WEAK_STUDENTS, &params)
        .await?
        .iter()
        .map(line)
        .collect()
}

fn line(row: &Row) -> Result<Line, DbError> {
    Ok(Line {
        student_id: row.try_get("student_id")?,
        mistakes: count(row, "mistakes")?,
        pending: count(row, "pending")?,
        reviewing: count(row, "reviewing")?,
        mastered: count(row, "mastered")?,
        open: count(row, "open")?,
        due: count(row, "due")?,
        new_this_week: count(row, "fresh")?,
        reviews_this_week: count(row, "reviews")?,
        last_active_at: row.try_get("active_at")?,
    })
}
