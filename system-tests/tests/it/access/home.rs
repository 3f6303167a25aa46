//! A school with one of everything, and what a request of one who belongs there is about.

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Api, Installation, school};

use super::{
    request::Target,
    table::{Line, Role},
};
use crate::support::{PASSWORD, create_class, enroll, finished, found, invite, text};

/// Somebody with a session.
#[derive(Clone, Debug)]
pub struct Person {
    pub api: Api,
    pub id: String,
    pub username: String,
}

impl Person {
    pub async fn of(api: Api) -> Self {
        let me = got(&api, "/users/me").await;
        Self { api, id: text(&me, "id").unwrap(), username: text(&me, "username").unwrap() }
    }
}

/// The school that everybody asks about.
pub struct Home {
    visitor: Api,
    pub pupil: Person,
    pub former: Person,
    pub assistant: Person,
    pub head: Person,
    pub admin: Person,
    /// Of the school, without any tie to the class.
    pub colleague: Person,
    pub neighbour: Person,
    /// What those who do not belong there ask about.
    pub standing: Target,
}

async fn got(api: &Api, path: &str) -> Value {
    api.get(path).await.unwrap().expect().unwrap()
}

async fn posted(api: &Api, path: &str, body: Value) -> Value {
    api.post(path, body).await.unwrap().expect().unwrap()
}

impl Home {
    pub async fn found(installation: &Installation) -> Self {
        let visitor = installation.visitor().unwrap();
        let school = found(installation, "home").await.unwrap();
        let joined = async |name: &str, role: &str| {
            Person::of(invite(&visitor, &school.admin, name, role).await.unwrap()).await
        };
        let pupils = school::pupils(2);
        let passwords = enroll(&school.teacher, &school.class, &pupils).await.unwrap();
        let mut enrolled = Vec::new();
        for first in &passwords {
            let (username, first) = (text(first, "username"), text(first, "password"));
            let (username, first) = (username.unwrap(), first.unwrap());
            let api = visitor.sign_in(&username, &first).await.unwrap();
            let change = json!({ "old_password": first, "new_password": PASSWORD });
            api.post("/auth/change-password", change).await.unwrap();
            let api = visitor.sign_in(&username, PASSWORD).await.unwrap();
            enrolled.push(Person::of(api).await);
        }
        let [pupil, former] = enrolled.try_into().unwrap();
        let pupil_profile = got(&school.teacher, &format!("/students/{}", pupil.id)).await;
        let helper = joined("home_helper", "teacher").await;
        let mut home = Self {
            former,
            assistant: joined("home_assistant", "teacher").await,
            head: Person::of(school.teacher.clone()).await,
            admin: Person::of(school.admin.clone()).await,
            colleague: joined("colleague", "teacher").await,
            neighbour: joined("neighbour", "student").await,
            visitor: visitor.clone(),
            standing: Target {
                class: school.class.clone(),
                student: pupil.id.clone(),
                student_no: text(&pupil_profile, "student_no").unwrap(),
                user: pupil.id.clone(),
                ..Target::default()
            },
            pupil,
        };
        home.standing.assistant.clone_from(&home.assistant.id);
        home.standing.helper = helper.id;
        home.standing.neighbour.clone_from(&home.neighbour.id);
        home.settle(&school.class, false).await;
        home.standing.session = home.session(&home.head).await.0;
        home.standing.mistake = home.mistake(&home.pupil.id).await;
        home.standing.roster_import = home.import("roster-imports", &home.standing).await;
        home.standing.mistake_import = home.import("mistake-imports", &home.standing).await;
        home.standing.task = home.task(&home.head, &home.standing).await;
        let invitation = json!({ "role": "student", "max_uses": 500 });
        let invitation =
            posted(&home.admin.api, "/organizations/current/invitations", invitation).await;
        home.standing.invitation = text(&invitation, "id").unwrap();
        home.standing.code = text(&invitation, "code").unwrap();
        home
    }

    /// Gives a class of the head its assistant, its pupil, and one who has left.
    async fn settle(&self, class: &str, is_empty: bool) {
        let api = &self.head.api;
        if is_empty {
            let both = json!({ "student_ids": [self.pupil.id, self.former.id] });
            posted(api, &format!("/classes/{class}/enrollments"), both).await;
        }
        let assistant = json!({ "teacher_id": self.assistant.id });
        posted(api, &format!("/classes/{class}/assistants"), assistant).await;
        let end = format!("/classes/{class}/enrollments/{}/end", self.former.id);
        posted(api, &end, json!({ "status": "left" })).await;
    }

