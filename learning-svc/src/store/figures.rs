//! Figures about mistakes and reviews, counted by PostgreSQL.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kit::db::{self, DbError, GenericClient, Row};
use uuid::Uuid;

use super::mistakes::count;
use crate::{
    mistake::KnowledgePoint,
    review::SchoolDays,
    statistics::{Count, Figures, Span, Streak, WeakPoint, Week},
};

/// Weeks of a trend.
const WEEKS: u64 = 12;

/// The live mistakes `m` of students `$1` that were last mistaken from `$2` until `$3`.
macro_rules! counted {
    () => {
        "m.student_id = ANY ($1) AND m.deleted_at IS NULL
         AND ($2::timestamptz IS NULL OR m.last_mistaken_at >= $2)
         AND ($3::timestamptz IS NULL OR m.last_mistaken_at < $3)"
    };
}

const TOTALS: &str = concat!(
    "SELECT count(*)::integer AS mistakes,
            least(coalesce(sum(m.times_wrong), 0), 2147483647)::integer AS times_wrong,
            (count(*) FILTER (WHERE m.status = 'pending'))::integer AS pending,
            (count(*) FILTER (WHERE m.status = 'reviewing'))::integer AS reviewing,
            (count(*) FILTER (WHERE m.status = 'mastered'))::integer AS mastered,
            (count(*) FILTER (WHERE m.status = 'ignored'))::integer AS ignored
       FROM mistakes m
      WHERE ",
    counted!()
);

const REVIEWS: &str = "
    SELECT count(*)::integer AS reviews,
           (count(*) FILTER (WHERE is_correct))::integer AS correct
      FROM reviews
     WHERE student_id = ANY ($1)
       AND ($2::timestamptz IS NULL OR reviewed_at >= $2)
       AND ($3::timestamptz IS NULL OR reviewed_at < $3)";

const BY_TYPE: &str = concat!(
    "SELECT m.mistake_type AS key, count(*)::integer AS mistakes,
            (count(*) FILTER (WHERE m.status = 'mastered'))::integer AS mastered
       FROM mistakes m
      WHERE ",
    counted!(),
    " GROUP BY 1 ORDER BY 2 DESC, 1"
);

const BY_TOPIC: &str = concat!(
    "SELECT m.topic AS key, count(*)::integer AS mistakes,
            (count(*) FILTER (WHERE m.status = 'mastered'))::integer AS mastered
       FROM mistakes m
      WHERE m.topic <> '' AND ",
    counted!(),
    " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50"
);

const BY_POINT: &str = concat!(
    "SELECT p.id, max(p.name_zh) AS name_zh, max(p.name_en) AS name_en,
            count(*)::integer AS mistakes,
            least(sum(m.times_wrong), 2147483647)::integer AS times_wrong,
            (count(*) FILTER (WHERE m.status = 'mastered'))::integer AS mastered,
            (count(DISTINCT m.student_id) FILTER (WHERE m.status <> 'mastered'))::integer AS affected
       FROM mistakes m
      CROSS JOIN LATERAL jsonb_to_recordset(m.knowledge_points)
            AS p (id text, name_zh text, name_en text)
      WHERE m.status <> 'ignored' AND ",
    counted!(),
    " GROUP BY p.id
      ORDER BY coalesce(sum(m.times_wrong) FILTER (WHERE m.status <> 'mastered'), 0) DESC,
               count(*) DESC, p.id
      LIMIT 50"
);

const TREND: &str = "
    WITH weeks AS (
        SELECT d::date AS week
          FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '7 days') AS d),
    fresh AS (
        SELECT date_trunc('week', (first_mistaken_at + make_interval(hours => $4))
                                  AT TIME ZONE 'UTC')::date AS week,
               count(*)::integer AS fresh
          FROM mistakes
         WHERE student_id = ANY ($1) AND deleted_at IS NULL AND first_mistaken_at >= $5
         GROUP BY 1),
    done AS (
        SELECT date_trunc('week', (reviewed_at + make_interval(hours => $4))
                                  AT TIME ZONE 'UTC')::date AS week,
               count(*)::integer AS done,
               (count(*) FILTER (WHERE is_correct))::integer AS correct
          FROM reviews
         WHERE student_id = ANY ($1) AND reviewed_at >= $5
         GROUP BY 1)
    SELECT week, coalesce(fresh, 0) AS fresh, coalesce(done, 0) AS done,
           coalesce(correct, 0) AS correct
      FROM weeks LEFT JOIN fresh USING (week) LEFT JOIN done USING (week)
     ORDER BY week";

