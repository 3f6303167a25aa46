//! Taking back imports of mistakes: what goes, what stays, and how it stands then.

use chrono::TimeDelta;
use kit::testing::request;
use proto::learning::v1::{
    self as pb, change_mistakes_request::Change, mistake_service_server::MistakeService as _,
    review_service_server::ReviewService as _,
};

use crate::practice::School;

#[tokio::test]
async fn undo_keeps_what_was_got_wrong_again_since() {
    let school = School::new().await;
    let import = school.compare("20260001,,She ___.,go,goes,,2026-03-01,\n").await;
    school.commit(&import.id).await.unwrap();
    school.record("She ___.").await;
    school.undo(&import.id).await.unwrap();
    let all = school.all().await;
    assert_eq!((all.len(), all[0].times_wrong), (1, 1));
    assert_eq!(all[0].first_mistaken_at, all[0].last_mistaken_at);
}

#[tokio::test]
async fn undo_touches_nothing_of_students_who_have_left() {
    let school = School::new().await;
    school.record("old ___.").await;
    let rows = "20260001,,new ___.,go,goes,,,\n20260001,,old ___.,went,goes,,,\n";
    let import = school.compare(rows).await;
    school.commit(&import.id).await.unwrap();
    school.sql("UPDATE class_students SET enrollment_status = 'left', ended_at = now()", &[]).await;
    let undone = school.undone(&import.id).await.unwrap();
    assert_eq!(undone.kept_mistakes, 2);
    let all = school.all().await;
    let mut times: Vec<_> = all.iter().map(|mistake| mistake.times_wrong).collect();
    times.sort_unstable();
    assert_eq!(times, [1, 2]);
}

