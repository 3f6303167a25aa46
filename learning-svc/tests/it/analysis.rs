//! Work in the background: never lost, whoever dies or is away.

use std::{sync::atomic::Ordering, time::Duration};

use chrono::TimeDelta;
use kit::testing::request;
use proto::learning::v1::{self as pb, mistake_service_server::MistakeService as _};
use tokio_util::sync::CancellationToken;
use tonic::Code;
use uuid::Uuid;

use crate::practice::{School, eventually};

#[tokio::test]
async fn analysis_and_index_follow_in_the_name_of_the_one_who_recorded() {
    let school = School::new().await;
    let created = school.create(&school.teacher, school.new_mistake("He ___.")).await.unwrap();
    let id = created.mistake.unwrap().id;
    school.work().await;
    let mistake = school.get(&school.student, &id).await.unwrap();
    assert_eq!(mistake.analysis_status(), pb::AnalysisStatus::Done);
    let analysis = mistake.analysis.unwrap();
    assert_eq!((analysis.source.as_str(), analysis.error_type.as_str()), ("rules", "R:VERB:TENSE"));
    assert_eq!(mistake.knowledge_points[0].id, "verb.agreement");
    let callers = school.ai.callers.lock().unwrap().clone();
    assert_eq!(callers, std::slice::from_ref(&school.teacher));
    let items = school.ai.items.lock().unwrap().clone();
    assert_eq!(items[&id].0, school.student.user_id.to_string());
    assert_eq!(school.number("SELECT count(*) FROM mistake_jobs").await, 0);
}

#[tokio::test]
async fn mistakes_of_one_student_are_analysed_together() {
    let school = School::new().await;
    let mate = school.classmate("王小明").await;
    let mut mistakes: Vec<_> = (0..25).map(|n| school.new_mistake(&format!("q{n}"))).collect();
    mistakes.push(pb::NewMistake {
        student_id: mate.user_id.to_string(),
        ..school.new_mistake("mate")
    });
    let message = pb::CreateMistakesRequest { mistakes };
    school.mistakes.create_mistakes(request(&school.teacher, message)).await.unwrap();
    school.work().await;
    let mut sizes: Vec<_> = school.ai.batches.lock().unwrap().iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 5, 20]);
    assert_eq!(school.ai.indexed(), 26);
}

#[tokio::test]
async fn work_of_a_killed_worker_is_taken_over() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    school.ai.slow.store(true, Ordering::SeqCst);
    let analyst = school.practice.analyst.clone();
    let killed = tokio::spawn(async move {
        Box::pin(analyst.turn(Uuid::now_v7(), &CancellationToken::new())).await
    });
    eventually("asked", async || school.ai.calls.load(Ordering::SeqCst) == 1).await;
    killed.abort();
    assert_eq!(
        school.get(&school.student, &id).await.unwrap().analysis_status(),
        pb::AnalysisStatus::Running
    );
    school.ai.slow.store(false, Ordering::SeqCst);
    school.work().await;
    assert_eq!(school.get(&school.student, &id).await.unwrap().analysis, None);
    school.pass(TimeDelta::seconds(10));
    school.work().await;
    assert!(school.get(&school.student, &id).await.unwrap().analysis.is_some());
}

#[tokio::test]
async fn work_waits_until_ai_is_back() {
    let school = School::new().await;
    school.ai.set_away(true);
    let id = school.record("He ___.").await.id;
    for _ in 0..20 {
        school.work().await;
        school.pass(TimeDelta::seconds(5));
    }
    let mistake = school.get(&school.student, &id).await.unwrap();
    assert_eq!(mistake.analysis_status(), pb::AnalysisStatus::Queued);
    school.ai.set_away(false);
    school.work().await;
    let mistake = school.get(&school.student, &id).await.unwrap();
    assert_eq!(mistake.analysis_status(), pb::AnalysisStatus::Done);
}

#[tokio::test]
async fn refused_mistake_fails_alone_and_can_be_tried_again() {
    let school = School::new().await;
    *school.ai.refused.lock().unwrap() = Some("bad");
    let good = school.record("good").await.id;
    let bad = school.record("bad").await.id;
    for _ in 0..8 {
        school.work().await;
        school.pass(TimeDelta::minutes(1));
    }
    let status = async |id: &str| school.get(&school.student, id).await.unwrap().analysis_status();
    assert_eq!(status(&good).await, pb::AnalysisStatus::Done);
    assert_eq!(status(&bad).await, pb::AnalysisStatus::Failed);
    assert_eq!(school.number("SELECT count(*) FROM mistake_jobs").await, 0);

    *school.ai.refused.lock().unwrap() = None;
    let message = pb::AnalyseMistakeRequest { mistake_id: bad.clone() };
    let queued = school.mistakes.analyse_mistake(request(&school.student, message)).await;
    let queued = queued.unwrap().into_inner().mistake.unwrap();
    assert_eq!(queued.analysis_status(), pb::AnalysisStatus::Queued);
    school.work().await;
    assert_eq!(status(&bad).await, pb::AnalysisStatus::Done);
}

