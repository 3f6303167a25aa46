//! Steps that several stories begin with.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{
    Api, Entrance,
    exam::SingleChoice,
    school::{self, Pupil},
};

pub const PASSWORD: &str = "Passw0rd2026";

/// A school with one administrator, one teacher and one class.
pub struct School {
    pub admin: Api,
    pub teacher: Api,
    pub class: String,
    /// Names, numbers, addresses, passwords and tokens that belong in no log.
    pub private: Vec<String>,
}

/// Founds a school, invites a teacher by code, and lets the teacher create a class.
pub async fn found(entrance: &impl Entrance, name: &str) -> anyhow::Result<School> {
    let visitor = entrance.visitor()?;
    let admin = visitor
        .post(
            "/auth/register",
            json!({
                "username": format!("{name}_admin"), "email": format!("{name}_admin@example.org"),
                "password": PASSWORD, "full_name": "校长", "role": "teacher",
                "organization_name": format!("{name} 中学"),
            }),
        )
        .await?
        .expect()?;
    let admin = visitor.with_session(&admin)?;
    let teacher = invite(&visitor, &admin, &format!("{name}_teacher"), "teacher").await?;
    let class = create_class(&teacher, "高二（3）班").await?;
    let mut private = vec!["校长".to_owned(), PASSWORD.to_owned()];
    for (role, api) in [("admin", &admin), ("teacher", &teacher)] {
        private.push(format!("{name}_{role}@example.org"));
        private.extend(api.token().map(str::to_owned));
    }
    Ok(School { admin, teacher, class, private })
}

/// Lets `admin` invite somebody, who registers with the code.
pub async fn invite(visitor: &Api, admin: &Api, username: &str, role: &str) -> anyhow::Result<Api> {
    let invitation = admin
        .post("/organizations/current/invitations", json!({ "role": role, "max_uses": 1 }))
        .await?
        .expect()?;
    let session = visitor
        .post(
            "/auth/register",
            json!({
                "username": username, "email": format!("{username}@example.org"),
                "password": PASSWORD, "full_name": username, "role": role,
                "invitation_code": invitation["code"],
            }),
        )
        .await?
        .expect()?;
    visitor.with_session(&session)
}

/// Creates a class and returns its id.
pub async fn create_class(teacher: &Api, name: &str) -> anyhow::Result<String> {
    let class = teacher
        .post("/classes", json!({ "name": name, "grade": "高二", "semester": "2026-2027-1" }))
        .await?
        .expect()?;
    text(&class, "id")
}

/// Imports a roster and returns the first passwords.
pub async fn enroll(teacher: &Api, class: &str, pupils: &[Pupil]) -> anyhow::Result<Vec<Value>> {
    let import = teacher
        .upload("/roster-imports", class, "名单.xlsx", school::roster(pupils)?)
        .await?
        .expect()?;
    let import = text(&import, "id")?;
    teacher.post(&format!("/roster-imports/{import}/commit"), json!({})).await?.expect()?;
    let passwords = teacher
        .post(&format!("/roster-imports/{import}/first-passwords"), json!({}))
        .await?
        .expect()?;
    Ok(passwords["items"].as_array().context("items")?.clone())
}

/// Imports mistakes of real questions and returns how many rows there were.
pub async fn import_mistakes(
    teacher: &Api,
    class: &str,
    pupils: &[Pupil],
    items: &[SingleChoice],
) -> anyhow::Result<usize> {
    let answers = school::wrong_answers(pupils, items);
    let import = teacher
        .upload("/mistake-imports", class, "错题.xlsx", school::mistakes(&answers)?)
        .await?
        .expect()?;
    let import = text(&import, "id")?;
    teacher.post(&format!("/mistake-imports/{import}/commit"), json!({})).await?.expect()?;
    Ok(answers.len())
}

/// Waits until no mistake of the class waits for its analysis.
pub async fn analysed(teacher: &Api, class: &str, limit: Duration) -> anyhow::Result<()> {
    let deadline = Instant::now() + limit;
    for status in ["queued", "running"] {
        let path = format!("/mistakes?class_id={class}&analysis_status={status}&limit=1");
        while !teacher.get(&path).await?.expect()?["items"].as_array().context("items")?.is_empty()
        {
            if Instant::now() > deadline {
                bail!("mistakes are still {status} after {limit:?}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(())
}

/// Asks for a document and waits for its file.
pub async fn print(api: &Api, order: Value, limit: Duration) -> anyhow::Result<Vec<u8>> {
    let task = api.post("/exports/tasks", order).await?.expect()?;
    let id = text(&task, "id")?;
    finished(api, &id, limit).await?;
    let file = api.send(api.request(Method::GET, &format!("/exports/tasks/{id}/file"))).await?;
    anyhow::ensure!(file.status.is_success(), "the file answered {}", file.status);
    Ok(file.body)
}

/// Waits until an export has its file.
pub async fn finished(api: &Api, task: &str, limit: Duration) -> anyhow::Result<Value> {
    let deadline = Instant::now() + limit;
    loop {
        let task = api.get(&format!("/exports/tasks/{task}")).await?.expect()?;
        match task["status"].as_str().context("status")? {
            "completed" => return Ok(task),
            "queued" | "running" if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            _ => bail!("the export ended as {task}"),
        }
    }
}

/// Returns a text field.
pub fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    let text = value[field].as_str().with_context(|| format!("no {field} in {value}"))?;
    Ok(text.to_owned())
}
