//! An order over the wire: what it asks learning-svc for, and how its book looks.

use export_svc::server::ExportServer;
use futures::TryStreamExt as _;
use kit::{
    caller::{self, Role},
    testing,
};
use prost_types::Timestamp;
use proto::{
    export::v1::{self as pb, export_service_server::ExportService as _},
    learning::v1 as learning,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{documents::poppler, support::Service};

/// Orders the book of a student and returns the task as it was answered, and the file.
async fn made(service: &Service, student: Uuid, options: pb::BookOptions) -> (pb::Task, Vec<u8>) {
    let teacher = testing::caller(Role::Teacher);
    let server = ExportServer::new(service.tasks.clone(), CancellationToken::new());
    let create = pb::CreateTaskRequest {
        document: pb::Document::MistakeBook.into(),
        student_id: student.to_string(),
        options: Some(options),
        ..pb::CreateTaskRequest::default()
    };
    let create = server.create_task(testing::request(&teacher, create));
    let answer = caller::scope(teacher.clone(), create).await.unwrap();
    let task = answer.into_inner().task.unwrap();
    assert!(service.turn().await);
    let file = pb::DownloadFileRequest { task_id: task.id.clone(), offset: 0 };
    let file = server.download_file(testing::request(&teacher, file));
    let file = caller::scope(teacher.clone(), file).await.unwrap().into_inner();
    let parts: Vec<_> = file.try_collect().await.unwrap();
    (task, parts.iter().flat_map(|part| part.chunk.to_vec()).collect())
}

fn mistake(question: &str, right: &str, times_wrong: u32) -> learning::Mistake {
    learning::Mistake {
        question: question.to_owned(),
        wrong_answer: "no idea".to_owned(),
        correct_answer: right.to_owned(),
        times_wrong,
        ..learning::Mistake::default()
    }
}

/// Everything but what is meant by leaving it out.
fn everything() -> pb::BookOptions {
    pb::BookOptions {
        paper: pb::Paper::B5.into(),
        order: pb::Order::Frequency.into(),
        answers: pb::Answers::Apart.into(),
        font_size: pb::FontSize::Large.into(),
        with_redo_space: true,
        with_similar: true,
        with_analysis: true,
        statuses: vec!["pending".to_owned(), "mastered".to_owned()],
        mistake_types: vec!["grammar".to_owned(), "listening".to_owned()],
        knowledge_point_ids: vec!["tense.past".to_owned(), "article".to_owned()],
        topic: "Unit 3".to_owned(),
        from: Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }),
        until: Some(Timestamp { seconds: 1_710_000_000, nanos: 0 }),
        locale: "en".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn learning_is_asked_for_what_was_ordered() {
    let (service, student) = (Service::new().await, Uuid::now_v7());
    let (task, _) = made(&service, student, everything()).await;
    assert_eq!(task.options, Some(everything()), "the order is shown as it was given");
    let expected = learning::GetNotebookRequest {
        student_id: student.to_string(),
        class_id: String::new(),
        statuses: vec![
            learning::MistakeStatus::Pending.into(),
            learning::MistakeStatus::Mastered.into(),
        ],
        types: vec![learning::MistakeType::Grammar.into(), learning::MistakeType::Listening.into()],
        knowledge_point_ids: vec!["tense.past".to_owned(), "article".to_owned()],
        topic: "Unit 3".to_owned(),
        from: Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }),
        until: Some(Timestamp { seconds: 1_710_000_000, nanos: 0 }),
        with_similar: true,
    };
    assert_eq!(*service.script.wanted.lock().unwrap(), [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn book_looks_as_it_was_ordered() {
    let service = Service::new().await;
    *service.script.mistakes.lock().unwrap() =
        vec![mistake("Seldom it ____.", "rains", 1), mistake("Often it ____.", "snows", 4)];
    let (_, pdf) = made(&service, Uuid::now_v7(), everything()).await;
    let info = poppler("pdfinfo", &[], &pdf);
    assert!(info.contains("498.898 x 708.661"), "no B5: {info}");
    let text = poppler("pdftotext", &["-layout"], &pdf);
    let places: Vec<_> = ["Often", "Seldom", "snows", "rains"]
        .map(|word| text.find(word).unwrap_or_else(|| panic!("{word} is missing in {text}")))
        .to_vec();
    assert!(places.is_sorted(), "frequent ones first, answers at the end: {places:?}\n{text}");

    let small = pb::BookOptions {
        paper: pb::Paper::A4.into(),
        font_size: pb::FontSize::Small.into(),
        ..everything()
    };
    let (_, other) = made(&service, Uuid::now_v7(), small).await;
    let info = poppler("pdfinfo", &[], &other);
    assert!(info.contains("595.276 x 841.89"), "no A4: {info}");
    assert!(height(&pdf, "Seldom") > height(&other, "Seldom"), "letters are as large");
}

/// Measures a word on paper, in points.
fn height(pdf: &[u8], word: &str) -> f64 {
    let words = poppler("pdftotext", &["-bbox"], pdf);
    let line = words.lines().find(|line| line.contains(&format!(">{word}<"))).unwrap();
    let edge = |name: &str| -> f64 {
        let value = line.split_once(&format!("{name}=\"")).unwrap().1;
        value.split_once('"').unwrap().0.parse().unwrap()
    };
    edge("yMax") - edge("yMin")
}
