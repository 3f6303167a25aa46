//! A part of learning-svc in this process, over a database of its own.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    caller::{Caller, Role},
    clock::{Frozen, SharedClock},
    config::CacheTtls,
    db::Reads,
    grpc::{self, ChannelConfig},
    redis::Cache,
    testing::{self, TestDb, request},
};
use learning_svc::{
    review::SchoolDays,
    server::{
        MistakeImportServer, MistakeServer, NotebookServer, Practice, ReviewServer,
        StatisticsServer,
    },
    store,
    upstream::{Ai, Auth},
};
use proto::learning::v1::{self as pb, mistake_service_server::MistakeService as _};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Status;
use uuid::Uuid;

use crate::{ai::Script, auth::Accounts};

pub struct School {
    pub db: TestDb,
    pub clock: Arc<Frozen>,
    pub ai: Arc<Script>,
    pub accounts: Arc<Accounts>,
    pub practice: Practice,
    pub mistakes: MistakeServer,
    pub reviews: ReviewServer,
    pub statistics: StatisticsServer,
    pub notebooks: NotebookServer,
    pub imports: MistakeImportServer,
    pub organization: Uuid,
    pub teacher: Caller,
    pub class: Uuid,
    pub student: Caller,
    pub stop: CancellationToken,
}

impl Drop for School {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl School {
    /// A class with one teacher and one student, nothing in the cache.
    pub async fn new() -> Self {
        Self::with(Cache::absent()).await
    }

    pub async fn with(cache: Cache) -> Self {
        let db = testing::database("learning", store::migrations()).await;
        // Monday, eight in the evening in China.
        let moment: DateTime<Utc> = "2026-03-02T12:00:00Z".parse().unwrap();
        let clock = Arc::new(Frozen::new(moment));
        let ai = Arc::<Script>::default();
        let url = ai.serve().await;
        let key = testing::common("learning-svc").caller_key;
        let channel = grpc::channel(&url, ChannelConfig::default(), key.clone()).unwrap();
        let accounts = Arc::<Accounts>::default();
        let url = accounts.serve().await;
        let auth = Auth::new(grpc::channel(&url, ChannelConfig::default(), key).unwrap());
        let shared: SharedClock = clock.clone();
        let minute = Duration::from_mins(1);
        let ttl = CacheTtls {
            student_profile: minute,
            student_kg: minute,
            user_profile: minute,
            class_students: minute,
        };
        let days = SchoolDays::default();
        let ai_svc = Ai::new(channel);
        let pools = (&db.pool, &Reads::from_primary());
        let practice = Practice::new(pools, &shared, days, (&ai_svc, &auth), (&cache, ttl));
        let organization = Uuid::now_v7();
        let teacher = Caller { organization_id: organization, ..testing::caller(Role::Teacher) };
        let student = Caller { organization_id: organization, ..testing::caller(Role::Student) };
        let school = Self {
            mistakes: MistakeServer::new(practice.mistakes.clone()),
            reviews: ReviewServer::new(practice.reviews.clone()),
            statistics: StatisticsServer::new(practice.statistics.clone()),
            notebooks: NotebookServer::new(practice.notebooks.clone()),
            imports: MistakeImportServer::new(practice.imports.clone()),
            practice,
            db,
            clock,
            ai,
            accounts,
            organization,
            class: Uuid::now_v7(),
            teacher,
            student,
            stop: CancellationToken::new(),
        };
        school.add_class(school.class, &school.teacher).await;
        school.add_student(&school.student, "林晓雨", Some("20260001")).await;
        school.enrol(school.class, &school.student).await;
        school
    }

    pub fn caller(&self, role: Role) -> Caller {
        Caller { organization_id: self.organization, ..testing::caller(role) }
    }

    pub async fn sql(&self, statement: &str, params: &[&(dyn kit::db::ToSql + Sync)]) -> u64 {
        self.db.pool.get().await.unwrap().execute(statement, params).await.unwrap()
    }

