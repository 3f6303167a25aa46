//! The drill: back up under load, lose everything, restore into an empty machine.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Api, Backups, Installation, backups::tables, exam, school};

use crate::support::{PASSWORD, School, analysed, enroll, finished, found, import_mistakes, text};

/// What clients were told is done, in the order in which they were told.
#[derive(Default)]
struct Told {
    mistakes: std::sync::Mutex<Vec<String>>,
    books: std::sync::Mutex<Vec<String>>,
    stop: AtomicBool,
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_again_after_all_stores_were_lost() {
    let mut installation = Installation::start().await.unwrap();
    let School { teacher, class, .. } = found(&installation, "drill").await.unwrap();
    let pupils = school::pupils(6);
    enroll(&teacher, &class, &pupils).await.unwrap();
    let items = exam::single_choice().unwrap();
    import_mistakes(&teacher, &class, &pupils, &items[..12]).await.unwrap();
    analysed(&teacher, &class, Duration::from_mins(1)).await.unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    let student = text(&students[0], "id").unwrap();

    let told = Arc::new(Told::default());
    let writers: Vec<_> = (0..3)
        .map(|n| tokio::spawn(write(n, teacher.clone(), student.clone(), Arc::clone(&told))))
        .collect();
    let printer = tokio::spawn(print(teacher.clone(), student.clone(), Arc::clone(&told)));
    while told.mistakes.lock().unwrap().len() < 30 || told.books.lock().unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = (told.mistakes.lock().unwrap().clone(), told.books.lock().unwrap().clone());
    let backups = Backups::of(&installation.system).unwrap();
    let maker = backups.clone();
    let name = tokio::task::spawn_blocking(move || maker.make()).await.unwrap().unwrap();
    let written_meanwhile = told.mistakes.lock().unwrap().len() - before.0.len();
    assert!(written_meanwhile > 0, "the system went on while it was backed up");

    let refused = backups.run("restore", &["--yes", &name]).unwrap();
    assert_eq!(refused.status, 4, "{refused:?}");
    assert!(refused.err.contains("stop the services first"), "{refused:?}");
    told.stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    printer.await.unwrap();

    installation.destroy().await.unwrap();
    let backups = Backups::of(&installation.system).unwrap();
    backups.succeed("restore", &["--yes", &name]).unwrap();
    // The secret of the backup is the one that counts now.
    let secret = fs::metadata(installation.system.options().folder.join("secret")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    installation.restart().await.unwrap();
    let held = backups.manifest(&name).unwrap();
    is_as_acknowledged(&installation, &before, &held, &class).await;

    // Once more, with nobody writing: nothing at all may differ.
    installation.system.stop_services().unwrap();
    let backups = Backups::of(&installation.system).unwrap();
    let as_it_was = tables(&installation.system).await.unwrap();
    let name = backups.make().unwrap();
    for (table, (rows, _)) in &as_it_was {
        let held = backups.manifest(&name).unwrap();
        assert_eq!(held["tables"][table]["rows"].as_i64(), Some(*rows), "{table}");
    }
    installation.destroy().await.unwrap();
    let backups = Backups::of(&installation.system).unwrap();
    backups.succeed("restore", &["--yes", &name]).unwrap();
    installation.restart_stores().await.unwrap();
    assert_eq!(tables(&installation.system).await.unwrap(), as_it_was);
    assert!(as_it_was["learning.mistakes"].0 > 30);
}

async fn is_as_acknowledged(
    installation: &Installation,
    (mistakes, books): &(Vec<String>, Vec<String>),
    held: &Value,
    class: &str,
) {
    let visitor = installation.visitor().unwrap();
    let teacher = visitor.sign_in("drill_teacher", PASSWORD).await.unwrap();
    let there = teacher.all(&format!("/mistakes?class_id={class}")).await.unwrap();
    let rows = held["tables"]["learning.mistakes"]["rows"].as_u64().unwrap();
    assert_eq!(there.len() as u64, rows, "as many as in the snapshot");
    let ids: BTreeSet<_> = there.iter().map(|mistake| text(mistake, "id").unwrap()).collect();
    let lost: Vec<_> = mistakes.iter().filter(|id| !ids.contains(*id)).collect();
    assert!(lost.is_empty(), "acknowledged before the backup, and lost: {lost:?}");

    // Those that the snapshot held as indexed are found, and the rest is made up for.
    analysed(&teacher, class, Duration::from_mins(1)).await.unwrap();
    for id in mistakes.iter().take(10) {
        let path = format!("/mistakes/{id}/similar");
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let similar = teacher.get(&path).await.unwrap();
            if similar.json()["items"].as_array().is_some_and(|items| !items.is_empty()) {
                break;
            }
            assert!(Instant::now() < deadline, "nothing is like {id}: {similar:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    let folder = installation.system.options().folder.join("vectors");
    let stores: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!stores.iter().any(|name| name.to_string_lossy().contains("broken")), "{stores:?}");

    for task in books {
        let file = download(&teacher, task).await;
        assert!(file.starts_with(b"%PDF"), "{task}");
    }
    // Every document that the database calls finished can be downloaded.
    let tasks = teacher.all("/exports/tasks?status=completed").await.unwrap();
    assert!(tasks.len() >= books.len());
    for task in tasks {
        let file = download(&teacher, &text(&task, "id").unwrap()).await;
        assert_eq!(task["file_size_bytes"], file.len());
    }
}

async fn download(teacher: &Api, task: &str) -> Vec<u8> {
    let path = format!("/exports/tasks/{task}/file");
    let file = teacher.send(teacher.request(Method::GET, &path)).await.unwrap();
    assert!(file.status.is_success(), "{task}: {}", file.status);
    file.body
}

async fn write(number: u32, teacher: Api, student: String, told: Arc<Told>) {
    for n in 0_u32.. {
        if told.stop.load(Ordering::SeqCst) {
            return;
        }
        let body = json!({
            "student_id": student, "type": "grammar",
            "question": format!("Writer {number}, gap {n}: She ___ (go) to school every day."),
            "wrong_answer": "go", "correct_answer": "goes",
        });
        let mistake = teacher.post("/mistakes", body).await.unwrap().expect().unwrap();
        told.mistakes.lock().unwrap().push(text(&mistake, "id").unwrap());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn print(teacher: Api, student: String, told: Arc<Told>) {
    let order = json!({ "document": "mistake_book", "format": "pdf", "student_id": student });
    while !told.stop.load(Ordering::SeqCst) {
        let task = teacher.post("/exports/tasks", order.clone()).await.unwrap().expect().unwrap();
        let id = text(&task, "id").unwrap();
        finished(&teacher, &id, Duration::from_mins(1)).await.unwrap();
        told.books.lock().unwrap().push(id);
    }
}
