//! Mistakes from spreadsheets: dry run, commit, undo.

use std::fmt::Write as _;

use kit::{
    caller::{Caller, Role},
    testing::request,
};
use proto::learning::v1::{self as pb, mistake_import_service_server::MistakeImportService as _};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::practice::{School, reason};

const HEAD: &str = "学号,姓名,题目,错误答案,正确答案,类型,日期,座位\n";

impl School {
    async fn upload(&self, caller: &Caller, text: &str) -> Result<pb::SpreadsheetImport, Status> {
        self.upload_to(self.class, caller, text).await
    }

    async fn upload_to(
        &self,
        class: Uuid,
        caller: &Caller,
        text: &str,
    ) -> Result<pb::SpreadsheetImport, Status> {
        let message = pb::CreateMistakeImportRequest {
            class_id: class.to_string(),
            file_name: "错题.csv".to_owned(),
            content: text.as_bytes().to_vec().into(),
        };
        let answer = self.imports.create_mistake_import(request(caller, message)).await?;
        Ok(answer.into_inner().import.unwrap())
    }

    pub async fn compare(&self, rows: &str) -> pb::SpreadsheetImport {
        self.upload(&self.teacher, &format!("{HEAD}{rows}")).await.unwrap()
    }

    async fn rows(&self, id: &str) -> Vec<pb::ImportRow> {
        let message = pb::ListMistakeImportRowsRequest {
            import_id: id.to_owned(),
            limit: 100,
            ..pb::ListMistakeImportRowsRequest::default()
        };
        let answer = self.imports.list_mistake_import_rows(request(&self.teacher, message)).await;
        answer.unwrap().into_inner().rows
    }

    pub async fn commit(&self, id: &str) -> Result<pb::SpreadsheetImport, Status> {
        let message = pb::CommitMistakeImportRequest { import_id: id.to_owned() };
        let answer = self.imports.commit_mistake_import(request(&self.teacher, message)).await?;
        Ok(answer.into_inner().import.unwrap())
    }

    pub async fn undo(&self, id: &str) -> Result<pb::SpreadsheetImport, Status> {
        Ok(self.undone(id).await?.import.unwrap())
    }

    pub async fn undone(&self, id: &str) -> Result<pb::UndoMistakeImportResponse, Status> {
        let message = pb::UndoMistakeImportRequest { import_id: id.to_owned() };
        let answer = self.imports.undo_mistake_import(request(&self.teacher, message)).await?;
        Ok(answer.into_inner())
    }

    async fn import(&self, id: &str) -> pb::SpreadsheetImport {
        let message = pb::GetMistakeImportRequest { import_id: id.to_owned() };
        let answer = self.imports.get_mistake_import(request(&self.teacher, message)).await;
        answer.unwrap().into_inner().import.unwrap()
    }

    pub async fn all(&self) -> Vec<pb::Mistake> {
        let message = pb::ListMistakesRequest { limit: 100, ..pb::ListMistakesRequest::default() };
        self.list(&self.teacher, message).await.unwrap().mistakes
    }
}

#[tokio::test]
async fn dry_run_says_what_would_happen_and_writes_nothing() {
    let school = School::new().await;
    school.classmate("李雷").await;
    school.classmate("李雷").await;
    school.record("He ___.").await;
    let rows = "20260001,林晓雨,She ___.,go,goes,词汇,2026-03-01,1\n\
                ,林晓雨,He ___.,went,goes,,,2\n\
                20260001,,He ___.,go,goes,,2026/3/2,3\n\
                20260001,,she ___.,Go,goes,,2026年3月1日,4\n\
                99,,x,y,z,,,5\n\
                ,李雷,x,y,z,,,6\n\
                20260001,王小明,x,y,z,数学,昨天,7\n\
                20260001,,x,,z,,,8\n\
                1.23457E+19,林晓雨,x,y,z,,,9\n";
    let import = school.compare(rows).await;
    assert_eq!(import.status(), pb::ImportStatus::Ready);
    assert_eq!(
        (
            import.rows,
            import.new_rows,
            import.changed_rows,
            import.unchanged_rows,
            import.refused_rows
        ),
        (9, 1, 1, 2, 5)
    );
    assert_eq!(import.ignored_columns, ["座位"]);
    let rows = school.rows(&import.id).await;
    let change = &rows[1].changes[0];
    assert_eq!((change.before.as_str(), change.after.as_str()), ("1", "2"));
    let codes: Vec<Vec<_>> = rows
        .iter()
        .map(|row| row.problems.iter().map(|problem| problem.code.as_str()).collect())
        .collect();
    assert_eq!(codes[4], ["STUDENT_NOT_FOUND"]);
    assert_eq!(codes[5], ["AMBIGUOUS"]);
    assert_eq!(codes[6], ["NAME_DIFFERS", "UNKNOWN", "INVALID"]);
    assert_eq!(codes[7], ["REQUIRED"]);
    assert_eq!(codes[8], ["NUMBER_ROUNDED"]);
    assert_eq!(school.all().await.len(), 1);
}

