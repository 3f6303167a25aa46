//! Mistakes in the database, as if a school had used the system for years.

use anyhow::Context as _;
use launcher::System;
use reqwest::Client;
use serde_json::{Value, json};

/// Mistakes of each student.
const EACH: u64 = 500;
/// What the load needs.
pub struct School {
    /// Of the administrator, who sees every student.
    pub token: String,
    pub user_id: String,
    pub organization_id: String,
    pub students: u64,
}

const STUDENTS: &str = "
    INSERT INTO learning.students (user_id, organization_id, username, full_name, student_no, created_at, updated_at)
    SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'bench' || n,
           '学生' || n, 'B' || n, now(), now()
      FROM generate_series(1, $2::bigint) AS n
        ON CONFLICT DO NOTHING";

const MISTAKES: &str = "
    INSERT INTO learning.mistakes (id, student_id, organization_id, mistake_type, status, question, wrong_answer,
           correct_answer, explanation, topic, difficulty_level, source, knowledge_points, knowledge_point_ids,
           times_wrong, first_mistaken_at, last_mistaken_at, due_at, analysis_status, fingerprint, created_by,
           created_at, updated_at)
    SELECT gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad(to_hex(s), 12, '0'))::uuid, $1, 'grammar', 'pending',
           'Question ' || m || ': Hardly ____ the station when the train left, so they had to wait for another hour.' ||
           E'\\nA. they reached  B. had they reached  C. they had reached  D. did they reach',
           'A', 'B', '', '语法', 'B1', 'bench',
           '[{\"id\": \"sentence.inversion\", \"name_zh\": \"倒装\", \"name_en\": \"Inversion\"}]', '{sentence.inversion}',
           1 + (m % 3)::int, moment, moment, moment, 'done', sha256((s || '-' || m)::bytea), $2, moment, moment
      FROM generate_series($3::bigint, $4::bigint) AS s,
           generate_series(1, $5::bigint) AS m,
           LATERAL (SELECT now() - make_interval(mins => (m * 97 + s)::int % 500000) AS moment) AS at";

/// Fills the demo school with `size` mistakes, and signs its administrator in.
pub async fn school(system: &System, size: u64) -> anyhow::Result<School> {
    let students = size.div_ceil(EACH);
    let admin = sign_in(system, students).await?;
    let db = system.postgres.connect("ai_english").await?;
    let organization: uuid::Uuid = admin.organization_id.parse()?;
    let creator: uuid::Uuid = admin.user_id.parse()?;
    let (each, students) = (i64::try_from(EACH)?, i64::try_from(students)?);
    let known: i64 = db.query_one("SELECT count(*) FROM learning.mistakes", &[]).await?.get(0);
    if known != students * each {
        // Nothing, or what a run left that was broken off.
        db.batch_execute("TRUNCATE learning.mistakes CASCADE").await?;
        db.execute(STUDENTS, &[&organization, &students]).await?;
        for first in (1..=students).step_by(500) {
            let last = (first + 499).min(students);
            db.execute(MISTAKES, &[&organization, &creator, &first, &last, &each]).await?;
        }
    }
    db.batch_execute("VACUUM ANALYZE learning.mistakes").await?;
    db.batch_execute("VACUUM ANALYZE learning.students").await?;
    // The first token may have ended meanwhile.
    sign_in(system, size.div_ceil(EACH)).await
}

async fn sign_in(system: &System, students: u64) -> anyhow::Result<School> {
    let url = format!("{}/api/v1/auth/login", system.url());
    let body = json!({ "username": "test_admin", "password": "Test1234" });
    let answer = Client::new().post(url).json(&body).send().await?.error_for_status()?;
    let session: Value = answer.json().await?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text is missing");
    Ok(School {
        token: text(&session["access_token"])?,
        user_id: text(&session["user"]["id"])?,
        organization_id: text(&session["user"]["organization_id"])?,
        students,
    })
}
