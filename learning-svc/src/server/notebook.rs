//! `NotebookService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, wire};
use proto::learning::v1::{self as pb, notebook_service_server::NotebookService};
use tonic::{Request, Response};

use super::{Reply, wire_mistake as to};
use crate::{
    mistake::Filter,
    notebook::{Notebooks, Wish},
};

/// Serves [`NotebookService`].
pub struct NotebookServer(Notebooks);

impl NotebookServer {
    /// Serves `notebooks`.
    #[must_use]
    pub fn new(notebooks: Notebooks) -> Self {
        Self(notebooks)
    }
}

#[tonic::async_trait]
impl NotebookService for NotebookServer {
    async fn get_notebook(
        &self,
        request: Request<pb::GetNotebookRequest>,
    ) -> Reply<pb::GetNotebookResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let wish = Wish {
            student: wire::id("student_id", &request.student_id)?,
            class: wire::optional_id("class_id", request.class_id.as_str())?,
            filter: Filter {
                statuses: to::all("statuses", &request.statuses, to::status)?,
                types: to::all("types", &request.types, to::mistake_type)?,
                topic: request.topic,
                knowledge_point_ids: request.knowledge_point_ids,
                from: wire::from_time("from", request.from)?,
                until: wire::from_time("until", request.until)?,
                ..Filter::default()
            },
            with_similar: request.with_similar,
        };
        let book = self.0.get(&caller, &wish).await.map_err(into_status)?;
        let now = self.0.now();
        let mistakes = book.mistakes.into_iter().map(|(mistake, similar)| pb::NotebookMistake {
            mistake: Some(to::mistake(mistake, now)),
            similar: similar
                .into_iter()
                .map(|similar| pb::SimilarQuestion {
                    mistake_id: similar.mistake_id.to_string(),
                    question: similar.question,
                    correct_answer: similar.correct_answer,
                })
                .collect(),
        });
        Ok(Response::new(pb::GetNotebookResponse {
            mistakes: mistakes.collect(),
            student: Some(to::pupil(book.student)),
            class_name: book.cover.class_name,
            teacher_name: book.cover.teacher_name,
            mistakes_total: book.total,
            mastered: book.mastered,
            ignored: book.ignored,
            truncated: book.truncated,
        }))
    }

    async fn list_notebook_students(
        &self,
        request: Request<pb::ListNotebookStudentsRequest>,
    ) -> Reply<pb::ListNotebookStudentsResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListNotebookStudentsRequest { class_id, student_ids } = request.into_inner();
        let class = wire::id("class_id", &class_id)?;
        let only = student_ids.iter().enumerate();
        let only = only.map(|(place, id)| wire::id(&format!("student_ids[{place}]"), id));
        let only = only.collect::<Result<Vec<_>, _>>()?;
        let (class_name, pupils) =
            self.0.students(&caller, class, &only).await.map_err(into_status)?;
        let students = pupils.into_iter().map(to::pupil).collect();
        Ok(Response::new(pb::ListNotebookStudentsResponse { class_name, students }))
    }
}
