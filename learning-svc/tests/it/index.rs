//! What can be found by meaning: whose, without names, and nothing that was deleted.

use std::{sync::atomic::Ordering, time::Duration};

use chrono::TimeDelta;
use kit::{
    caller::{Caller, Role},
    clock::Clock as _,
    testing::request,
};
use learning_svc::store::{
    mistake_jobs::{self, Kind},
    mistakes,
};
use proto::learning::v1::{self as pb, mistake_service_server::MistakeService as _};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::practice::{School, eventually};

#[tokio::test]
async fn names_are_kept_from_analyses_and_from_the_index() {
    let school = School::new().await;
    school.classmate("王小明").await;
    school.classmate("Li Lei").await;
    let question = "王小明 and LI LEI like 林晓雨 (20260001), Wang Xiaoming ___.";
    let id = school.record(question).await.id;
    school.work().await;
    let hidden = "某某某 and XX XXX like 某某某 (00000000), Xxxx Xxxxxxxx ___.";
    assert_eq!(school.ai.asked.lock().unwrap().take().unwrap().question, hidden);
    assert_eq!(school.ai.items.lock().unwrap()[&id].1, format!("{hidden}\ngoes"));
    assert_eq!(school.get(&school.student, &id).await.unwrap().question, question);
}

#[tokio::test]
async fn mistake_that_is_deleted_while_it_is_indexed_is_forgotten_afterwards() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    let turn = || {
        let analyst = school.practice.analyst.clone();
        tokio::spawn(async move {
            Box::pin(analyst.turn(Uuid::now_v7(), &CancellationToken::new())).await
        })
    };
    turn().await.unwrap().unwrap();
    school.ai.slow_index.store(true, Ordering::SeqCst);
    let indexing = turn();
    eventually("taken", async || {
        let taken = "SELECT count(*) FROM mistake_jobs WHERE kind = 'index' AND worker IS NOT NULL";
        school.number(taken).await == 1
    })
    .await;
    let message = pb::DeleteMistakeRequest { mistake_id: id };
    school.mistakes.delete_mistake(request(&school.student, message)).await.unwrap();
    school.work().await;
    school.ai.slow_index.store(false, Ordering::SeqCst);
    eventually("indexed late", async || school.ai.indexed() == 1).await;
    tokio::time::timeout(Duration::from_secs(5), indexing).await.unwrap().unwrap().unwrap();
    school.pass(TimeDelta::minutes(2));
    school.work().await;
    assert_eq!(school.ai.indexed(), 0);
    assert_eq!(school.number("SELECT count(*) FROM mistake_jobs").await, 0);
}

#[tokio::test]
async fn deleted_mistake_is_forgotten_however_long_the_index_is_slow() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    school.work().await;
    school.ai.slow_forget.store(true, Ordering::SeqCst);
    let message = pb::DeleteMistakeRequest { mistake_id: id };
    school.mistakes.delete_mistake(request(&school.student, message)).await.unwrap();
    for _ in 0..20 {
        school.work().await;
        school.pass(TimeDelta::minutes(10));
    }
    let tries = "SELECT attempts::bigint FROM mistake_jobs WHERE kind = 'forget'";
    assert_eq!(school.number(tries).await, 20);
    assert_eq!(school.ai.indexed(), 1);
    let limit = school.ai.forget_limit.lock().unwrap().take();
    assert_eq!(limit.as_deref(), Some("60000m"), "as long as indexing");

    school.ai.slow_forget.store(false, Ordering::SeqCst);
    school.work().await;
    assert_eq!(school.ai.indexed(), 0);
    assert_eq!(school.number("SELECT count(*) FROM mistake_jobs").await, 0);
}

#[tokio::test]
async fn work_of_a_caller_is_taken_without_reading_the_queue() {
    let school = School::new().await;
    let now = school.clock.now();
    for (kind, students) in [("index", 1_000), ("analyse", 1_000), ("analyse", 1)] {
        school.sql("DELETE FROM mistake_jobs", &[]).await;
        school
            .sql(
                "INSERT INTO mistake_jobs (mistake_id, kind, student_id, user_id, role, organization_id,
                                           request_id, is_bulk, not_before, queued_at)
                 SELECT gen_random_uuid(), $1, s.id, CASE WHEN $1 = 'index' THEN s.id ELSE $2 END,
                        'teacher', $2, '', true, $3, $3
                   FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $4)) s
                  CROSS JOIN generate_series(1, 20000 / $4)",
                &[&kind, &school.teacher.user_id, &now, &students],
            )
            .await;
        let mut db = school.db.pool.get().await.unwrap();
        db.batch_execute("ANALYZE mistake_jobs").await.unwrap();
        let tx = db.transaction().await.unwrap();
        let read = async || -> i64 {
            let sql = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
                        WHERE relname = 'mistake_jobs'";
            tx.query_one(sql, &[]).await.unwrap().get(0)
        };
        let before = read().await;
        let kind = if kind == "index" { Kind::Index } else { Kind::Analyse };
        let (worker, lease) = (Uuid::now_v7(), TimeDelta::seconds(8));
        let taken = mistake_jobs::take(&tx, kind, worker, 20, now, lease).await.unwrap();
        assert_eq!(taken.unwrap().mistakes.len(), 20);
        let read = read().await - before;
        assert!(read < 500, "{read} rows of 20,000 for {kind:?} of {students}");
    }
}

