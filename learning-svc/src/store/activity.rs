//! What students did on single days, and how classes stand.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kit::db::{self, DbError, GenericClient, Row};
use uuid::Uuid;

use super::mistakes::count;
use crate::{
    review::SchoolDays,
    statistics::{ACTIVE, ClassStanding, Day, Teaching},
};

/// Classes that a dashboard looks at.
const MOST_CLASSES: i64 = 1_000;

/// An entry is never last mistaken before it was first: the second condition finds it by index.
const DAYS: &str = "
    WITH fresh AS (
        SELECT ((first_mistaken_at + make_interval(hours => $4)) AT TIME ZONE 'UTC')::date AS day,
               student_id, count(*)::integer AS fresh
          FROM mistakes
         WHERE student_id = ANY ($1) AND deleted_at IS NULL
           AND last_mistaken_at >= $5 AND first_mistaken_at >= $5 AND first_mistaken_at < $6
         GROUP BY 1, 2),
    done AS (
        SELECT ((reviewed_at + make_interval(hours => $4)) AT TIME ZONE 'UTC')::date AS day,
               student_id, count(*)::integer AS done,
               (count(*) FILTER (WHERE is_correct))::integer AS correct
          FROM reviews
         WHERE student_id = ANY ($1) AND reviewed_at >= $5 AND reviewed_at < $6
         GROUP BY 1, 2),
    totals AS (
        SELECT day, count(*)::integer AS active, sum(coalesce(fresh, 0))::integer AS fresh,
               sum(coalesce(done, 0))::integer AS done,
               sum(coalesce(correct, 0))::integer AS correct
          FROM fresh FULL JOIN done USING (day, student_id)
         GROUP BY day)
    SELECT d::date AS day, coalesce(active, 0) AS active, coalesce(fresh, 0) AS fresh,
           coalesce(done, 0) AS done, coalesce(correct, 0) AS correct
      FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS d
      LEFT JOIN totals ON totals.day = d::date
     ORDER BY 1";

/// Counts what students did on each day from the first to the last.
pub async fn of(
    db: &impl GenericClient,
    students: &[Uuid],
    (first, last): (NaiveDate, NaiveDate),
    days: SchoolDays,
) -> Result<Vec<Day>, DbError> {
    let (from, until) = (days.start(first), days.start(last + Days::new(1)));
    let params: [&(dyn db::ToSql + Sync); 6] =
        [&students, &first, &last, &days.offset_hours(), &from, &until];
    let rows = db::query(db, "mistakes.activity", DAYS, &params).await?;
    let day = |row: &Row| {
        Ok(Day {
            day: row.try_get("day")?,
            active_students: count(row, "active")?,
            new_mistakes: count(row, "fresh")?,
            reviews: count(row, "done")?,
            correct_reviews: count(row, "correct")?,
        })
    };
    rows.iter().map(day).collect()
}

const WAITING: &str = "
    SELECT count(*)::integer AS waiting
      FROM mistake_jobs
     WHERE student_id = ANY ($1) AND kind = 'analyse'";

/// Counts the mistakes of students whose analysis waits or runs.
pub async fn analyses_waiting(db: &impl GenericClient, students: &[Uuid]) -> Result<u32, DbError> {
    let row = db::query_one(db, "mistake_jobs.waiting", WAITING, &[&students]).await?;
    count(&row, "waiting")
}

/// Of each student once, however many classes they are in.
const CLASSES: &str = "
    WITH seats AS MATERIALIZED (
        SELECT class_id, student_id FROM unnest($3::uuid[], $4::uuid[]) AS s (class_id, student_id)),
    pupils AS MATERIALIZED (
        SELECT who.student_id, c.open, c.mastered, c.overdue,
               greatest(c.mistaken_at, r.reviewed_at) AS active_at
          FROM (SELECT DISTINCT student_id FROM seats) who
         CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE status IN ('pending', 'reviewing')) AS open,
                      count(*) FILTER (WHERE status = 'mastered') AS mastered,
                      count(*) FILTER (WHERE due_at < $5) AS overdue,
                      max(last_mistaken_at) AS mistaken_at
                 FROM mistakes
                WHERE mistakes.student_id = who.student_id AND deleted_at IS NULL) c
         CROSS JOIN LATERAL (
               SELECT max(reviewed_at) AS reviewed_at
                 FROM reviews
                WHERE reviews.student_id = who.student_id) r)
    SELECT classes.id, name, count(p.student_id)::integer AS students,
           (count(*) FILTER (WHERE p.active_at >= $6))::integer AS active,
           coalesce(sum(p.open), 0)::integer AS open,
           coalesce(sum(p.mastered), 0)::integer AS mastered,
           coalesce(sum(p.overdue), 0)::integer AS overdue
      FROM unnest($1::uuid[], $2::text[]) AS classes (id, name)
      LEFT JOIN seats ON seats.class_id = classes.id
      LEFT JOIN pupils p USING (student_id)
     GROUP BY classes.id, name";

/// Tells how classes stand on the day from `today`, with their names and enrollments as they were
/// found.
pub async fn classes(
    db: &impl GenericClient,
    Teaching { classes, enrollments }: &Teaching,
    today: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<ClassStanding>, DbError> {
    let (ids, names): (Vec<Uuid>, Vec<&str>) =
        classes.iter().map(|(id, name)| (*id, name.as_str())).unzip();
    let (of, students): (Vec<Uuid>, Vec<Uuid>) = enrollments.iter().copied().unzip();
    let active_from = now - ACTIVE;
    let params: [&(dyn db::ToSql + Sync); 6] = [&ids, &names, &of, &students, &today, &active_from];
    let rows = db::query(db, "mistakes.standing", CLASSES, &params).await?;
    let class = |row: &Row| {
        Ok(ClassStanding {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            students: count(row, "students")?,
            active_students: count(row, "active")?,
            open: count(row, "open")?,
            mastered: count(row, "mastered")?,
            overdue: count(row, "overdue")?,
        })
    };
    rows.iter().map(class).collect()
}

const AT_WORK: &str = "
    SELECT id, name
      FROM classes
     WHERE organization_id = $1 AND status = 'active'
       AND ($2::uuid IS NULL OR head_teacher_id = $2
            OR EXISTS (SELECT FROM class_assistants WHERE class_id = id AND teacher_id = $2))
     ORDER BY id DESC
     LIMIT $3";

/// Returns the active classes of an organization, or of one of its teachers, and their names.
pub async fn classes_at_work(
    db: &impl GenericClient,
    organization: Uuid,
    teacher: Option<Uuid>,
) -> Result<Vec<(Uuid, String)>, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&organization, &teacher, &MOST_CLASSES];
    let rows = db::query(db, "classes.at_work", AT_WORK, &params).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("name")?))).collect()
}
