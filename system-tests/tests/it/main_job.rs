//! From sign-in to printed mistake books, on real input.

use std::{
    collections::BTreeMap,
    io::Read as _,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use system_tests::{Api, Entrance, exam, paper, school};
use zip::ZipArchive;

use crate::support::{PASSWORD, School, analysed, enroll, found, import_mistakes, print, text};

/// All of it, wherever the clients go in.
pub async fn main_job(entrance: &impl Entrance) -> School {
    let mut school = found(entrance, "main").await.unwrap();
    let School { teacher, class, .. } = &school;
    let pupils = school::pupils(45);
    let items = exam::single_choice().unwrap();

    // The roster, twice: the second time nothing is new.
    let passwords = enroll(teacher, class, &pupils).await.unwrap();
    assert_eq!(passwords.len(), 45);
    let again = school::roster(&pupils).unwrap();
    let again = teacher.upload("/roster-imports", class, "名单.xlsx", again).await.unwrap();
    assert_eq!(again.expect().unwrap()["unchanged_rows"], 45);

    // The mistakes of all questions.
    let rows = import_mistakes(teacher, class, &pupils, &items).await.unwrap();
    assert!(rows >= 400, "{rows} wrong answers");
    analysed(teacher, class, Duration::from_mins(2)).await.unwrap();
    let mistakes = teacher.all(&format!("/mistakes?class_id={class}")).await.unwrap();
    let times: u64 = mistakes.iter().filter_map(|mistake| mistake["times_wrong"].as_u64()).sum();
    assert_eq!(times, rows as u64, "every wrong answer is counted");
    for mistake in &mistakes {
        assert_eq!(mistake["analysis_status"], "done", "{mistake}");
        assert_eq!(mistake["analysis"]["source"], "rules", "{mistake}");
        assert!(!mistake["knowledge_points"].as_array().unwrap().is_empty(), "{mistake}");
    }
    nearest_is_found(teacher, class, &mistakes[0]).await;

    // A pupil signs in with the first password, sees what is due and answers it.
    let login = text(&passwords[0], "username").unwrap();
    let password = text(&passwords[0], "password").unwrap();
    let pupil = entrance.visitor().unwrap().sign_in(&login, &password).await.unwrap();
    pupil
        .post(
            "/auth/change-password",
            json!({ "old_password": password, "new_password": PASSWORD }),
        )
        .await
        .unwrap();
    let pupil = entrance.visitor().unwrap().sign_in(&login, PASSWORD).await.unwrap();
    review_everything_due(&pupil).await;

    // The class's weak points.
    let statistics = format!("/classes/{class}/statistics");
    let statistics = teacher.get(&statistics).await.unwrap().expect().unwrap();
    assert_eq!(statistics["students"], 45);
    let weakest = &statistics["figures"]["by_knowledge_point"][0];
    assert!(weakest["students_affected"].as_u64().unwrap() > 0, "{weakest}");

    printed_books(entrance, teacher, class).await;
    let private = &mut school.private;
    private.extend(pupils.into_iter().flat_map(|pupil| [pupil.name, pupil.number]));
    private.extend(passwords.iter().map(|first| text(first, "password").unwrap()));
    private.extend(pupil.token().map(str::to_owned));
    school
}

/// The same question in other words is found as the most similar one.
async fn nearest_is_found(teacher: &Api, class: &str, known: &Value) {
    let question = text(known, "question").unwrap();
    let other = json!({
        "student_id": known["student_id"], "type": known["type"],
        "question": format!("Choose the best answer to fill in the blank.\n{question}"),
        "wrong_answer": known["wrong_answer"], "correct_answer": known["correct_answer"],
        "explanation": known["explanation"],
    });
    let other = teacher.post("/mistakes", other).await.unwrap().expect().unwrap();
    analysed(teacher, class, Duration::from_mins(1)).await.unwrap();
    let similar = format!("/mistakes/{}/similar", text(&other, "id").unwrap());
    // Meaning is indexed after the analysis.
    let deadline = Instant::now() + Duration::from_mins(1);
    let nearest = loop {
        let similar = teacher.get(&similar).await.unwrap().expect().unwrap();
        let first = similar["items"][0].clone();
        if first["mistake"]["id"] == known["id"] || Instant::now() > deadline {
            break first;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(nearest["mistake"]["id"], known["id"], "{nearest}");
    assert!(nearest["similarity"].as_f64().unwrap() > 0.8, "{nearest}");
}

async fn review_everything_due(pupil: &Api) {
    let due = pupil.get("/reviews/due?limit=100").await.unwrap().expect().unwrap();
    let items = due["items"].as_array().unwrap().clone();
    assert!(items.len() > 3, "{due}");
    for (turn, item) in items.iter().enumerate() {
        assert_eq!(item["correct_answer"].as_str().unwrap_or_default(), "", "not told before");
        let id = text(item, "id").unwrap();
        let path = format!("/reviews/{id}/answers");
        let review = uuid::Uuid::now_v7();
        let body = json!({ "id": review, "answer": "Z", "duration_ms": 4000 });
        let answer = pupil.post(&path, body.clone()).await.unwrap().expect().unwrap();
        assert_eq!(answer["correct"], false);
        let right = text(&answer["mistake"], "correct_answer").unwrap();
        let repeated = pupil.post(&path, body).await.unwrap().expect().unwrap();
        assert_eq!(repeated["next_due_at"], answer["next_due_at"], "a retry counts once");
        if turn % 2 == 0 {
            let body = json!({ "id": uuid::Uuid::now_v7(), "answer": right });
            let answer = pupil.post(&path, body).await.unwrap().expect().unwrap();
            assert_eq!(answer["correct"], true, "{answer}");
        }
    }
}

async fn printed_books(entrance: &impl Entrance, teacher: &Api, class: &str) {
    let scratch = entrance.scratch().unwrap();
    let students = teacher.all(&format!("/students?class_id={class}")).await.unwrap();
    assert_eq!(students.len(), 45);
    let options = json!({
        "answers": "inline", "with_analysis": true, "with_redo_space": true, "with_similar": true,
    });
    let order = json!({
        "document": "mistake_book", "format": "pdf",
        "student_id": students[0]["id"], "options": options,
    });
    let book = print(teacher, order, Duration::from_mins(1)).await.unwrap();
    let pages = paper::pages(&scratch, &book).unwrap();
    let mistakes = teacher.all(&format!("/mistakes?class_id={class}")).await.unwrap();
    check_book(&pages, &students[0], &mistakes);
    assert_eq!(paper::foreign_fonts(&scratch, &book).unwrap(), Vec::<String>::new());

    let order = json!({
        "document": "class_mistake_books", "format": "pdf", "class_id": class, "options": options,
    });
    let bundle = print(teacher, order, Duration::from_mins(3)).await.unwrap();
    let mut bundle = ZipArchive::new(std::io::Cursor::new(bundle)).unwrap();
    let mut books = BTreeMap::new();
    for index in 0..bundle.len() {
        let mut file = bundle.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        books.insert(file.name().unwrap().into_owned(), content);
    }
    assert_eq!(books.len(), 45);
    for student in &students {
        let name = text(student, "full_name").unwrap();
        let book = books.iter().find(|(file, _)| file.contains(&name)).expect("one book each").1;
        check_book(&paper::pages(&scratch, book).unwrap(), student, &mistakes);
    }
}

/// Every mistake of the pupil stands in the book once and whole, and every page is numbered.
fn check_book(pages: &[String], student: &Value, mistakes: &[Value]) {
    let name = text(student, "full_name").unwrap();
    assert!(paper::squeezed(&pages[0]).contains(&name), "the cover names {name}");
    let mut whole = String::new();
    for (index, page) in pages.iter().enumerate() {
        // Above the pages after the first stands whose book it is.
        let page = if index > 0 { page.split_once('\n').unwrap().1 } else { page };
        let page = paper::squeezed(page);
        let number = format!("第{}/{}页", index + 1, pages.len());
        assert!(page.contains(&number), "page {number}: {page}");
        whole += &page.replace(&number, "");
    }
    assert!(!whole.contains('\u{fffd}'), "no glyph is missing");
    let own: Vec<_> =
        mistakes.iter().filter(|mistake| mistake["student_id"] == student["id"]).collect();
    assert!(!own.is_empty());
    assert_eq!(whole.matches("我的答案").count(), own.len(), "{name}: {whole}");
    for mistake in own {
        let stands = entries(&whole, mistake).any(|entry| is_whole(entry, mistake));
        assert!(stands, "{name}: {mistake} is not in {whole}");
    }
}

/// Returns what follows the question of a mistake, wherever it stands.
fn entries<'a>(whole: &'a str, mistake: &Value) -> impl Iterator<Item = &'a str> {
    let question = text(mistake, "question").unwrap();
    let stem = question.lines().next().unwrap();
    let stem = stem.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let stem = paper::squeezed(stem);
    let places: Vec<_> = whole.match_indices(&stem).map(|(at, stem)| at + stem.len()).collect();
    places.into_iter().map(|at| &whole[at..])
}

/// Tells whether the pupil's answer, the right one and the explanation come next.
fn is_whole(entry: &str, mistake: &Value) -> bool {
    let after = |text: &'static str| entry.split_once(text).map(|(_, rest)| rest);
    let says = |label, field| {
        let said = paper::squeezed(&text(mistake, field).unwrap());
        after(label).is_some_and(|rest| rest.starts_with(&said))
    };
    says("我的答案", "wrong_answer")
        && says("正确答案", "correct_answer")
        && says("讲解", "explanation")
}
