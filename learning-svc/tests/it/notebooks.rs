//! What is printed.

use kit::{
    caller::{Caller, Role},
    testing::request,
};
use proto::learning::v1::{self as pb, notebook_service_server::NotebookService as _};
use tonic::{Code, Status};

use crate::practice::School;

async fn book(
    school: &School,
    caller: &Caller,
    change: fn(&mut pb::GetNotebookRequest),
) -> Result<pb::GetNotebookResponse, Status> {
    let mut message = pb::GetNotebookRequest {
        student_id: school.student.user_id.to_string(),
        ..pb::GetNotebookRequest::default()
    };
    change(&mut message);
    Ok(school.notebooks.get_notebook(request(caller, message)).await?.into_inner())
}

#[tokio::test]
async fn book_has_cover_mistakes_and_analysis() {
    let school = School::new().await;
    school.record("He likes ___.").await;
    school.record("He hates ___.").await;
    school.work().await;
    let book = book(&school, &school.teacher, |_| ()).await.unwrap();
    assert_eq!((book.class_name.as_str(), book.teacher_name.as_str()), ("高二（3）班", "陈老师"));
    assert_eq!(book.student.unwrap().full_name, "林晓雨");
    assert_eq!((book.mistakes_total, book.mastered, book.truncated), (2, 0, false));
    let mistake = book.mistakes[0].mistake.clone().unwrap();
    assert!(mistake.analysis.is_some());
    assert_eq!(mistake.correct_answer, "goes");
    assert!(book.mistakes[0].similar.is_empty());
}

#[tokio::test]
async fn cover_counts_what_the_filters_leave_out() {
    let school = School::new().await;
    school.record("He likes ___.").await;
    let known = school.record("He hates ___.").await;
    let id: uuid::Uuid = known.id.parse().unwrap();
    school.sql("UPDATE mistakes SET status = 'mastered' WHERE id = $1", &[&id]).await;
    let ignored = school.record("He loves ___.").await;
    let id: uuid::Uuid = ignored.id.parse().unwrap();
    school.sql("UPDATE mistakes SET status = 'ignored' WHERE id = $1", &[&id]).await;
    let open = |message: &mut pb::GetNotebookRequest| {
        message.statuses = vec![pb::MistakeStatus::Pending.into()];
        message.types = vec![pb::MistakeType::Grammar.into()];
    };
    let book = book(&school, &school.teacher, open).await.unwrap();
    assert_eq!((book.mistakes.len(), book.mistakes_total), (1, 3));
    assert_eq!((book.mastered, book.ignored), (1, 1));
}

#[tokio::test]
async fn similar_questions_stand_beside_also_when_ai_is_away() {
    let school = School::new().await;
    school.record("He likes ___.").await;
    school.record("He hates ___.").await;
    school.work().await;
    for away in [false, true] {
        school.ai.set_away(away);
        let book = book(&school, &school.student, |m| m.with_similar = true).await.unwrap();
        let similar: Vec<_> =
            book.mistakes.iter().map(|entry| entry.similar[0].question.as_str()).collect();
        assert_eq!(similar, ["He likes ___.", "He hates ___."], "away: {away}");
    }
}

#[tokio::test]
async fn each_similar_question_stands_once_however_many_have_it_wrong() {
    let school = School::new().await;
    school.record("He likes ___.").await;
    for n in 0..8 {
        let mate = school.classmate(&format!("同学{n}")).await;
        for question in ["He likes ___.", "He loves ___."] {
            let new = pb::NewMistake {
                student_id: mate.user_id.to_string(),
                ..school.new_mistake(question)
            };
            school.create(&mate, new).await.unwrap();
        }
    }
    school.work().await;
    let book = book(&school, &school.teacher, |m| m.with_similar = true).await.unwrap();
    let similar: Vec<_> =
        book.mistakes[0].similar.iter().map(|similar| similar.question.as_str()).collect();
    assert_eq!(similar, ["He loves ___."]);
}

#[tokio::test]
async fn teachers_see_their_own_class_on_a_book_and_no_other() {
    let school = School::new().await;
    let (other, second) = (school.caller(Role::Teacher), uuid::Uuid::now_v7());
    school.add_class(second, &other).await;
    let named =
        "UPDATE classes SET name = '高三（1）班', head_teacher_name = '王老师' WHERE id = $1";
    school.sql(named, &[&second]).await;
    school.enrol(second, &school.student).await;
    for (teacher, class, name) in
        [(&school.teacher, "高二（3）班", "陈老师"), (&other, "高三（1）班", "王老师")]
    {
        let book = book(&school, teacher, |_| ()).await.unwrap();
        assert_eq!((book.class_name.as_str(), book.teacher_name.as_str()), (class, name));
        let classes = book.student.unwrap().classes;
        assert_eq!((classes.len(), classes[0].name.as_str()), (1, class));
    }
    let own = book(&school, &school.student, |_| ()).await.unwrap();
    assert_eq!(own.student.unwrap().classes.len(), 2);
    school
        .sql("UPDATE class_students SET enrollment_status = 'left', ended_at = now() WHERE class_id = $1", &[&second])
        .await;
    let own = book(&school, &school.student, |_| ()).await.unwrap();
    assert_eq!(own.class_name, "高二（3）班", "where the student is now");
}

#[tokio::test]
async fn long_book_is_cut_and_says_so() {
    let school = School::new().await;
    school
        .sql(
            "INSERT INTO mistakes (id, student_id, organization_id, mistake_type, status, question,
                 wrong_answer, correct_answer, explanation, topic, difficulty_level, source,
                 times_wrong, first_mistaken_at, last_mistaken_at, analysis_status, fingerprint,
                 created_by, created_at, updated_at)
             SELECT gen_random_uuid(), $1, $2, 'grammar', 'mastered', n::text, 'a', 'b', '', '', '',
                    '', 1, now(), now(), 'done', n::text::bytea, $1, now(), now()
               FROM generate_series(1, 1005) AS n",
            &[&school.student.user_id, &school.organization],
        )
        .await;
    let book = book(&school, &school.student, |_| ()).await.unwrap();
    assert_eq!((book.mistakes.len(), book.mistakes_total, book.mastered), (1000, 1005, 1005));
    assert!(book.truncated);
}

#[tokio::test]
async fn books_are_for_the_student_and_those_who_teach_them() {
    let school = School::new().await;
    let mate = school.classmate("王小明").await;
    for caller in [&mate, &school.caller(Role::Teacher)] {
        let refused = book(&school, caller, |_| ()).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
    }
    let ask = |caller: &Caller, student_ids: Vec<String>| {
        let class_id = school.class.to_string();
        let message = pb::ListNotebookStudentsRequest { class_id, student_ids };
        school.notebooks.list_notebook_students(request(caller, message))
    };
    let all = ask(&school.teacher, Vec::new()).await.unwrap().into_inner();
    assert_eq!((all.class_name.as_str(), all.students.len()), ("高二（3）班", 2));
    let one = ask(&school.teacher, vec![mate.user_id.to_string()]).await.unwrap().into_inner();
    assert_eq!(one.students[0].full_name, "王小明");
    assert_eq!(ask(&mate, Vec::new()).await.unwrap_err().code(), Code::PermissionDenied);
    let stranger = vec![school.teacher.user_id.to_string()];
    assert_eq!(ask(&school.teacher, stranger).await.unwrap_err().code(), Code::NotFound);
}