    async fn class(&self) -> String {
        let class = create_class(&self.head.api, "高一（5）班").await.unwrap();
        self.settle(&class, true).await;
        class
    }

    /// Returns id and refresh token of a session.
    pub async fn session(&self, of: &Person) -> (String, String) {
        let login = json!({ "username": of.username, "password": PASSWORD });
        let session = posted(&self.visitor, "/auth/login", login).await;
        (text(&session, "session_id").unwrap(), text(&session, "refresh_token").unwrap())
    }

    async fn mistake(&self, student: &str) -> String {
        let mistake = json!({
            "student_id": student, "type": "grammar", "wrong_answer": "go",
            "question": format!("She ___ to school number {}.", uuid::Uuid::now_v7()),
            "correct_answer": "goes",
        });
        text(&posted(&self.head.api, "/mistakes", mistake).await, "id").unwrap()
    }

    async fn import(&self, area: &str, target: &Target) -> String {
        let (path, sheet) = (format!("/{area}"), target.sheet(area).into_bytes());
        let import = self.head.api.upload(&path, &target.class, "a.csv", sheet).await.unwrap();
        text(&import.expect().unwrap(), "id").unwrap()
    }

    /// Returns a task of `of` that has its file.
    async fn task(&self, of: &Person, target: &Target) -> String {
        let task = posted(&of.api, "/exports/tasks", target.order("")).await;
        let id = text(&task, "id").unwrap();
        finished(&of.api, &id, std::time::Duration::from_secs(30)).await.unwrap();
        id
    }

    async fn newcomer(&self) -> String {
        let name = format!("n{}", uuid::Uuid::now_v7().simple());
        let users =
            json!({ "users": [{ "username": name, "full_name": "新", "role": "student" }] });
        let users = posted(&self.admin.api, "/users/batch", users).await;
        let id = text(&users["items"][0]["user"], "id").unwrap();
        let path = format!("/classes/{}/enrollments", self.standing.class);
        posted(&self.head.api, &path, json!({ "student_ids": [id] })).await;
        id
    }

    /// Returns what a request of `role`, who belongs there, is about: things that the request may
    /// change, made for it alone.
    pub async fn target(&self, line: &Line, role: Role, asker: &Person) -> Target {
        let mut target = self.standing.clone();
        let is_student = matches!(role, Role::Pupil | Role::Former);
        if is_student {
            target.student.clone_from(&asker.id);
            target.user.clone_from(&asker.id);
        }
        let changes = line.method != Method::GET;
        let area = line.area();
        if changes && ["classes", "roster-imports", "mistake-imports"].contains(&area) {
            target.class = self.class().await;
            // Who has left stays enrolled nowhere.
            if line.path.contains("/enrollments/") {
                target.student.clone_from(&self.pupil.id);
            }
            let class = got(&self.head.api, &format!("/classes/{}", target.class)).await;
            target.join_code = text(&class, "join_code").unwrap();
        }
        match area {
            "auth" if line.path.contains("session") || line.path.ends_with("refresh") => {
                (target.session, target.refresh_token) = self.session(asker).await;
            }
            "users" if changes && !is_student && line.path.contains("{id}") => {
                target.user = self.newcomer().await;
            }
            "organizations" if changes && line.path.contains("{id}") && !is_student => {
                let new = json!({ "role": "student" });
                let new = posted(&asker.api, "/organizations/current/invitations", new).await;
                target.invitation = text(&new, "id").unwrap();
            }
            "roster-imports" if changes && line.path.contains("{id}") => {
                target.roster_import = self.import(area, &target).await;
                if !line.path.ends_with("/commit") {
                    let path = format!("/roster-imports/{}/commit", target.roster_import);
                    posted(&self.head.api, &path, json!({})).await;
                }
            }
            "mistake-imports" if changes && line.path.contains("{id}") => {
                target.mistake_import = self.import(area, &target).await;
                if !line.path.ends_with("/commit") {
                    let path = format!("/mistake-imports/{}/commit", target.mistake_import);
                    posted(&self.head.api, &path, json!({})).await;
                }
            }
            "mistakes" | "reviews" => {
                target.mistake = self.mistake(&target.student).await;
                if line.path.ends_with("/restore") {
                    let path = format!("/mistakes/{}", target.mistake);
                    self.head.api.delete(&path).await.unwrap().expect().unwrap();
                }
            }
            "exports" if line.path.contains("{id}") => {
                target.task = self.task(asker, &target).await;
            }
            _ => {}
        }
        target
    }
}