    pub async fn number(&self, query: &str) -> i64 {
        self.db.pool.get().await.unwrap().query_one(query, &[]).await.unwrap().get(0)
    }

    pub async fn add_class(&self, class: Uuid, teacher: &Caller) {
        self.sql(
            "INSERT INTO classes (id, organization_id, name, head_teacher_id, head_teacher_name,
                                  max_students, join_code, status, created_at, updated_at)
             VALUES ($1, $2, '高二（3）班', $3, '陈老师', 60, gen_random_uuid()::text, 'active', now(), now())",
            &[&class, &teacher.organization_id, &teacher.user_id],
        )
        .await;
    }

    pub async fn add_student(&self, student: &Caller, name: &str, number: Option<&str>) {
        self.sql(
            "INSERT INTO students (user_id, organization_id, username, full_name, student_no,
                                   cefr_level, created_at, updated_at)
             VALUES ($1, $2, gen_random_uuid()::text, $3, $4, 'B1', now(), now())",
            &[&student.user_id, &student.organization_id, &name, &number],
        )
        .await;
    }

    pub async fn enrol(&self, class: Uuid, student: &Caller) {
        self.sql(
            "INSERT INTO class_students (id, class_id, student_id, enrollment_status, enrolled_at)
             VALUES ($1, $2, $3, 'active', now())",
            &[&Uuid::now_v7(), &class, &student.user_id],
        )
        .await;
    }

    /// Adds another student to the class.
    pub async fn classmate(&self, name: &str) -> Caller {
        let student = self.caller(Role::Student);
        self.add_student(&student, name, None).await;
        self.enrol(self.class, &student).await;
        student
    }

    pub fn new_mistake(&self, question: &str) -> pb::NewMistake {
        pb::NewMistake {
            student_id: self.student.user_id.to_string(),
            r#type: pb::MistakeType::Grammar.into(),
            question: question.to_owned(),
            wrong_answer: "go".to_owned(),
            correct_answer: "goes".to_owned(),
            ..pb::NewMistake::default()
        }
    }

    /// Records a mistake of the student.
    pub async fn record(&self, question: &str) -> pb::Mistake {
        self.create(&self.student, self.new_mistake(question)).await.unwrap().mistake.unwrap()
    }

    pub async fn create(
        &self,
        caller: &Caller,
        mistake: pb::NewMistake,
    ) -> Result<pb::CreateMistakeResponse, Status> {
        let message = pb::CreateMistakeRequest { mistake: Some(mistake) };
        Ok(self.mistakes.create_mistake(request(caller, message)).await?.into_inner())
    }

    pub async fn get(&self, caller: &Caller, id: &str) -> Result<pb::Mistake, Status> {
        let message = pb::GetMistakeRequest { mistake_id: id.to_owned() };
        let answer = self.mistakes.get_mistake(request(caller, message)).await?;
        Ok(answer.into_inner().mistake.unwrap())
    }

    pub async fn list(
        &self,
        caller: &Caller,
        message: pb::ListMistakesRequest,
    ) -> Result<pb::ListMistakesResponse, Status> {
        Ok(self.mistakes.list_mistakes(request(caller, message)).await?.into_inner())
    }

    /// Lets one worker do everything that waits.
    pub async fn work(&self) {
        let worker = Uuid::now_v7();
        while Box::pin(self.practice.analyst.turn(worker, &self.stop)).await.unwrap() {}
    }

    /// Starts workers that run until the school closes.
    pub fn start_workers(&self, count: usize) {
        self.practice.start(count, &TaskTracker::new(), &self.stop);
    }

    pub fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }
}

/// Waits, for ten seconds at most, until something holds.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(holds().await, "{what}");
}

pub fn reason(status: &Status) -> String {
    kit::error::reason_of(status).unwrap_or_else(|| format!("{status:?}"))
}
