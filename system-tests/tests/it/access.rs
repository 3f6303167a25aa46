//! Who may see what: every endpoint with every role, a stranger and no token.

use std::{fs, path::Path};

use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use system_tests::{Api, Installation, school};

use crate::support::{PASSWORD, create_class, enroll, found, invite, text};

/// One line of the table in `gateway/ACCESS.md`.
struct Line {
    method: Method,
    path: String,
    /// Allowed answers for nobody, student, teacher and administrator.
    expected: [String; 4],
}

fn table() -> Vec<Line> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/ACCESS.md");
    let text = fs::read_to_string(file).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [method, path, expected @ ..] = cells.as_slice() else {
            return None;
        };
        let method =
            ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(method).then_some(*method)?;
        let expected = expected.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        Some(Line {
            method: method.parse().ok()?,
            path: (*path).to_owned(),
            expected: expected.try_into().ok()?,
        })
    });
    rows.collect()
}

/// What belongs to the school that is asked about.
struct Home {
    class: String,
    student: String,
    teacher: String,
    session: String,
    invitation: String,
    code: String,
    mistake: String,
    roster_import: String,
    mistake_import: String,
    task: String,
    /// Of the class of the one who asks.
    join_code: String,
    refresh_token: String,
}

impl Home {
    /// Puts identifiers into a path.
    fn fill(&self, path: &str) -> String {
        let id = match path.split('/').nth(1).unwrap_or_default() {
            "auth" => &self.session,
            "users" | "students" => &self.student,
            "organizations" => &self.invitation,
            "classes" => &self.class,
            "roster-imports" => &self.roster_import,
            "mistake-imports" => &self.mistake_import,
            "exports" => &self.task,
            _ => &self.mistake,
        };
        path.replace("{student_id}", &self.student)
            .replace("{teacher_id}", &self.teacher)
            .replace("{mistake_id}", &self.mistake)
            .replace("{knowledge_point_id}", "verb.tense")
            .replace("{code}", &self.code)
            .replace("{id}", id)
    }