/// Counts the mistakes of students within a span, and the trend until `now`.
pub async fn of(
    db: &impl GenericClient,
    students: &[Uuid],
    span: Span,
    now: DateTime<Utc>,
    days: SchoolDays,
) -> Result<Figures, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&students, &span.from, &span.until];
    let totals = db::query_one(db, "mistakes.totals", TOTALS, &params).await?;
    let reviews = db::query_one(db, "reviews.totals", REVIEWS, &params).await?;
    let by_type = db::query(db, "mistakes.by_type", BY_TYPE, &params).await?;
    let by_topic = db::query(db, "mistakes.by_topic", BY_TOPIC, &params).await?;
    let by_point = db::query(db, "mistakes.by_knowledge_point", BY_POINT, &params).await?;
    Ok(Figures {
        mistakes: count(&totals, "mistakes")?,
        times_wrong: count(&totals, "times_wrong")?,
        pending: count(&totals, "pending")?,
        reviewing: count(&totals, "reviewing")?,
        mastered: count(&totals, "mastered")?,
        ignored: count(&totals, "ignored")?,
        by_type: by_type.iter().map(counted).collect::<Result<_, _>>()?,
        by_topic: by_topic.iter().map(counted).collect::<Result<_, _>>()?,
        by_knowledge_point: by_point.iter().map(weak_point).collect::<Result<_, _>>()?,
        trend: trend(db, students, days.day(now), days).await?,
        reviews: count(&reviews, "reviews")?,
        correct_reviews: count(&reviews, "correct")?,
    })
}

async fn trend(
    db: &impl GenericClient,
    students: &[Uuid],
    today: NaiveDate,
    days: SchoolDays,
) -> Result<Vec<Week>, DbError> {
    let monday = SchoolDays::monday(today);
    let first = monday - Days::new(7 * (WEEKS - 1));
    let params: [&(dyn db::ToSql + Sync); 5] =
        [&students, &first, &monday, &days.offset_hours(), &days.start(first)];
    let rows = db::query(db, "mistakes.trend", TREND, &params).await?;
    let week = |row: &Row| {
        Ok(Week {
            first_day: row.try_get("week")?,
            new_mistakes: count(row, "fresh")?,
            reviews: count(row, "done")?,
            correct_reviews: count(row, "correct")?,
        })
    };
    rows.iter().map(week).collect()
}

fn counted(row: &Row) -> Result<Count, DbError> {
    Ok(Count {
        key: row.try_get("key")?,
        mistakes: count(row, "mistakes")?,
        mastered: count(row, "mastered")?,
    })
}

fn weak_point(row: &Row) -> Result<WeakPoint, DbError> {
    Ok(WeakPoint {
        point: KnowledgePoint {
            id: row.try_get("id")?,
            name_zh: row.try_get("name_zh")?,
            name_en: row.try_get("name_en")?,
        },
        mistakes: count(row, "mistakes")?,
        times_wrong: count(row, "times_wrong")?,
        mastered: count(row, "mastered")?,
        students_affected: count(row, "affected")?,
    })
}

const STREAK: &str = "
    WITH days AS (
        SELECT DISTINCT ((reviewed_at + make_interval(hours => $2)) AT TIME ZONE 'UTC')::date AS day
          FROM reviews
         WHERE student_id = $1),
    runs AS (
        SELECT day, day - (row_number() OVER (ORDER BY day))::integer AS run FROM days),
    lengths AS (
        SELECT max(day) AS last, count(*)::integer AS length FROM runs GROUP BY run)
    SELECT coalesce(max(length), 0) AS longest,
           coalesce(max(length) FILTER (WHERE last >= $3::date - 1), 0) AS present
      FROM lengths";

/// Counts the days in a row on which a student reviewed something.
pub async fn streak(
    db: &impl GenericClient,
    student: Uuid,
    now: DateTime<Utc>,
    days: SchoolDays,
) -> Result<Streak, DbError> {
    let params: [&(dyn db::ToSql + Sync); 3] = [&student, &days.offset_hours(), &days.day(now)];
    let row = db::query_one(db, "reviews.streak", STREAK, &params).await?;
    Ok(Streak { days: count(&row, "present")?, longest_days: count(&row, "longest")? })
}
