//! Recording and finding mistakes.

use std::collections::HashSet;

use chrono::TimeDelta;
use kit::{
    caller::{self, Caller, Role},
    testing::{self, request},
    wire,
};
use proto::learning::v1::{self as pb, mistake_service_server::MistakeService as _};
use tonic::Code;

use crate::practice::{School, reason};

fn of_student(school: &School) -> pb::ListMistakesRequest {
    let student_id = school.student.user_id.to_string();
    pb::ListMistakesRequest { student_id, ..pb::ListMistakesRequest::default() }
}

#[tokio::test]
async fn new_mistake_is_due_at_once_and_waits_for_analysis() {
    let school = School::new().await;
    let answer = school.create(&school.teacher, school.new_mistake("He ___.")).await.unwrap();
    assert!(!answer.repeated_mistake);
    let mistake = answer.mistake.unwrap();
    assert_eq!(mistake.status(), pb::MistakeStatus::Pending);
    assert_eq!(mistake.analysis_status(), pb::AnalysisStatus::Queued);
    assert_eq!(mistake.student_name, "林晓雨");
    assert_eq!(mistake.created_by, school.teacher.user_id.to_string());
    assert_eq!(mistake.due_at, mistake.created_at);
    assert_eq!((mistake.times_wrong, mistake.version), (1, 1));
    assert_eq!(mistake.retrievability, None);
    assert_eq!(school.get(&school.student, &mistake.id).await.unwrap(), mistake);
}

#[tokio::test]
async fn repeated_mistake_raises_the_count_and_is_due_again() {
    let school = School::new().await;
    let first = school.record("He ___ to school.").await;
    school.pass(TimeDelta::days(2));
    let again = pb::NewMistake {
        wrong_answer: "gone".to_owned(),
        ..school.new_mistake(" he ___  to SCHOOL. ")
    };
    let answer = school.create(&school.teacher, again).await.unwrap();
    assert!(answer.repeated_mistake);
    let mistake = answer.mistake.unwrap();
    assert_eq!(mistake.id, first.id);
    assert_eq!(mistake.times_wrong, 2);
    assert_eq!(mistake.wrong_answer, "gone");
    assert_eq!(mistake.first_mistaken_at, first.first_mistaken_at);
    assert_eq!(mistake.due_at, mistake.last_mistaken_at);
    assert!(mistake.due_at.unwrap().seconds > first.due_at.unwrap().seconds);
    assert_eq!(school.number("SELECT count(*) FROM mistake_occurrences").await, 2);
    assert_eq!(school.number("SELECT count(*) FROM mistake_jobs").await, 1);
}