    /// Returns a body that would be accepted from those who may.
    fn body(&self, method: &Method, path: &str, turn: usize) -> Option<Value> {
        let fresh = |word: &str| format!("{word}{}", uuid::Uuid::now_v7().simple());
        let mistake = || {
            json!({
                "student_id": self.student, "type": "grammar", "question": "He ___ to school.",
                "wrong_answer": "go", "correct_answer": "goes",
            })
        };
        Some(match (method.as_str(), path) {
            ("POST", "/auth/register") => json!({
                "username": fresh("u"), "password": PASSWORD, "full_name": "新人", "role": "teacher",
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
            ("PATCH", "/organizations/current") => json!({ "name": format!("学校 {turn}") }),
            ("POST", "/organizations/current/invitations") => json!({ "role": "student" }),
            ("POST", "/organizations/join") => json!({ "invitation_code": self.code }),
            ("POST", "/classes") => json!({ "name": "高一（1）班" }),
            ("POST", "/classes/join") => json!({ "join_code": self.join_code }),
            ("PATCH", "/classes/{id}") => json!({ "name": "别人的班" }),
            ("POST", "/classes/{id}/assistants") => json!({ "teacher_id": self.teacher }),
            ("POST", "/classes/{id}/enrollments") => json!({ "student_ids": [self.student] }),
            ("POST", "/classes/{id}/enrollments/{student_id}/end") => json!({ "status": "left" }),
            ("PATCH", "/students/{id}") => json!({ "study_goal": "130 分" }),
            ("POST", "/mistakes") => mistake(),
            ("POST", "/mistakes/batch") => json!({ "mistakes": [mistake()] }),
            ("POST", "/mistakes/changes") => {
                json!({ "mistake_ids": [self.mistake], "status": "ignored" })
            }
            ("PATCH", "/mistakes/{id}") => json!({ "topic": "时态" }),
            ("POST", "/reviews/{mistake_id}/answers") => {
                json!({ "id": uuid::Uuid::now_v7(), "answer": "goes" })
            }
            ("POST", "/exports/tasks") => json!({
                "document": "mistake_book", "format": "pdf", "student_id": self.student,
            }),
            ("POST", "/ai/grammar-checks") => json!({ "text": "He go to school." }),
            ("POST", "/ai/text-profiles") => json!({ "text": "He goes to school." }),
            ("PUT", "/ai/budget") => json!({ "budget": 10.0 }),
            _ => return None,
        })
    }

    fn query(&self, line: &Line, role: usize) -> String {
        match line.path.as_str() {
            // Students ask for themselves, the others for a student who is not theirs.
            "/reviews/due" | "/reviews" if role > 1 => format!("?student_id={}", self.student),
            "/reviews/calendar" if role > 1 => {
                format!("?student_id={}&from=2026-11-01&until=2026-11-30", self.student)
            }
            "/reviews/calendar" => "?from=2026-11-01&until=2026-11-30".to_owned(),
            "/users/search" => "?query=a".to_owned(),
            _ => String::new(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_what_is_not_theirs() {
    let installation = Installation::start().await.unwrap();
    let visitor = installation.visitor().unwrap();
    let (mut home, admin) = home(&installation).await;
    let away = found(&installation, "away").await.unwrap();
    let away_student = invite(&visitor, &away.admin, "away_student", "student").await.unwrap();
    let class = away.teacher.get(&format!("/classes/{}", away.class)).await.unwrap();
    let away_code = text(&class.expect().unwrap(), "join_code").unwrap();
    // Of the same school, without any tie to the class.
    let colleague = invite(&visitor, &admin, "colleague", "teacher").await.unwrap();
    let neighbour = invite(&visitor, &admin, "neighbour", "student").await.unwrap();
    let own_class = create_class(&colleague, "高一（9）班").await.unwrap();
    let class = colleague.get(&format!("/classes/{own_class}")).await.unwrap();
    let neighbour_code = text(&class.expect().unwrap(), "join_code").unwrap();

    let strangers: [(&str, usize, &Api, &str, &str); 6] = [
        ("nobody", 0, &visitor, &away_code, ""),
        ("student of another school", 1, &away_student, &away_code, "away_student"),
        ("teacher of another school", 2, &away.teacher, &away_code, "away_teacher"),
        ("administrator of another school", 3, &away.admin, &away_code, "away_admin"),
        ("student of another class", 1, &neighbour, &neighbour_code, "neighbour"),
        ("teacher of another class", 2, &colleague, &neighbour_code, "colleague"),
    ];
    let mut lines = table();
    assert!(lines.len() > 90, "{} lines", lines.len());
    // What ends the sessions of the one who asks comes last.
    lines.sort_by_key(|line| line.path.starts_with("/auth/logout"));
    let mut wrong = Vec::new();
    for (turn, line) in lines.iter().enumerate() {
        for (who, role, api, join_code, name) in strangers {
            home.join_code = join_code.to_owned();
            let session = visitor.post(
                "/auth/login",
                json!({
                    "username": "home_admin", "password": PASSWORD,
                }),
            );
            if line.path == "/auth/refresh" {
                let session = session.await.unwrap().expect().unwrap();
                home.refresh_token = text(&session, "refresh_token").unwrap();
            }
            // What ends sessions is tried with a session of its own.
            let api = if role > 0 && line.path.starts_with("/auth/logout") {
                &visitor.sign_in(name, PASSWORD).await.unwrap()
            } else {
                api
            };
            let status = ask(api, &home, line, role, turn).await;
            if !allowed(&line.expected[role], status) {
                wrong.push(format!(
                    "{} {} for {who}: {status}, expected {}",
                    line.method, line.path, line.expected[role]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn ask(api: &Api, home: &Home, line: &Line, role: usize, turn: usize) -> StatusCode {
    let path = home.fill(&line.path) + &home.query(line, role);
    let mut request = api.request(line.method.clone(), &path);
    if line.method == Method::POST && line.path.ends_with("-imports") {
        let file = Part::bytes(b"\xef\xbb\xbfa,b\n1,2\n".to_vec()).file_name("a.csv");
        request =
            request.multipart(Form::new().text("class_id", home.class.clone()).part("file", file));
    } else if let Some(body) = home.body(&line.method, &line.path, turn) {
        request = request.json(&body);
    } else if line.path.ends_with("/socket") {
        request = request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    }
    api.send(request).await.unwrap().status
}

fn allowed(expected: &str, status: StatusCode) -> bool {
    let refused = [401, 403, 404].contains(&status.as_u16());
    expected.split('/').any(|word| match word {
        "ok" => !refused && !status.is_server_error(),
        code => code.parse() == Ok(status.as_u16()),
    })
}

/// Makes a school where there is one of everything.
async fn home(installation: &Installation) -> (Home, Api) {
    let visitor = installation.visitor().unwrap();
    let school = found(installation, "home").await.unwrap();
    let (teacher, class) = (&school.teacher, &school.class);
    let pupils = school::pupils(2);
    enroll(teacher, class, &pupils).await.unwrap();
    let first = async |path: &str| {
        let list = teacher.get(path).await.unwrap().expect().unwrap();
        text(&list["items"][0], "id").unwrap()
    };
    let student = first(&format!("/students?class_id={class}")).await;
    let mistake = json!({
        "student_id": student, "type": "grammar", "question": "She ___ to school every day.",
        "wrong_answer": "go", "correct_answer": "goes",
    });
    let mistake = teacher.post("/mistakes", mistake).await.unwrap().expect().unwrap();
    let sheet = "学号,题目,错误答案,正确答案\n".to_owned()
        + &format!("{},They ___ here.,is,are\n", pupils[0].number);
    let import = teacher.upload("/mistake-imports", class, "错题.csv", sheet.into()).await;
    let import = import.unwrap().expect().unwrap();
    let order = json!({ "document": "mistake_book", "format": "pdf", "student_id": student });
    let task = teacher.post("/exports/tasks", order).await.unwrap().expect().unwrap();
    let invitation = json!({ "role": "student", "max_uses": 500 });
    let invitation = school.admin.post("/organizations/current/invitations", invitation).await;
    let invitation = invitation.unwrap().expect().unwrap();
    let session = json!({ "username": "home_teacher", "password": PASSWORD });
    let session = visitor.post("/auth/login", session).await.unwrap().expect().unwrap();
    let home = Home {
        class: class.clone(),
        student,
        teacher: text(&session["user"], "id").unwrap(),
        session: text(&session, "session_id").unwrap(),
        invitation: text(&invitation, "id").unwrap(),
        code: text(&invitation, "code").unwrap(),
        mistake: text(&mistake, "id").or_else(|_| text(&mistake["mistake"], "id")).unwrap(),
        roster_import: first(&format!("/roster-imports?class_id={class}")).await,
        mistake_import: text(&import, "id").unwrap(),
        task: text(&task, "id").unwrap(),
        join_code: String::new(),
        refresh_token: String::new(),
    };
    (home, school.admin)
}