#[tokio::test]
async fn similar_mistakes_are_found_in_a_large_school() {
    let school = School::new().await;
    school
        .sql(
            "INSERT INTO students (user_id, organization_id, username, full_name, created_at, updated_at)
             SELECT gen_random_uuid(), $1, gen_random_uuid()::text, '学生', now(), now()
               FROM generate_series(1, 2500)",
            &[&school.organization],
        )
        .await;
    // Sorted by id, the last of all.
    let last = Caller { user_id: Uuid::max(), ..school.caller(Role::Student) };
    school.add_student(&last, "王小明", None).await;
    let one = school.record("He likes ___.").await.id;
    let new = pb::NewMistake {
        student_id: last.user_id.to_string(),
        ..school.new_mistake("He loves ___.")
    };
    let other = school.create(&last, new).await.unwrap().mistake.unwrap().id;
    school.work().await;
    let admin = school.caller(Role::Admin);
    let message = pb::ListSimilarMistakesRequest { mistake_id: one, all_students: true, limit: 0 };
    let similar = school.mistakes.list_similar_mistakes(request(&admin, message)).await.unwrap();
    let similar = similar.into_inner().similar;
    let found: Vec<_> = similar.into_iter().map(|one| one.mistake.unwrap().id).collect();
    assert_eq!(found, [other]);
}

#[tokio::test]
async fn long_queue_is_counted_up_to_a_hundred_thousand() {
    let school = School::new().await;
    let now = school.clock.now();
    school
        .sql(
            "INSERT INTO mistake_jobs (mistake_id, kind, student_id, user_id, role, organization_id,
                                       request_id, is_bulk, not_before, queued_at)
             SELECT gen_random_uuid(), 'index', $1, $1, 'student', $1, '', true, $2, $2
               FROM generate_series(1, 100001)",
            &[&school.student.user_id, &(now - TimeDelta::hours(1))],
        )
        .await;
    let db = school.db.pool.get().await.unwrap();
    let depths = mistake_jobs::depths(&db, now).await.unwrap();
    let depths: Vec<_> =
        depths.iter().map(|one| (one.kind.as_str(), one.waiting, one.oldest.is_some())).collect();
    assert_eq!(depths, [("analyse", 0, false), ("forget", 0, false), ("index", 100_000, true)]);
}

#[tokio::test]
async fn diagnosis_tells_what_should_be_found_and_what_was_given_up() {
    let school = School::new().await;
    let db = school.db.pool.get().await.unwrap();
    let told = async || {
        let (any, failed) = (mistakes::any_indexed(&db).await, mistakes::unanalysed(&db).await);
        (any.unwrap(), failed.unwrap())
    };
    assert_eq!(told().await, (false, 0));
    let id = school.record("He ___.").await.id;
    let turn = school.practice.analyst.turn(Uuid::now_v7(), &school.stop);
    Box::pin(turn).await.unwrap();
    assert_eq!(told().await, (false, 0), "it waits to be indexed");
    school.work().await;
    assert_eq!(told().await, (true, 0));
    school.sql("UPDATE mistakes SET analysis_status = 'failed'", &[]).await;
    assert_eq!(told().await, (true, 1));
    let message = pb::DeleteMistakeRequest { mistake_id: id };
    school.mistakes.delete_mistake(request(&school.student, message)).await.unwrap();
    assert_eq!(told().await, (false, 0));
}

#[tokio::test]
async fn lost_index_is_made_anew_from_the_records() {
    let school = School::new().await;
    let ids = [school.record("He ___.").await.id, school.record("She ___.").await.id];
    let gone = school.record("It ___.").await.id;
    let message = pb::DeleteMistakeRequest { mistake_id: gone };
    school.mistakes.delete_mistake(request(&school.student, message)).await.unwrap();
    school.work().await;
    let before = school.ai.items.lock().unwrap().clone();
    assert!(before.len() == 2 && ids.iter().all(|id| before.contains_key(id)));

    school.ai.items.lock().unwrap().clear();
    let db = school.db.pool.get().await.unwrap();
    // What waits already is not queued twice.
    for expected in [2, 0] {
        let (mut queued, mut after) = (0, Some(Uuid::nil()));
        while let Some(last) = after {
            let step = mistake_jobs::reindex(&db, last, 1, school.clock.now()).await.unwrap();
            (queued, after) = (queued + step.queued, step.last);
        }
        assert_eq!(queued, expected);
    }
    school.work().await;
    assert_eq!(*school.ai.items.lock().unwrap(), before);
}
