//! The request that belongs to a line of the table.

use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use system_tests::Api;
use uuid::Uuid;

use super::table::Line;
use crate::support::PASSWORD;

/// What a request is about.
#[derive(Clone, Debug, Default)]
pub struct Target {
    pub class: String,
    pub student: String,
    pub student_no: String,
    /// Somebody's account.
    pub user: String,
    /// Teaches in the class as an assistant.
    pub assistant: String,
    /// A teacher and a student of the school, to be taken into the class.
    pub helper: String,
    pub neighbour: String,
    pub session: String,
    pub refresh_token: String,
    pub invitation: String,
    pub code: String,
    pub join_code: String,
    pub mistake: String,
    pub roster_import: String,
    pub mistake_import: String,
    pub task: String,
}

impl Target {
    pub fn path(&self, line: &Line) -> String {
        let id = match line.area() {
            "auth" => &self.session,
            "users" => &self.user,
            "students" => &self.student,
            "organizations" => &self.invitation,
            "classes" => &self.class,
            "roster-imports" => &self.roster_import,
            "mistake-imports" => &self.mistake_import,
            "exports" => &self.task,
            _ => &self.mistake,
        };
        line.path
            .replace("{student_id}", &self.student)
            .replace("{teacher_id}", &self.assistant)
            .replace("{mistake_id}", &self.mistake)
            .replace("{knowledge_point_id}", "verb.tense")
            .replace("{code}", &self.code)
            .replace("{id}", id)
    }

    fn query(&self, line: &Line) -> String {
        let mut query = match line.path.as_str() {
            "/reviews/calendar" => {
                vec!["from=2026-11-01".to_owned(), "until=2026-11-30".to_owned()]
            }
            "/users/search" => vec!["query=a".to_owned()],
            _ => Vec::new(),
        };
        match line.field.as_str() {
            "?class_id" => query.push(format!("class_id={}", self.class)),
            "?student_id" => query.push(format!("student_id={}", self.student)),
            "?mistake_id" => query.push(format!("mistake_id={}", self.mistake)),
            _ => {}
        }
        if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) }
    }

    fn mistake(&self) -> Value {
        json!({
            "student_id": self.student, "type": "grammar",
            "question": format!("He ___ to school number {}.", Uuid::now_v7()),
            "wrong_answer": "go", "correct_answer": "goes",
        })
    }

    /// Returns a body that is accepted from those who may.
    pub fn body(&self, line: &Line) -> Option<Value> {
        let fresh = |word: &str| format!("{word}{}", Uuid::now_v7().simple());
        Some(match (line.method.as_str(), line.path.as_str()) {
            ("POST", "/auth/register") => json!({
                "username": fresh("u"), "password": PASSWORD, "full_name": "新人", "role": "teacher",
                "organization_name": fresh("学校"),
            }),
            ("POST", "/auth/login") => json!({ "username": "home_admin", "password": PASSWORD }),
            ("POST", "/auth/refresh") => json!({ "refresh_token": self.refresh_token }),
            ("POST", "/auth/password-resets") => json!({ "email": "nobody@example.org" }),
            ("POST", "/auth/password-resets/confirm") => {
                json!({ "token": "made up", "new_password": "Fresh1234" })
            }
            ("POST", "/auth/change-password") => {
                json!({ "old_password": "Wrong1234", "new_password": "Fresh1234" })
            }
            ("PATCH", "/users/me") => json!({ "locale": "en" }),
            ("POST", "/users/batch") => json!({ "users": [{
                "username": fresh("b"), "full_name": "学生", "role": "student",
            }] }),
            ("PATCH", "/users/{id}") => json!({ "phone": "13800000000" }),
            ("PUT", "/users/{id}/role") => json!({ "role": "teacher" }),
            ("PATCH", "/organizations/current") => json!({ "type": "school" }),
            ("POST", "/organizations/current/invitations") => json!({ "role": "student" }),
            ("POST", "/organizations/join") => json!({ "invitation_code": self.code }),
            ("POST", "/classes") => json!({ "name": "高一（1）班" }),
            ("POST", "/classes/join") => json!({ "join_code": self.join_code }),
            ("PATCH", "/classes/{id}") => json!({ "name": "高一（2）班" }),
            ("POST", "/classes/{id}/assistants") => json!({ "teacher_id": self.helper }),
            ("POST", "/classes/{id}/enrollments") => json!({ "student_ids": [self.neighbour] }),
            ("POST", "/classes/{id}/enrollments/{student_id}/end") => json!({ "status": "left" }),
            ("PATCH", "/students/{id}") => json!({ "study_goal": "130 分" }),
            ("POST", "/mistakes") => self.mistake(),
            ("POST", "/mistakes/batch") => json!({ "mistakes": [self.mistake()] }),
            ("POST", "/mistakes/changes") => {
                json!({ "mistake_ids": [self.mistake], "status": "ignored" })
            }
            ("PATCH", "/mistakes/{id}") => json!({ "topic": "时态" }),
            ("POST", "/reviews/{mistake_id}/answers") => {
                json!({ "id": Uuid::now_v7(), "answer": "goes" })
            }
            ("POST", "/exports/tasks") => self.order(&line.field),
            ("POST", "/ai/grammar-checks") => json!({ "text": "He go to school." }),
            ("POST", "/ai/text-profiles") => json!({ "text": "He goes to school." }),
            ("PUT", "/ai/budget") => json!({ "budget": 10.0 }),
            _ => return None,
        })
    }

    /// Returns an order for a document.
    pub fn order(&self, field: &str) -> Value {
        match field {
            "{class_id}" => json!({
                "document": "class_mistake_books", "format": "pdf", "class_id": self.class,
            }),
            _ => json!({
                "document": "mistake_book", "format": "pdf", "student_id": self.student,
            }),
        }
    }

    /// Returns the spreadsheet for an import, with headings and one row.
    pub fn sheet(&self, area: &str) -> String {
        if area == "roster-imports" {
            let number = Uuid::now_v7().simple().to_string();
            format!("学号,姓名\n{},新生\n", &number[12..])
        } else {
            format!("学号,题目,错误答案,正确答案\n{},They ___ here.,is,are\n", self.student_no)
        }
    }
}

/// Asks as `api` does, and returns the status of the answer.
pub async fn ask(api: &Api, line: &Line, target: &Target) -> StatusCode {
    let path = target.path(line) + &target.query(line);
    let mut request = api.request(line.method.clone(), &path);
    if line.method == Method::POST && line.path.ends_with("-imports") {
        let file = Part::bytes(target.sheet(line.area()).into_bytes()).file_name("a.csv");
        let form = Form::new().text("class_id", target.class.clone()).part("file", file);
        request = request.multipart(form);
    } else if let Some(body) = target.body(line) {
        request = request.json(&body);
    } else if line.path.ends_with("/socket") {
        request = request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    }
    request.send().await.unwrap().status()
}
