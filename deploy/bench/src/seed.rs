//! Mistakes in the database, as if a school had used the system for years.

use anyhow::Context as _;
use launcher::System;
use reqwest::Client;
use serde_json::{Value, json};

/// Mistakes of each student.
const EACH: u64 = 500;
/// Students of the teacher's class.
pub const CLASS: u64 = 45;

/// What the load needs.
pub struct School {
    pub token: String,
    pub user_id: String,
    pub organization_id: String,
}

const STUDENTS: &str = "
    INSERT INTO learning.students (user_id, organization_id, username, full_name, student_no, created_at, updated_at)
    SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'bench' || n,
           '学生' || n, 'B' || n, now(), now()
      FROM generate_series(1, $2::bigint) AS n
        ON CONFLICT DO NOTHING";

const ENROLLMENTS: &str = "
    INSERT INTO learning.class_students (id, class_id, student_id, enrollment_status, enrolled_at)
    SELECT gen_random_uuid(), $1, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'active', now()
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

/// Signs the demo teacher in and gives them a class whose students have `size` mistakes, together
/// with all others of the school.
pub async fn school(system: &System, size: u64) -> anyhow::Result<School> {
    let client = Client::new();
    let base = format!("{}/api/v1", system.url());
    let body = json!({ "username": "test_teacher", "password": "Test1234" });
    let session: Value =
        client.post(format!("{base}/auth/login")).json(&body).send().await?.json().await?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text is missing");
    let token = text(&session["access_token"])?;
    let user_id = text(&session["user"]["id"])?;
    let organization_id = text(&session["user"]["organization_id"])?;
    let class: Value = client
        .post(format!("{base}/classes"))
        .bearer_auth(&token)
        .json(&json!({ "name": "基准班", "max_students": 60 }))
        .send()
        .await?
        .json()
        .await?;
    let class: uuid::Uuid = text(&class["id"])?.parse()?;

    let db = system.postgres.connect("ai_english").await?;
    let organization: uuid::Uuid = organization_id.parse()?;
    let teacher: uuid::Uuid = user_id.parse()?;
    let students = i64::try_from(size.div_ceil(EACH).max(CLASS))?;
    db.execute(STUDENTS, &[&organization, &students]).await?;
    db.execute(ENROLLMENTS, &[&class, &i64::try_from(CLASS)?]).await?;
    let each = i64::try_from(EACH)?;
    let known: i64 = db.query_one("SELECT count(*) FROM learning.mistakes", &[]).await?.get(0);
    if known == 0 {
        for first in (1..=students).step_by(500) {
            let last = (first + 499).min(students);
            db.execute(MISTAKES, &[&organization, &teacher, &first, &last, &each]).await?;
        }
    }
    db.batch_execute("VACUUM ANALYZE learning.mistakes").await?;
    db.batch_execute("VACUUM ANALYZE learning.students").await?;
    Ok(School { token, user_id, organization_id })
}
