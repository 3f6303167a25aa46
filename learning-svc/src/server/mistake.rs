//! `MistakeService`: translates and calls one use case.

use kit::{caller::Caller, error::into_status, idempotency::Operation, page, page::Page, wire};
use proto::learning::v1::{self as pb, mistake_service_server::MistakeService};
use tonic::{Request, Response, Status};

use super::{Reply, wire_mistake as to};
use crate::{
    access::Subject,
    mistake::{Change, Edit, Filter, MistakeError, Mistakes, NewMistake, Order, Wanted},
};

/// Serves [`MistakeService`].
pub struct MistakeServer(Mistakes);

impl MistakeServer {
    /// Serves `mistakes`.
    #[must_use]
    pub fn new(mistakes: Mistakes) -> Self {
        Self(mistakes)
    }

    fn sent(&self, mistake: crate::mistake::Mistake) -> pb::Mistake {
        to::mistake(mistake, self.0.now())
    }
}

#[tonic::async_trait]
impl MistakeService for MistakeServer {
    async fn create_mistake(
        &self,
        request: Request<pb::CreateMistakeRequest>,
    ) -> Reply<pb::CreateMistakeResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateMistake")?;
        let path = |_| "mistake.".to_owned();
        let new = request.into_inner().mistake.ok_or_else(|| to::unknown("mistake"))?;
        let new = [new_mistake("mistake.", new)?];
        let made = self.0.create(&caller, &operation, path, &new).await.map_err(into_status)?;
        let made = made.into_iter().next();
        // A repeated call finds nothing when the mistake was removed for good since.
        let made = made.ok_or(MistakeError::Gone).map_err(into_status);
        let (mistake, repeated_mistake) = made?;
        let mistake = Some(self.sent(mistake));
        Ok(Response::new(pb::CreateMistakeResponse { mistake, repeated_mistake }))
    }

    async fn create_mistakes(
        &self,
        request: Request<pb::CreateMistakesRequest>,
    ) -> Reply<pb::CreateMistakesResponse> {
        let caller = Caller::of(&request)?;
        let operation = Operation::of(&request, "CreateMistakes")?;
        let path = |place| format!("mistakes[{place}].");
        let new = request.into_inner().mistakes.into_iter().enumerate();
        let new = new.map(|(place, new)| new_mistake(&path(place), new));
        let new = new.collect::<Result<Vec<_>, _>>()?;
        let made = self.0.create(&caller, &operation, path, &new).await.map_err(into_status)?;
        let count = |wanted: bool| {
            let count = made.iter().filter(|(_, repeated)| *repeated == wanted).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let (created, repeated_mistakes) = (count(false), count(true));
        let mistakes = made.into_iter().map(|(mistake, _)| self.sent(mistake)).collect();
        Ok(Response::new(pb::CreateMistakesResponse { mistakes, created, repeated_mistakes }))
    }

    async fn get_mistake(
        &self,
        request: Request<pb::GetMistakeRequest>,
    ) -> Reply<pb::GetMistakeResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("mistake_id", &request.get_ref().mistake_id)?;
        let (mistake, origin) = self.0.with_origin(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::GetMistakeResponse {
            mistake: Some(self.sent(mistake)),
            created_by_name: origin.created_by_name,
            import_id: origin.import_id.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    async fn list_mistakes(
        &self,
        request: Request<pb::ListMistakesRequest>,
    ) -> Reply<pb::ListMistakesResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let wanted = wanted(request)?;
        let listed = self.0.list(&caller, &wanted, &page).await.map_err(into_status)?;
        Ok(Response::new(pb::ListMistakesResponse {
            next_cursor: listed.next.map(|next| page::encode(&next)).unwrap_or_default(),
            mistakes: listed.mistakes.into_iter().map(|mistake| self.sent(mistake)).collect(),
        }))
    }

    async fn update_mistake(
        &self,
        request: Request<pb::UpdateMistakeRequest>,
    ) -> Reply<pb::UpdateMistakeResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let id = wire::id("mistake_id", &request.mistake_id)?;
        let edit = edit(request)?;
        let mistake = self.0.update(&caller, id, edit).await.map_err(into_status)?;
        Ok(Response::new(pb::UpdateMistakeResponse { mistake: Some(self.sent(mistake)) }))
    }

    async fn delete_mistake(
        &self,
        request: Request<pb::DeleteMistakeRequest>,
    ) -> Reply<pb::DeleteMistakeResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("mistake_id", &request.get_ref().mistake_id)?;
        self.0.delete(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::DeleteMistakeResponse {}))
    }

    async fn restore_mistake(
        &self,
        request: Request<pb::RestoreMistakeRequest>,
    ) -> Reply<pb::RestoreMistakeResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("mistake_id", &request.get_ref().mistake_id)?;
        let mistake = self.0.restore(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::RestoreMistakeResponse { mistake: Some(self.sent(mistake)) }))
    }

    async fn change_mistakes(
        &self,
        request: Request<pb::ChangeMistakesRequest>,
    ) -> Reply<pb::ChangeMistakesResponse> {
        let caller = Caller::of(&request)?;
        let pb::ChangeMistakesRequest { mistake_ids, change } = request.into_inner();
        let ids = mistake_ids.iter().enumerate();
        let ids = ids.map(|(place, id)| wire::id(&format!("mistake_ids[{place}]"), id));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let change = self::change(change)?;
        let changed = self.0.change(&caller, &ids, change).await.map_err(into_status)?;
        let items = changed.into_iter().map(|one| pb::ChangedMistake {
            id: one.id.to_string(),
            previous_status: to::status_sent(one.previous_status).into(),
        });
        let items: Vec<_> = items.collect();
        let changed = u32::try_from(items.len()).unwrap_or(u32::MAX);
        Ok(Response::new(pb::ChangeMistakesResponse { changed, items }))
    }

    async fn analyse_mistake(
        &self,
        request: Request<pb::AnalyseMistakeRequest>,
    ) -> Reply<pb::AnalyseMistakeResponse> {
        let caller = Caller::of(&request)?;
        let id = wire::id("mistake_id", &request.get_ref().mistake_id)?;
        let mistake = self.0.analyse(&caller, id).await.map_err(into_status)?;
        Ok(Response::new(pb::AnalyseMistakeResponse { mistake: Some(self.sent(mistake)) }))
    }

    async fn list_similar_mistakes(
        &self,
        request: Request<pb::ListSimilarMistakesRequest>,
    ) -> Reply<pb::ListSimilarMistakesResponse> {
        let caller = Caller::of(&request)?;
        let pb::ListSimilarMistakesRequest { mistake_id, all_students, limit } =
            request.into_inner();
        let id = wire::id("mistake_id", &mistake_id)?;
        let similar =
            self.0.similar(&caller, id, all_students, limit).await.map_err(into_status)?;
        let similar = similar.into_iter().map(|similar| pb::SimilarMistake {
            mistake: Some(self.sent(similar.mistake)),
            similarity: similar.similarity,
        });
        Ok(Response::new(pb::ListSimilarMistakesResponse { similar: similar.collect() }))
    }
}