#[tokio::test]
async fn nothing_is_got_wrong_after_now() {
    let school = School::new().await;
    let now = school.practice.mistakes.now();
    let ahead = |minutes| pb::NewMistake {
        mistaken_at: Some(wire::time(now + TimeDelta::minutes(minutes))),
        ..school.new_mistake("one")
    };
    let mistake = school.create(&school.teacher, ahead(4)).await.unwrap().mistake.unwrap();
    assert_eq!(mistake.last_mistaken_at, mistake.created_at);
    let refused = school.create(&school.teacher, ahead(6)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(kit::error::violations_of(&refused)[0].0, "mistake.mistaken_at");
}

#[tokio::test]
async fn repeated_call_records_once() {
    let school = School::new().await;
    let ask = |question: &str| {
        let mistake = Some(school.new_mistake(question));
        let mut asked = request(&school.student, pb::CreateMistakeRequest { mistake });
        asked.metadata_mut().insert("idempotency-key", "k-1".parse().unwrap());
        school.mistakes.create_mistake(asked)
    };
    let first = ask("He ___.").await.unwrap().into_inner();
    assert_eq!(ask("He ___.").await.unwrap().into_inner(), first);
    assert_eq!(school.number("SELECT sum(times_wrong)::bigint FROM mistakes").await, 1);
    let other = ask("She ___.").await.unwrap_err();
    assert_eq!(reason(&other), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn student_without_a_class_records_a_first_mistake() {
    let school = School::new().await;
    let newcomer = school.caller(Role::Student);
    school.accounts.add(&newcomer, "newcomer", "韩梅梅");
    let student_id = newcomer.user_id.to_string();
    let new = pb::NewMistake { student_id, ..school.new_mistake("He ___.") };
    let made = caller::scope(newcomer.clone(), school.create(&newcomer, new)).await;
    let mistake = made.unwrap().mistake.unwrap();
    assert_eq!(mistake.student_name, "韩梅梅");
    assert_eq!(school.get(&newcomer, &mistake.id).await.unwrap(), mistake);
}

#[tokio::test]
async fn what_is_known_of_former_students_is_read_and_not_changed() {
    let school = School::new().await;
    let mistake = school.record("He ___.").await;
    school
        .sql(
            "UPDATE class_students SET enrollment_status = 'left', ended_at = now()
              WHERE student_id = $1",
            &[&school.student.user_id],
        )
        .await;
    assert_eq!(school.get(&school.teacher, &mistake.id).await.unwrap(), mistake);
    assert_eq!(school.list(&school.teacher, of_student(&school)).await.unwrap().mistakes.len(), 1);

    let former = |refused: tonic::Status| {
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::PermissionDenied, "FORMER_STUDENT")
        );
    };
    former(school.create(&school.teacher, school.new_mistake("x")).await.unwrap_err());
    let edit = pb::UpdateMistakeRequest {
        mistake_id: mistake.id.clone(),
        topic: Some("x".to_owned()),
        ..pb::UpdateMistakeRequest::default()
    };
    let edit = request(&school.teacher, edit);
    former(school.mistakes.update_mistake(edit).await.unwrap_err());
    let message = pb::DeleteMistakeRequest { mistake_id: mistake.id.clone() };
    let message = request(&school.teacher, message);
    former(school.mistakes.delete_mistake(message).await.unwrap_err());
    let admin = school.caller(Role::Admin);
    school.create(&admin, school.new_mistake("y")).await.unwrap();
    school.enrol(school.class, &school.student).await;
    school.create(&school.teacher, school.new_mistake("x")).await.unwrap();
}

#[tokio::test]
async fn many_are_recorded_together_or_not_at_all() {
    let school = School::new().await;
    let friend = school.classmate("王小明").await;
    let mut new = vec![
        school.new_mistake("one"),
        school.new_mistake("two"),
        school.new_mistake("ONE"),
        pb::NewMistake { student_id: friend.user_id.to_string(), ..school.new_mistake("one") },
    ];
    let message = pb::CreateMistakesRequest { mistakes: new.clone() };
    let made = school.mistakes.create_mistakes(request(&school.teacher, message)).await;
    let made = made.unwrap().into_inner();
    assert_eq!((made.created, made.repeated_mistakes), (3, 1));
    assert_eq!(made.mistakes[0].id, made.mistakes[2].id);
    assert_eq!(made.mistakes[0].times_wrong, 2);
    assert_eq!(made.mistakes[3].student_name, "王小明");

    new[0].question = "five".to_owned();
    new[1].wrong_answer = String::new();
    let message = pb::CreateMistakesRequest { mistakes: new.clone() };
    let refused = school.mistakes.create_mistakes(request(&school.teacher, message)).await;
    let fields = kit::error::violations_of(&refused.unwrap_err());
    assert_eq!(fields[0].0, "mistakes[1].wrong_answer");

    new[1] = pb::NewMistake {
        student_id: testing::caller(Role::Student).user_id.to_string(),
        ..school.new_mistake("two")
    };
    let message = pb::CreateMistakesRequest { mistakes: new };
    let refused = school.mistakes.create_mistakes(request(&school.teacher, message)).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    assert_eq!(school.number("SELECT count(*) FROM mistakes").await, 3);

    let mistakes = (0..201).map(|n| school.new_mistake(&n.to_string())).collect();
    let message = pb::CreateMistakesRequest { mistakes };
    let refused = school.mistakes.create_mistakes(request(&school.teacher, message)).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn only_those_around_a_student_see_the_mistakes() {
    let school = School::new().await;
    let mistake = school.record("He ___.").await;
    let admin = school.caller(Role::Admin);
    for caller in [&school.student, &school.teacher, &admin] {
        assert!(school.get(caller, &mistake.id).await.is_ok());
        assert_eq!(school.list(caller, of_student(&school)).await.unwrap().mistakes.len(), 1);
        let all = pb::ListMistakesRequest::default();
        assert_eq!(school.list(caller, all).await.unwrap().mistakes.len(), 1);
    }
    let strangers = [
        school.caller(Role::Student),
        school.caller(Role::Teacher),
        testing::caller(Role::Admin),
        Caller { role: Role::Admin, ..testing::caller(Role::Teacher) },
    ];
    for caller in &strangers {
        let refused = school.get(caller, &mistake.id).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::NotFound, "MISTAKE_NOT_FOUND")
        );
        let listed = school.list(caller, of_student(&school)).await.unwrap_err();
        assert_eq!(listed.code(), Code::NotFound);
        let all = pb::ListMistakesRequest::default();
        assert!(school.list(caller, all).await.unwrap().mistakes.is_empty());
        let made = school.create(caller, school.new_mistake("x")).await.unwrap_err();
        assert_eq!(made.code(), Code::NotFound);
        let message = pb::DeleteMistakeRequest { mistake_id: mistake.id.clone() };
        let deleted = school.mistakes.delete_mistake(request(caller, message)).await;
        assert_eq!(deleted.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn pages_have_no_gaps_in_any_order() {
    let school = School::new().await;
    let friend = school.classmate("王小明").await;
    for n in 0..25 {
        // Some at the same moment, some more often than others.
        for _ in 0..=(n % 3) {
            let student_id = if n % 2 == 0 { &school.student } else { &friend }.user_id.to_string();
            let new = pb::NewMistake { student_id, ..school.new_mistake(&format!("q{n}")) };
            school.create(&school.teacher, new).await.unwrap();
        }
        if n % 4 == 0 {
            school.pass(TimeDelta::minutes(1));
        }
    }
    let admin = school.caller(Role::Admin);
    let orders =
        [pb::MistakeOrder::Latest, pb::MistakeOrder::Oldest, pb::MistakeOrder::MostFrequent];
    let callers = [(&school.teacher, school.class.to_string()), (&admin, String::new())];
    for ((caller, class_id), order) in
        callers.iter().flat_map(|caller| orders.map(|order| (caller, order)))
    {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let message = pb::ListMistakesRequest {
                class_id: class_id.clone(),
                order: order.into(),
                limit: 4,
                cursor,
                ..pb::ListMistakesRequest::default()
            };
            let page = school.list(caller, message).await.unwrap();
            seen.extend(page.mistakes);
            cursor = page.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        let ids: HashSet<_> = seen.iter().map(|mistake| mistake.id.clone()).collect();
        assert_eq!((seen.len(), ids.len()), (25, 25), "{order:?}");
        let moments: Vec<_> = seen.iter().map(|m| m.last_mistaken_at.unwrap().seconds).collect();
        let sorted = match order {
            pb::MistakeOrder::Oldest => moments.is_sorted(),
            pb::MistakeOrder::MostFrequent => {
                seen.is_sorted_by(|a, b| a.times_wrong >= b.times_wrong)
            }
            pb::MistakeOrder::Latest | pb::MistakeOrder::Unspecified => {
                moments.is_sorted_by(|a, b| a >= b)
            }
        };
        assert!(sorted, "{order:?}");
    }
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let school = School::new().await;
    let vocabulary = pb::NewMistake {
        r#type: pb::MistakeType::Vocabulary.into(),
        topic: "travel".to_owned(),
        explanation: "100%_sure".to_owned(),
        ..school.new_mistake("passport")
    };
    school.create(&school.student, vocabulary).await.unwrap();
    school.pass(TimeDelta::days(1));
    school.record("He ___.").await;
    let now = kit::wire::time(school.practice.mistakes.now());
    let count = async |change: fn(&mut pb::ListMistakesRequest)| {
        let mut message = of_student(&school);
        change(&mut message);
        school.list(&school.student, message).await.unwrap().mistakes.len()
    };
    assert_eq!(count(|_| ()).await, 2);
    assert_eq!(count(|m| m.types = vec![pb::MistakeType::Vocabulary.into()]).await, 1);
    assert_eq!(count(|m| m.statuses = vec![pb::MistakeStatus::Mastered.into()]).await, 0);
    assert_eq!(count(|m| m.topic = "travel".to_owned()).await, 1);
    assert_eq!(count(|m| m.query = "PASS".to_owned()).await, 1);
    assert_eq!(count(|m| m.query = "0%_s".to_owned()).await, 1);
    assert_eq!(count(|m| m.query = "s%t".to_owned()).await, 0);
    assert_eq!(count(|m| m.analysis_status = pb::AnalysisStatus::Done.into()).await, 0);
    assert_eq!(count(|m| m.deleted = true).await, 0);
    let broken = pb::ListMistakesRequest { query: "a\0b".to_owned(), ..of_student(&school) };
    let refused = school.list(&school.student, broken).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let mut since = of_student(&school);
    since.from = Some(now);
    assert_eq!(school.list(&school.student, since).await.unwrap().mistakes.len(), 1);
    let mut before = of_student(&school);
    before.until = Some(now);
    assert_eq!(school.list(&school.student, before).await.unwrap().mistakes.len(), 1);
}

#[tokio::test]
async fn mistakes_recorded_at_the_same_time_are_all_counted() {
    let school = School::new().await;
    let calls = (0..16).map(|n| {
        let questions = if n % 2 == 0 { ["one", "two"] } else { ["two", "one"] };
        let mistakes = questions.map(|question| school.new_mistake(question)).to_vec();
        let message = pb::CreateMistakesRequest { mistakes };
        school.mistakes.create_mistakes(request(&school.student, message))
    });
    for made in futures::future::join_all(calls).await {
        made.unwrap();
    }
    assert_eq!(school.number("SELECT count(*) FROM mistakes").await, 2);
    assert_eq!(school.number("SELECT sum(times_wrong)::bigint FROM mistakes").await, 32);
}
