//! What is analysed again, and what is not.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use kit::{caller::Caller, testing::request, wire};
use proto::learning::v1::{
    self as pb, change_mistakes_request::Change, mistake_service_server::MistakeService as _,
};

use crate::practice::School;

impl School {
    async fn analyse(&self, caller: &Caller, id: &str) -> pb::AnalysisStatus {
        let message = pb::AnalyseMistakeRequest { mistake_id: id.to_owned() };
        let answer = self.mistakes.analyse_mistake(request(caller, message)).await.unwrap();
        answer.into_inner().mistake.unwrap().analysis_status()
    }

    async fn analyses_waiting(&self) -> i64 {
        self.number("SELECT count(*) FROM mistake_jobs WHERE kind = 'analyse'").await
    }
}

#[tokio::test]
async fn other_wrong_answer_of_a_repeated_mistake_is_analysed() {
    let school = School::new().await;
    let first = school.record("He ___.").await;
    school.work().await;
    let same = school.create(&school.student, school.new_mistake("He ___.")).await.unwrap();
    assert_eq!(same.mistake.unwrap().analysis_status(), pb::AnalysisStatus::Done);
    assert_eq!(school.analyses_waiting().await, 0);

    let other = pb::NewMistake { wrong_answer: "gone".to_owned(), ..school.new_mistake("He ___.") };
    let other = school.create(&school.teacher, other).await.unwrap().mistake.unwrap();
    assert_eq!((&other.id, other.wrong_answer.as_str()), (&first.id, "gone"));
    assert_eq!(other.analysis_status(), pb::AnalysisStatus::Queued);
    assert_eq!(school.analyses_waiting().await, 1);
    school.work().await;
    assert_eq!(school.ai.asked.lock().unwrap().take().unwrap().wrong_answer, "gone");
    let done = school.get(&school.student, &first.id).await.unwrap();
    assert_eq!(done.analysis_status(), pb::AnalysisStatus::Done);

    // An earlier answer that is entered late does not replace the latest.
    let late = pb::NewMistake {
        wrong_answer: "goed".to_owned(),
        mistaken_at: Some(wire::time(school.practice.mistakes.now() - TimeDelta::days(1))),
        ..school.new_mistake("He ___.")
    };
    let late = school.create(&school.teacher, late).await.unwrap().mistake.unwrap();
    assert_eq!(late.wrong_answer, "gone");
    assert_eq!(late.analysis_status(), pb::AnalysisStatus::Done);
    assert_eq!(school.analyses_waiting().await, 0);
}

#[tokio::test]
async fn analysis_is_made_anew_only_where_it_may_differ() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    let asked = async |caller| school.analyse(caller, &id).await;
    let version = async || school.get(&school.student, &id).await.unwrap().version;
    let (queued, done) = (pb::AnalysisStatus::Queued, pb::AnalysisStatus::Done);
    // It waits already.
    assert_eq!((asked(&school.teacher).await, version().await), (queued, 1));
    school.work().await;
    // The rules cost nothing.
    assert_eq!((asked(&school.student).await, version().await), (queued, 2));
    school.ai.model.store(true, Ordering::SeqCst);
    school.work().await;

    assert_eq!((asked(&school.student).await, version().await), (done, 2));
    let change = Some(Change::Analyse(true));
    let message = pb::ChangeMistakesRequest { mistake_ids: vec![id.clone()], change };
    let changed = school.mistakes.change_mistakes(request(&school.student, message)).await;
    assert_eq!(changed.unwrap().into_inner().changed, 0);
    assert_eq!(school.analyses_waiting().await, 0);

    assert_eq!(asked(&school.teacher).await, queued);
    school.work().await;
    school.pass(TimeDelta::hours(23));
    assert_eq!(asked(&school.student).await, done);
    school.pass(TimeDelta::hours(1));
    assert_eq!(asked(&school.student).await, queued);
}

#[tokio::test]
async fn only_what_is_asked_again_takes_no_kept_answer() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    school.work().await;
    school.analyse(&school.student, &one).await;
    let two = school.record("two").await.id;
    school.work().await;
    let batches = school.ai.batches.lock().unwrap().clone();
    assert_eq!(batches, [[one.clone()], [two], [one]]);
    assert_eq!(*school.ai.fresh.lock().unwrap(), [1]);
}

#[tokio::test]
async fn kept_answer_does_for_a_text_that_nobody_has_asked_about_again() {
    let school = School::new().await;
    let mate = school.classmate("王小明").await;
    let pupils = [school.student.clone(), mate];
    let record = async |wrong_answer: &str| {
        for pupil in &pupils {
            let new = pb::NewMistake {
                student_id: pupil.user_id.to_string(),
                wrong_answer: wrong_answer.to_owned(),
                ..school.new_mistake("He ___.")
            };
            school.create(pupil, new).await.unwrap();
        }
        school.work().await;
    };
    record("go").await;
    record("gone").await;
    assert_eq!(school.ai.batches.lock().unwrap().len(), 4);

    let id = school.list(&pupils[0], pb::ListMistakesRequest::default()).await.unwrap().mistakes[0]
        .id
        .clone();
    let message = pb::UpdateMistakeRequest {
        mistake_id: id.clone(),
        correct_answer: Some("will go".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    school.mistakes.update_mistake(request(&pupils[0], message)).await.unwrap();
    school.work().await;
    assert!(school.ai.fresh.lock().unwrap().is_empty(), "every answer may be a kept one");
    // What is no part of the text leaves the analysis.
    let message = pb::UpdateMistakeRequest {
        mistake_id: id.clone(),
        topic: Some("future".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    school.mistakes.update_mistake(request(&pupils[0], message)).await.unwrap();
    assert!(school.get(&pupils[0], &id).await.unwrap().analysis.is_some());

    school.analyse(&pupils[0], &id).await;
    school.work().await;
    assert_eq!(*school.ai.fresh.lock().unwrap(), [1]);
}