#[tokio::test]
async fn broken_work_of_one_kind_does_not_keep_the_others_from_their_turn() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    school
        .sql(
            "INSERT INTO mistake_jobs (mistake_id, kind, student_id, user_id, role, organization_id,
                                       request_id, is_bulk, not_before, queued_at)
             SELECT mistake_id, 'forget', student_id, user_id, 'nobody', organization_id, request_id,
                    is_bulk, not_before, queued_at
               FROM mistake_jobs",
            &[],
        )
        .await;
    let turn = school.practice.analyst.turn(Uuid::now_v7(), &school.stop);
    assert!(Box::pin(turn).await.is_err());
    assert!(school.get(&school.student, &id).await.unwrap().analysis.is_some());
}

#[tokio::test]
async fn several_workers_share_the_work_without_doing_it_twice() {
    let school = School::new().await;
    school.start_workers(4);
    let mistakes = (0..100).map(|n| school.new_mistake(&format!("q{n}"))).collect();
    let message = pb::CreateMistakesRequest { mistakes };
    school.mistakes.create_mistakes(request(&school.teacher, message)).await.unwrap();
    eventually("all are done", async || {
        school.number("SELECT count(*) FROM mistake_jobs").await == 0
    })
    .await;
    let batches = school.ai.batches.lock().unwrap().clone();
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 100);
    assert_eq!(school.ai.indexed(), 100);
}

#[tokio::test]
async fn change_during_an_analysis_is_analysed_too() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    school.ai.slow.store(true, Ordering::SeqCst);
    let analyst = school.practice.analyst.clone();
    let turn = tokio::spawn(async move {
        Box::pin(analyst.turn(Uuid::now_v7(), &CancellationToken::new())).await
    });
    eventually("asked", async || school.ai.calls.load(Ordering::SeqCst) == 1).await;
    let message = pb::UpdateMistakeRequest {
        mistake_id: id.clone(),
        correct_answer: Some("went".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    school.mistakes.update_mistake(request(&school.student, message)).await.unwrap();
    school.ai.slow.store(false, Ordering::SeqCst);
    tokio::time::timeout(Duration::from_secs(5), turn).await.unwrap().unwrap().unwrap();
    assert_eq!(school.get(&school.student, &id).await.unwrap().analysis, None);
    school.work().await;
    let analysis = school.get(&school.student, &id).await.unwrap().analysis.unwrap();
    assert!(analysis.what_went_wrong.contains("went"));
}

#[tokio::test]
async fn similar_mistakes_are_those_that_the_caller_may_see() {
    let school = School::new().await;
    let mate = school.classmate("王小明").await;
    let one = school.record("He likes ___.").await.id;
    let two = school.record("He hates ___.").await.id;
    school.record("They ___.").await;
    let other = pb::NewMistake {
        student_id: mate.user_id.to_string(),
        ..school.new_mistake("He loves ___.")
    };
    let other = school.create(&mate, other).await.unwrap().mistake.unwrap().id;
    let same = pb::NewMistake {
        student_id: mate.user_id.to_string(),
        ..school.new_mistake("He likes ___.")
    };
    school.create(&mate, same).await.unwrap();
    school.work().await;
    let similar = async |caller, all_students| {
        let message =
            pb::ListSimilarMistakesRequest { mistake_id: one.clone(), all_students, limit: 0 };
        let answer = school.mistakes.list_similar_mistakes(request(caller, message)).await;
        answer.map(|answer| {
            let similar = answer.into_inner().similar;
            similar.into_iter().map(|similar| similar.mistake.unwrap().id).collect::<Vec<_>>()
        })
    };
    assert_eq!(similar(&school.student, false).await.unwrap(), std::slice::from_ref(&two));
    assert_eq!(similar(&school.student, true).await.unwrap(), std::slice::from_ref(&two));
    assert_eq!(similar(&school.teacher, false).await.unwrap(), std::slice::from_ref(&two));
    let mut all = similar(&school.teacher, true).await.unwrap();
    all.sort();
    let mut expected = [two, other];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(similar(&mate, true).await.unwrap_err().code(), Code::NotFound);
    school.ai.set_away(true);
    assert_eq!(similar(&school.student, false).await.unwrap_err().code(), Code::Unavailable);
}