fn new_mistake(path: &str, new: pb::NewMistake) -> Result<NewMistake, Status> {
    let field = |name: &str| format!("{path}{name}");
    let kind = field("type");
    Ok(NewMistake {
        student_id: wire::id(&field("student_id"), &new.student_id)?,
        mistake_type: to::mistake_type(&kind, new.r#type)?.ok_or_else(|| to::unknown(&kind))?,
        question: new.question,
        wrong_answer: new.wrong_answer,
        correct_answer: new.correct_answer,
        explanation: new.explanation,
        topic: new.topic,
        difficulty_level: new.difficulty_level,
        source: new.source,
        mistaken_at: wire::from_time(&field("mistaken_at"), new.mistaken_at)?,
    })
}

fn wanted(request: pb::ListMistakesRequest) -> Result<Wanted, Status> {
    let subject = Subject {
        student: wire::optional_id("student_id", request.student_id.as_str())?,
        class: wire::optional_id("class_id", request.class_id.as_str())?,
    };
    let order = match pb::MistakeOrder::try_from(request.order) {
        Ok(pb::MistakeOrder::Unspecified | pb::MistakeOrder::Latest) => Order::Latest,
        Ok(pb::MistakeOrder::Oldest) => Order::Oldest,
        Ok(pb::MistakeOrder::MostFrequent) => Order::MostFrequent,
        Err(_) => return Err(to::unknown("order")),
    };
    let point = Some(request.knowledge_point_id).filter(|point| !point.is_empty());
    let filter = Filter {
        statuses: to::all("statuses", &request.statuses, to::status)?,
        types: to::all("types", &request.types, to::mistake_type)?,
        topic: request.topic,
        knowledge_point_ids: point.into_iter().collect(),
        from: wire::from_time("from", request.from)?,
        until: wire::from_time("until", request.until)?,
        query: request.query,
        analysis_status: to::analysis_status("analysis_status", request.analysis_status)?,
        deleted: request.deleted,
    };
    Ok(Wanted { subject, filter, order })
}

fn edit(request: pb::UpdateMistakeRequest) -> Result<Edit, Status> {
    let mistake_type = match request.r#type {
        Some(value) => Some(to::mistake_type("type", value)?.ok_or_else(|| to::unknown("type"))?),
        None => None,
    };
    let status = match request.status {
        Some(value) => Some(to::status("status", value)?.ok_or_else(|| to::unknown("status"))?),
        None => None,
    };
    Ok(Edit {
        mistake_type,
        status,
        question: request.question,
        wrong_answer: request.wrong_answer,
        correct_answer: request.correct_answer,
        explanation: request.explanation,
        topic: request.topic,
        difficulty_level: request.difficulty_level,
        source: request.source,
        version: request.version,
    })
}

fn change(change: Option<pb::change_mistakes_request::Change>) -> Result<Change, Status> {
    use pb::change_mistakes_request::Change as Sent;
    match change {
        Some(Sent::Status(value)) => {
            let status = to::status("status", value)?.ok_or_else(|| to::unknown("status"))?;
            Ok(Change::Status(status))
        }
        Some(Sent::Delete(true)) => Ok(Change::Delete),
        Some(Sent::Restore(true)) => Ok(Change::Restore),
        Some(Sent::Analyse(true)) => Ok(Change::Analyse),
        Some(Sent::Delete(false) | Sent::Restore(false) | Sent::Analyse(false)) | None => {
            Err(wire::invalid("change", "is missing"))
        }
    }
}