#[tokio::test]
async fn commit_records_once_and_undo_takes_it_back() {
    let school = School::new().await;
    let old = school.record("He ___.").await;
    school.work().await;
    let rows = "20260001,,She ___.,go,goes,词汇,2026-03-01,\n20260001,,He ___.,went,goes,,,\n";
    let import = school.compare(rows).await;
    assert_eq!(school.commit(&import.id).await.unwrap().status(), pb::ImportStatus::Committed);
    assert_eq!(school.commit(&import.id).await.unwrap().status(), pb::ImportStatus::Committed);
    let all = school.all().await;
    assert_eq!(all.len(), 2);
    let raised = school.get(&school.student, &old.id).await.unwrap();
    assert_eq!((raised.times_wrong, raised.wrong_answer.as_str()), (2, "went"));
    let new = all.iter().find(|mistake| mistake.id != old.id).unwrap();
    assert_eq!(new.r#type(), pb::MistakeType::Vocabulary);
    school.work().await;
    assert_eq!(school.ai.indexed(), 2);

    // The same file says nothing new.
    let again = school.compare(rows).await;
    assert_eq!((again.unchanged_rows, again.rows), (2, 2));

    assert_eq!(school.undo(&import.id).await.unwrap().status(), pb::ImportStatus::Undone);
    assert_eq!(school.undo(&import.id).await.unwrap().status(), pb::ImportStatus::Undone);
    let all = school.all().await;
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].times_wrong, all[0].wrong_answer.as_str()), (1, "go"));
    school.work().await;
    assert_eq!(school.ai.indexed(), 1);
    assert_eq!(reason(&school.commit(&import.id).await.unwrap_err()), "IMPORT_WRONG_STATE");
    assert_eq!(reason(&school.undo(&again.id).await.unwrap_err()), "IMPORT_WRONG_STATE");
}

#[tokio::test]
async fn other_wrong_answer_is_analysed_and_the_earlier_one_after_the_undo() {
    let school = School::new().await;
    let id = school.record("He ___.").await.id;
    let status = async || school.get(&school.student, &id).await.unwrap().analysis_status();
    let asked = || school.ai.asked.lock().unwrap().take().map(|asked| asked.wrong_answer);
    school.work().await;
    assert_eq!(asked().as_deref(), Some("go"));
    let import = school.compare("20260001,,He ___.,went,goes,,,\n").await;
    assert_eq!(school.commit(&import.id).await.unwrap().analysis_pending, Some(1));
    assert_eq!(status().await, pb::AnalysisStatus::Queued);
    school.work().await;
    assert_eq!(asked().as_deref(), Some("went"));
    school.undo(&import.id).await.unwrap();
    assert_eq!(status().await, pb::AnalysisStatus::Queued);
    school.work().await;
    assert_eq!((status().await, asked().as_deref()), (pb::AnalysisStatus::Done, Some("go")));

    // The same answer once more, and its undo: nothing new is to be said.
    let import = school.compare("20260001,,He ___.,go,goes,,2026-03-01,\n").await;
    school.commit(&import.id).await.unwrap();
    school.undo(&import.id).await.unwrap();
    school.work().await;
    assert_eq!((status().await, asked()), (pb::AnalysisStatus::Done, None));
}

#[tokio::test]
async fn import_tells_how_many_analyses_are_waiting() {
    let school = School::new().await;
    let import = school.compare("20260001,,He ___.,go,goes,,,\n").await;
    let ready = school.import(&import.id).await;
    assert_eq!((ready.analysis_pending, ready.progress), (None, None));
    assert_eq!(school.commit(&import.id).await.unwrap().analysis_pending, Some(1));
    assert_eq!(school.import(&import.id).await.analysis_pending, Some(1));
    school.work().await;
    assert_eq!(school.import(&import.id).await.analysis_pending, Some(0));
}

#[tokio::test]
async fn commit_tells_how_far_it_is() {
    let cache = kit::testing::redis().await;
    let school = School::with(cache.clone()).await;
    let import = school.compare("20260001,,He ___.,go,goes,,,\n").await;
    let id = learning_svc::import::ImportId(import.id.parse().unwrap());
    let reporter = learning_svc::import::Reporter::new(cache, id);
    reporter.report(0, 1).await;
    let progress = school.import(&import.id).await.progress.unwrap();
    assert_eq!((progress.done, progress.total), (0, 1));
    school.commit(&import.id).await.unwrap();
    assert_eq!(reporter.last().await, None, "nothing runs any more");
}

