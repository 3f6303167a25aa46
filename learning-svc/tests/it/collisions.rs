//! Writes that meet others, or find nothing any more.

use kit::testing::request;
use learning_svc::mistake::fingerprint;
use proto::learning::v1::{self as pb, mistake_service_server::MistakeService as _};
use tonic::Code;
use uuid::Uuid;

use crate::practice::{School, eventually, reason};

#[tokio::test]
async fn repeated_call_says_that_its_mistake_was_removed_since() {
    let school = School::new().await;
    let ask = || {
        let mistake = Some(school.new_mistake("He ___."));
        let mut asked = request(&school.student, pb::CreateMistakeRequest { mistake });
        asked.metadata_mut().insert("idempotency-key", "k-1".parse().unwrap());
        school.mistakes.create_mistake(asked)
    };
    ask().await.unwrap();
    school.sql("DELETE FROM mistakes", &[]).await;
    let gone = ask().await.unwrap_err();
    assert_eq!((gone.code(), reason(&gone).as_str()), (Code::NotFound, "MISTAKE_NOT_FOUND"));
}

#[tokio::test]
async fn edit_that_loses_a_race_names_the_entry_that_won() {
    let school = School::new().await;
    let one = school.record("one").await.id;
    let two = school.record("two").await.id;
    let mut db = school.db.pool.get().await.unwrap();
    let winner = db.transaction().await.unwrap();
    let print = fingerprint("three", "goes");
    let rename = "UPDATE mistakes SET question = 'three', fingerprint = $1 WHERE id = $2";
    let id: Uuid = two.parse().unwrap();
    winner.execute(rename, &[&print.as_slice(), &id]).await.unwrap();

    let message = pb::UpdateMistakeRequest {
        mistake_id: one,
        question: Some("three".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    let edit = school.mistakes.update_mistake(request(&school.student, message));
    let commit = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("the edit waits", async || school.number(waiting).await > 0).await;
        winner.commit().await.unwrap();
    };
    let (edited, ()) = tokio::join!(edit, commit);
    let lost = edited.unwrap_err();
    assert_eq!(reason(&lost), "MISTAKE_EXISTS");
    assert!(lost.message().contains(&two), "{lost:?}");
}
