//! Editing, deleting and restoring mistakes, one by one and several together.

use chrono::TimeDelta;
use kit::{caller::Role, testing::request};
use proto::learning::v1::{
    self as pb, change_mistakes_request::Change, mistake_service_server::MistakeService as _,
};
use tonic::Code;

use crate::practice::{School, reason};

fn of_student(school: &School) -> pb::ListMistakesRequest {
    let student_id = school.student.user_id.to_string();
    pb::ListMistakesRequest { student_id, ..pb::ListMistakesRequest::default() }
}

#[tokio::test]
async fn edit_of_an_old_version_is_refused() {
    let school = School::new().await;
    let mistake = school.record("He ___.").await;
    school.work().await;
    let edit = |version, topic: &str| {
        let message = pb::UpdateMistakeRequest {
            mistake_id: mistake.id.clone(),
            topic: Some(topic.to_owned()),
            version: Some(version),
            ..pb::UpdateMistakeRequest::default()
        };
        school.mistakes.update_mistake(request(&school.teacher, message))
    };
    let edited = edit(mistake.version, "tense").await.unwrap().into_inner().mistake.unwrap();
    assert_eq!((edited.topic.as_str(), edited.version), ("tense", mistake.version + 1));
    assert_eq!(edited.analysis_status(), pb::AnalysisStatus::Done);
    let refused = edit(mistake.version, "mood").await.unwrap_err();
    assert_eq!(refused.code(), Code::Aborted);
    assert_eq!(reason(&refused), "MISTAKE_CHANGED_MEANWHILE");
}

#[tokio::test]
async fn changed_text_is_analysed_again_and_may_not_collide() {
    let school = School::new().await;
    let mistake = school.record("He ___.").await;
    school.record("She ___.").await;
    school.work().await;
    let edit = |question: &str| {
        let message = pb::UpdateMistakeRequest {
            mistake_id: mistake.id.clone(),
            question: Some(question.to_owned()),
            ..pb::UpdateMistakeRequest::default()
        };
        school.mistakes.update_mistake(request(&school.student, message))
    };
    assert_eq!(reason(&edit("she ___.").await.unwrap_err()), "MISTAKE_EXISTS");
    let edited = edit("It ___.").await.unwrap().into_inner().mistake.unwrap();
    assert_eq!(edited.analysis_status(), pb::AnalysisStatus::Queued);
    assert_eq!(edited.analysis, None);
    school.work().await;
    let again = school.get(&school.student, &mistake.id).await.unwrap();
    assert_eq!(again.analysis_status(), pb::AnalysisStatus::Done);
}

#[tokio::test]
async fn deleted_mistake_can_be_restored_for_thirty_days() {
    let school = School::new().await;
    let mistake = school.record("He ___.").await;
    school.work().await;
    assert_eq!(school.ai.indexed(), 1);
    let delete = || {
        let message = pb::DeleteMistakeRequest { mistake_id: mistake.id.clone() };
        school.mistakes.delete_mistake(request(&school.student, message))
    };
    let restore = || {
        let message = pb::RestoreMistakeRequest { mistake_id: mistake.id.clone() };
        school.mistakes.restore_mistake(request(&school.teacher, message))
    };
    delete().await.unwrap();
    school.work().await;
    assert_eq!(school.ai.indexed(), 0);
    assert_eq!(delete().await.unwrap_err().code(), Code::NotFound);
    assert_eq!(school.get(&school.student, &mistake.id).await.unwrap_err().code(), Code::NotFound);
    assert!(school.list(&school.student, of_student(&school)).await.unwrap().mistakes.is_empty());
    let deleted = pb::ListMistakesRequest { deleted: true, ..of_student(&school) };
    assert_eq!(school.list(&school.student, deleted).await.unwrap().mistakes.len(), 1);

    school.pass(TimeDelta::days(29));
    let back = restore().await.unwrap().into_inner().mistake.unwrap();
    assert_eq!(back.id, mistake.id);
    school.work().await;
    assert_eq!(school.ai.indexed(), 1);

    delete().await.unwrap();
    school.record("He ___.").await;
    assert_eq!(reason(&restore().await.unwrap_err()), "MISTAKE_EXISTS");
    school.pass(TimeDelta::days(31));
    assert_eq!(restore().await.unwrap_err().code(), Code::NotFound);
    school.start_workers(1);
    crate::practice::eventually("swept", async || {
        school.number("SELECT count(*) FROM mistakes").await == 1
    })
    .await;
}

#[tokio::test]
async fn several_are_changed_together_or_not_at_all() {
    let school = School::new().await;
    let ids = vec![school.record("one").await.id, school.record("two").await.id];
    let change = |ids: Vec<String>, change| {
        let message = pb::ChangeMistakesRequest { mistake_ids: ids, change: Some(change) };
        school.mistakes.change_mistakes(request(&school.teacher, message))
    };
    let ignored = Change::Status(pb::MistakeStatus::Ignored.into());
    assert_eq!(change(ids.clone(), ignored).await.unwrap().into_inner().changed, 2);
    let mistake = school.get(&school.student, &ids[0]).await.unwrap();
    assert_eq!((mistake.status(), mistake.due_at), (pb::MistakeStatus::Ignored, None));

    let stranger = school.caller(Role::Student);
    school.add_student(&stranger, "陌生人", None).await;
    let new = pb::NewMistake {
        student_id: stranger.user_id.to_string(),
        ..school.new_mistake("of a stranger")
    };
    let hidden = school.create(&stranger, new).await.unwrap().mistake.unwrap().id;
    for id in [school.student.user_id.to_string(), hidden] {
        let refused = change(vec![ids[0].clone(), id.clone()], Change::Delete(true)).await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::NotFound, "MISTAKE_NOT_FOUND")
        );
        assert!(refused.message().contains(&id), "what is hidden is as unknown: {refused:?}");
    }
    assert!(school.get(&school.student, &ids[0]).await.is_ok());

    assert_eq!(change(ids.clone(), Change::Delete(true)).await.unwrap().into_inner().changed, 2);
    assert_eq!(change(ids.clone(), Change::Restore(true)).await.unwrap().into_inner().changed, 2);
    school.work().await;
    assert_eq!(change(ids, Change::Analyse(true)).await.unwrap().into_inner().changed, 2);
}

#[tokio::test]
async fn two_deleted_twins_are_not_restored_together() {
    let school = School::new().await;
    let delete = async |id: &str| {
        let message = pb::DeleteMistakeRequest { mistake_id: id.to_owned() };
        school.mistakes.delete_mistake(request(&school.student, message)).await.unwrap();
    };
    let first = school.record("He ___.").await.id;
    delete(&first).await;
    let second = school.record("he  ___.").await.id;
    delete(&second).await;
    assert_ne!(first, second);
    let restore = |ids: &[&String]| {
        let mistake_ids = ids.iter().copied().cloned().collect();
        let change = Some(Change::Restore(true));
        let message = pb::ChangeMistakesRequest { mistake_ids, change };
        school.mistakes.change_mistakes(request(&school.teacher, message))
    };
    let refused = restore(&[&first, &second]).await.unwrap_err();
    assert_eq!(reason(&refused), "MISTAKE_EXISTS");
    assert!(refused.message().contains(&first), "{refused:?}");
    assert_eq!(restore(&[&second]).await.unwrap().into_inner().changed, 1);
}