#[tokio::test]
async fn undo_keeps_what_was_worked_with_and_deletes_the_rest_for_thirty_days() {
    let school = School::new().await;
    let rows = "20260001,,one ___.,go,goes,,,\n20260001,,two ___.,go,goes,,,\n\
                20260001,,three ___.,go,goes,,,\n";
    let import = school.compare(rows).await;
    school.commit(&import.id).await.unwrap();
    let all = school.all().await;
    let id = |question: &str| {
        all.iter().find(|mistake| mistake.question == question).unwrap().id.clone()
    };
    let review = pb::AnswerReviewRequest {
        review_id: uuid::Uuid::now_v7().to_string(),
        mistake_id: id("one ___."),
        result: Some(pb::answer_review_request::Result::Answer("goes".to_owned())),
        duration_ms: 1_000,
    };
    school.reviews.answer_review(request(&school.student, review)).await.unwrap();
    let edit = pb::UpdateMistakeRequest {
        mistake_id: id("two ___."),
        explanation: Some("三单".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    school.mistakes.update_mistake(request(&school.teacher, edit)).await.unwrap();

    let undone = school.undone(&import.id).await.unwrap();
    assert_eq!(undone.kept_mistakes, 2);
    assert_eq!(school.undone(&import.id).await.unwrap(), undone);
    assert_eq!(school.number("SELECT count(*) FROM reviews").await, 1);
    let left: Vec<_> = school.all().await.into_iter().map(|mistake| mistake.id).collect();
    assert!(left.len() == 2 && !left.contains(&id("three ___.")));
    let message = pb::RestoreMistakeRequest { mistake_id: id("three ___.") };
    school.mistakes.restore_mistake(request(&school.student, message)).await.unwrap();
    assert_eq!(school.all().await.len(), 3);
}

#[tokio::test]
async fn undo_gives_back_the_status_unless_it_changed_since() {
    let school = School::new().await;
    let change = async |ids: Vec<String>, status: pb::MistakeStatus| {
        let change = Some(Change::Status(status.into()));
        let message = pb::ChangeMistakesRequest { mistake_ids: ids, change };
        school.mistakes.change_mistakes(request(&school.teacher, message)).await.unwrap();
    };
    let ids = vec![school.record("He ___.").await.id, school.record("She ___.").await.id];
    change(ids.clone(), pb::MistakeStatus::Mastered).await;
    let before = school.get(&school.student, &ids[0]).await.unwrap();
    let rows = "20260001,,He ___.,went,goes,,,\n20260001,,She ___.,went,goes,,,\n";
    let import = school.compare(rows).await;
    school.commit(&import.id).await.unwrap();
    let raised = school.get(&school.student, &ids[0]).await.unwrap();
    assert_eq!((raised.status(), raised.times_wrong), (pb::MistakeStatus::Pending, 2));
    assert!(raised.due_at.is_some());
    change(vec![ids[1].clone()], pb::MistakeStatus::Ignored).await;

    assert_eq!(school.undone(&import.id).await.unwrap().kept_mistakes, 0);
    let after = school.get(&school.student, &ids[0]).await.unwrap();
    assert_eq!((after.status(), after.due_at), (before.status(), before.due_at));
    assert_eq!((after.times_wrong, after.wrong_answer.as_str()), (1, "go"));
    let changed = school.get(&school.student, &ids[1]).await.unwrap();
    assert_eq!((changed.status(), changed.times_wrong), (pb::MistakeStatus::Ignored, 1));
}

#[tokio::test]
async fn nothing_stays_of_two_imports_of_the_same_mistake_in_either_order() {
    let school = School::new().await;
    for [first, second] in [[0, 1], [1, 0]] {
        let mut imports = Vec::new();
        for answer in ["go", "went"] {
            let import = school.compare(&format!("20260001,,He ___.,{answer},goes,,,\n")).await;
            school.commit(&import.id).await.unwrap();
            imports.push(import.id);
        }
        assert_eq!(school.all().await[0].times_wrong, 2);
        for import in [&imports[first], &imports[second]] {
            assert_eq!(school.undone(import).await.unwrap().kept_mistakes, 0);
        }
        assert_eq!(school.all().await, []);
    }
}

#[tokio::test]
async fn undo_keeps_what_somebody_edited_between_two_imports() {
    let school = School::new().await;
    let rows = |answer| format!("20260001,,He ___.,{answer},goes,,,\n");
    let first = school.compare(&rows("go")).await;
    school.commit(&first.id).await.unwrap();
    let id = school.all().await[0].id.clone();
    school.change(&[&id], pb::MistakeStatus::Ignored).await;
    let second = school.compare(&rows("went")).await;
    school.commit(&second.id).await.unwrap();
    assert_eq!(school.undone(&second.id).await.unwrap().kept_mistakes, 0);
    assert_eq!(school.undone(&first.id).await.unwrap().kept_mistakes, 1);
    assert_eq!(school.all().await[0].status(), pb::MistakeStatus::Ignored);
}

#[tokio::test]
async fn undo_keeps_what_may_have_been_edited_before_edits_were_counted() {
    let school = School::new().await;
    let rows = "20260001,,one ___.,go,goes,,,\n20260001,,two ___.,go,goes,,,\n";
    let import = school.compare(rows).await;
    school.commit(&import.id).await.unwrap();
    let edited = "UPDATE mistakes SET edits = NULL, version = CASE question WHEN 'one ___.' THEN 2 ELSE 1 END";
    school.sql(edited, &[]).await;
    assert_eq!(school.undone(&import.id).await.unwrap().kept_mistakes, 1);
    assert_eq!(school.all().await[0].question, "one ___.");
}

#[tokio::test]
async fn undo_gives_back_the_memory_and_the_corrected_answer() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    let edit = pb::UpdateMistakeRequest {
        mistake_id: id.clone(),
        wrong_answer: Some("goed".to_owned()),
        status: Some(pb::MistakeStatus::Mastered.into()),
        ..pb::UpdateMistakeRequest::default()
    };
    school.mistakes.update_mistake(request(&school.teacher, edit)).await.unwrap();
    let before = school.get(&school.student, &id).await.unwrap();
    let mut imports = Vec::new();
    for answer in ["went", "gone"] {
        let import = school.compare(&format!("20260001,,He ___.,{answer},goes,,,\n")).await;
        school.commit(&import.id).await.unwrap();
        imports.push(import.id);
    }
    let raised = school.get(&school.student, &id).await.unwrap();
    assert_eq!((raised.status(), raised.retrievability), (pb::MistakeStatus::Pending, None));

    school.undo(&imports[1]).await.unwrap();
    let between = school.get(&school.student, &id).await.unwrap();
    assert_eq!((between.status(), between.wrong_answer.as_str()), (raised.status(), "went"));
    school.undo(&imports[0]).await.unwrap();
    let after = school.get(&school.student, &id).await.unwrap();
    assert_eq!((after.status(), after.due_at), (before.status(), before.due_at));
    assert_eq!((after.times_wrong, after.wrong_answer.as_str()), (1, "goed"));
    assert!(after.retrievability.is_some());
    assert_eq!(after.retrievability, before.retrievability);
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Makes an entry that somebody has corrected and mastered, imports it three times with `answers`,
/// edits it by `between` after the first time, takes the imports back in `order`, and returns the
/// entry as it stood before the imports and as it stands.
async fn imported_and_taken_back(
    answers: [&str; 3],
    order: [usize; 3],
    between: Option<pb::UpdateMistakeRequest>,
) -> [pb::Mistake; 2] {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    let edit = async |edit: pb::UpdateMistakeRequest| {
        let edit = pb::UpdateMistakeRequest { mistake_id: id.clone(), ..edit };
        school.mistakes.update_mistake(request(&school.teacher, edit)).await.unwrap();
    };
    edit(pb::UpdateMistakeRequest {
        wrong_answer: Some("goed".to_owned()),
        status: Some(pb::MistakeStatus::Mastered.into()),
        ..pb::UpdateMistakeRequest::default()
    })
    .await;
    let before = school.get(&school.student, &id).await.unwrap();
    let mut between = between;
    let mut imports = Vec::new();
    for answer in answers {
        // The second one has the mistake twice.
        let row = format!("20260001,,He ___.,{answer},goes,,,\n");
        let rows = if imports.len() == 1 { row.repeat(2) } else { row };
        school.pass(TimeDelta::minutes(1));
        let import = school.compare(&rows).await;
        school.commit(&import.id).await.unwrap();
        imports.push(import.id);
        if let Some(change) = between.take() {
            edit(change).await;
        }
    }
    for import in order {
        school.undo(&imports[import]).await.unwrap();
    }
    [before, school.get(&school.student, &id).await.unwrap()]
}

#[tokio::test]
async fn undo_gives_back_the_same_in_any_order() {
    for answers in [["went", "gone", "going"], ["went", "gone", "went"], ["go"; 3]] {
        for order in ORDERS {
            let [before, after] = Box::pin(imported_and_taken_back(answers, order, None)).await;
            let restored = pb::Mistake {
                version: after.version,
                updated_at: after.updated_at,
                analysis_status: after.analysis_status,
                ..before
            };
            assert_eq!(after, restored, "{answers:?} {order:?}");
        }
    }
}

#[tokio::test]
async fn undo_leaves_what_was_edited_between_imports_in_any_order() {
    let ignored = pb::UpdateMistakeRequest {
        status: Some(pb::MistakeStatus::Ignored.into()),
        ..pb::UpdateMistakeRequest::default()
    };
    let corrected =
        pb::UpdateMistakeRequest { wrong_answer: Some("gos".to_owned()), ..ignored.clone() };
    for (edit, answer) in [(ignored, "goed"), (corrected, "gos")] {
        for order in ORDERS {
            let answers = ["went", "gone", "going"];
            let edit = Some(edit.clone());
            let [_, after] = Box::pin(imported_and_taken_back(answers, order, edit)).await;
            assert_eq!((after.status(), after.due_at), (pb::MistakeStatus::Ignored, None));
            let told = (after.times_wrong, after.wrong_answer.as_str());
            assert_eq!(told, (1, answer), "{order:?}");
        }
    }
}

impl School {
    /// Imports the same mistake again and again, each time with another answer and day; returns the
    /// imports and the entry.
    async fn import_days<const N: usize>(&self, days: [(&str, &str); N]) -> (Vec<String>, String) {
        let mut imports = Vec::new();
        for (answer, day) in days {
            let row = format!("20260001,,He ___.,{answer},goes,,2026-02-{day},\n");
            let import = self.compare(&row).await;
            self.commit(&import.id).await.unwrap();
            imports.push(import.id);
        }
        (imports, self.all().await[0].id.clone())
    }

    async fn told(&self, id: &str) -> (u32, String) {
        let mistake = self.get(&self.student, id).await.unwrap();
        (mistake.times_wrong, mistake.wrong_answer)
    }
}

#[tokio::test]
async fn answer_stays_that_another_import_brought_too() {
    let school = School::new().await;
    let days = [("go", "10"), ("went", "11"), ("went", "12"), ("gone", "13")];
    let (imports, id) = school.import_days(days).await;
    school.undo(&imports[1]).await.unwrap();
    school.undo(&imports[3]).await.unwrap();
    assert_eq!(school.told(&id).await, (2, "went".to_owned()));
    school.undo(&imports[2]).await.unwrap();
    assert_eq!(school.told(&id).await, (1, "go".to_owned()));
}

#[tokio::test]
async fn corrected_answer_returns_under_an_import_of_earlier_days() {
    for order in [[0, 1], [1, 0]] {
        let school = School::new().await;
        let (_, id) = school.import_days([("go", "10")]).await;
        let edit = pb::UpdateMistakeRequest {
            mistake_id: id.clone(),
            wrong_answer: Some("goed".to_owned()),
            ..pb::UpdateMistakeRequest::default()
        };
        school.mistakes.update_mistake(request(&school.teacher, edit)).await.unwrap();
        let (imports, _) = school.import_days([("went", "11"), ("gone", "01")]).await;
        assert_eq!(school.told(&id).await, (3, "went".to_owned()));
        for place in order {
            school.undo(&imports[place]).await.unwrap();
        }
        assert_eq!(school.told(&id).await, (1, "goed".to_owned()), "{order:?}");
    }
}

#[tokio::test]
async fn undo_gives_nothing_back_that_was_got_wrong_since() {
    for again in [false, true] {
        let school = School::new().await;
        let id = school.record("He ___.").await.id;
        let rows = |answer| format!("20260001,,He ___.,{answer},goes,,,\n");
        let first = school.compare(&rows("went")).await;
        school.commit(&first.id).await.unwrap();
        school.change(&[&id], pb::MistakeStatus::Mastered).await;
        let second = school.compare(&rows("gone")).await;
        school.commit(&second.id).await.unwrap();
        school.undo(&first.id).await.unwrap();
        if again {
            school.record("He ___.").await;
        }
        school.undo(&second.id).await.unwrap();
        let after = school.get(&school.student, &id).await.unwrap();
        let (status, times) =
            if again { (pb::MistakeStatus::Pending, 2) } else { (pb::MistakeStatus::Mastered, 1) };
        assert_eq!((after.status(), after.times_wrong), (status, times));
        assert_eq!(after.wrong_answer, "go", "nothing is left of either import");
    }
}

#[tokio::test]
async fn undo_leaves_what_was_edited_since_but_the_answer() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    let edit = |edit| school.mistakes.update_mistake(request(&school.teacher, edit));
    let corrected = pb::UpdateMistakeRequest {
        mistake_id: id.clone(),
        wrong_answer: Some("goed".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    edit(corrected).await.unwrap();
    let import = school.compare("20260001,,He ___.,went,goes,,,\n").await;
    school.commit(&import.id).await.unwrap();
    let ignored = pb::UpdateMistakeRequest {
        mistake_id: id.clone(),
        status: Some(pb::MistakeStatus::Ignored.into()),
        ..pb::UpdateMistakeRequest::default()
    };
    edit(ignored).await.unwrap();
    school.undo(&import.id).await.unwrap();
    let after = school.get(&school.student, &id).await.unwrap();
    assert_eq!((after.status(), after.due_at), (pb::MistakeStatus::Ignored, None));
    assert_eq!((after.times_wrong, after.wrong_answer.as_str()), (1, "goed"));
}

#[tokio::test]
async fn import_that_an_earlier_version_has_committed_is_taken_back_as_it_was() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    school.change(&[&id], pb::MistakeStatus::Ignored).await;
    school.sql("UPDATE mistakes SET edits = NULL, raises = NULL", &[]).await;
    let import = school.compare("20260001,,He ___.,went,goes,,,\n").await;
    school.commit(&import.id).await.unwrap();
    school.sql("UPDATE mistakes SET status = 'pending'", &[]).await;
    let known = "UPDATE import_rows SET undo = jsonb_build_object(
                     'mistake_id', undo->'mistake_id', 'status', undo->'status',
                     'due_at', undo->'due_at', 'version', undo->'version')
                  WHERE undo IS NOT NULL";
    assert_eq!(school.sql(known, &[]).await, 1);
    school.undo(&import.id).await.unwrap();
    let after = school.get(&school.student, &id).await.unwrap();
    assert_eq!((after.status(), after.due_at), (pb::MistakeStatus::Ignored, None));
    assert_eq!((after.times_wrong, after.wrong_answer.as_str()), (1, "go"));
}