#[tokio::test]
async fn stale_dry_run_is_not_committed() {
    let school = School::new().await;
    let import = school.compare("20260001,,She ___.,went,goes,,,\n").await;
    school.record("She ___.").await;
    assert_eq!(reason(&school.commit(&import.id).await.unwrap_err()), "IMPORT_STALE");
    assert_eq!(school.all().await[0].times_wrong, 1);
}

#[tokio::test]
async fn same_rows_are_committed_once_at_the_same_time() {
    let school = School::new().await;
    let rows: Vec<_> = (0..40).map(|n| format!("20260001,,q{n} ___.,go,goes,,,\n")).collect();
    let rows = rows.concat();
    // By two classes of the same pupil.
    let second = Uuid::now_v7();
    school.add_class(second, &school.teacher).await;
    school.enrol(second, &school.student).await;
    let one = school.compare(&rows).await;
    let other = school.upload_to(second, &school.teacher, &format!("{HEAD}{rows}")).await.unwrap();
    let (one, other) = tokio::join!(school.commit(&one.id), school.commit(&other.id));
    let refused = [one, other].into_iter().filter_map(Result::err);
    let refused: Vec<_> = refused.map(|status| reason(&status)).collect();
    assert_eq!(refused, ["IMPORT_STALE"]);
    assert_eq!(school.number("SELECT max(times_wrong)::bigint FROM mistakes").await, 1);
}

#[tokio::test]
async fn imports_are_for_those_who_teach_the_class() {
    let school = School::new().await;
    let import = school.compare("20260001,,She ___.,went,goes,,,\n").await;
    let file = format!("{HEAD}20260001,,She ___.,went,goes,,,\n");
    let refused = school.upload(&school.student, &file).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let stranger = school.caller(Role::Teacher);
    assert_eq!(school.upload(&stranger, &file).await.unwrap_err().code(), Code::NotFound);
    let message = pb::CommitMistakeImportRequest { import_id: import.id.clone() };
    let refused = school.imports.commit_mistake_import(request(&stranger, message)).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    let message = pb::ListMistakeImportsRequest::default();
    let list = school.imports.list_mistake_imports(request(&stranger, message)).await.unwrap();
    assert!(list.into_inner().imports.is_empty());
    let message = pb::ListMistakeImportsRequest::default();
    let list = school.imports.list_mistake_imports(request(&school.teacher, message)).await;
    assert_eq!(list.unwrap().into_inner().imports[0].id, import.id);
}

#[tokio::test]
async fn twenty_thousand_rows_are_imported_and_no_more() {
    let school = School::new().await;
    let mut rows = String::new();
    for n in 0..20_000 {
        let _ = writeln!(rows, "20260001,,Question {n} ___.,go,goes,,2026-03-01,");
    }
    let import = school.compare(&rows).await;
    assert_eq!(import.new_rows, 20_000);
    school.commit(&import.id).await.unwrap();
    assert_eq!(school.number("SELECT count(*) FROM mistakes").await, 20_000);
    assert_eq!(school.number("SELECT count(*) FROM mistake_jobs WHERE is_bulk").await, 20_000);
    school.undo(&import.id).await.unwrap();
    let left = "SELECT count(*) FROM mistakes WHERE deleted_at IS NULL";
    assert_eq!(school.number(left).await, 0);
    let more = format!("{HEAD}{rows}20260001,,x,y,z,,,\n");
    let refused = school.upload(&school.teacher, &more).await.unwrap_err();
    assert_eq!(reason(&refused), "TOO_MANY_ROWS");
}

#[tokio::test]
async fn template_can_be_uploaded() {
    let school = School::new().await;
    for (format, locale) in [("xlsx", "zh-CN"), ("csv", "en"), ("", "")] {
        let message =
            pb::GetMistakeTemplateRequest { format: format.to_owned(), locale: locale.to_owned() };
        let template = school.imports.get_mistake_template(request(&school.teacher, message)).await;
        let message = pb::CreateMistakeImportRequest {
            class_id: school.class.to_string(),
            file_name: "template".to_owned(),
            content: template.unwrap().into_inner().content,
        };
        let import = school.imports.create_mistake_import(request(&school.teacher, message)).await;
        assert_eq!(import.unwrap().into_inner().import.unwrap().rows, 1);
    }
}
