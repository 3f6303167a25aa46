//! Mistake books.

use actix_web::{
    HttpResponse, delete, get, patch, post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use kit::caller;
use proto::learning::v1::{self as pb, change_mistakes_request::Change};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Json, Problem, Query, created, no_content, ok},
    session::Signed,
    view::{
        AnalysisStatus, Mistake, MistakeOrder, MistakeStatus, MistakeType, Page, all,
        input::{self, changed},
        text,
    },
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .service(list_mistakes)
        .service(create_mistake)
        .service(create_mistakes)
        .service(change_mistakes)
        .service(get_mistake)
        .service(update_mistake)
        .service(delete_mistake)
        .service(restore_mistake)
        .service(analyse_mistake);
}

/// Which mistakes are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MistakeFilter {
    /// All students that the caller may see when absent.
    student_id: Option<Uuid>,
    class_id: Option<Uuid>,
    /// Separated by commas.
    #[serde(default)]
    #[param(style = Form, explode = false)]
    statuses: Vec<MistakeStatus>,
    /// Separated by commas.
    #[serde(default)]
    #[param(style = Form, explode = false)]
    types: Vec<MistakeType>,
    topic: Option<String>,
    knowledge_point_id: Option<String>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    /// Part of question, answers or explanation.
    query: Option<String>,
    analysis_status: Option<AnalysisStatus>,
    /// Latest mistaken first when absent.
    order: Option<MistakeOrder>,
    /// Deleted ones that can still be restored, instead of the others.
    deleted: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists mistakes that the caller may see.
#[utoipa::path(
    tag = "mistakes",
    params(MistakeFilter),
    responses((status = 200, description = "A page of mistakes", body = Page<Mistake>)),
)]
#[get("/mistakes")]
async fn list_mistakes(state: Data<State>, _: Signed, filter: Query<MistakeFilter>) -> Answer {
    let Query(filter) = filter;
    let message = pb::ListMistakesRequest {
        student_id: input::id(filter.student_id),
        class_id: input::id(filter.class_id),
        statuses: filter.statuses.into_iter().map(MistakeStatus::to_wire).collect(),
        types: filter.types.into_iter().map(MistakeType::to_wire).collect(),
        topic: filter.topic.unwrap_or_default(),
        knowledge_point_id: filter.knowledge_point_id.unwrap_or_default(),
        from: input::time(filter.from),
        until: input::time(filter.until),
        query: filter.query.unwrap_or_default(),
        analysis_status: filter.analysis_status.map(AnalysisStatus::to_wire).unwrap_or_default(),
        order: filter.order.map(MistakeOrder::to_wire).unwrap_or_default(),
        limit: input::counted("limit", filter.limit)?,
        cursor: filter.cursor.unwrap_or_default(),
        deleted: filter.deleted.unwrap_or_default(),
    };
    let answer = state.upstream.mistakes().list_mistakes(message).await?.into_inner();
    Ok(ok(Page::<Mistake>::of(answer.mistakes, answer.next_cursor)?))
}

/// A mistake to record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMistake {
    /// May be left out by students.
    student_id: Option<Uuid>,
    #[serde(rename = "type")]
    kind: MistakeType,
    /// 1 to 10,000 characters.
    question: String,
    /// 1 to 5,000 characters.
    wrong_answer: String,
    correct_answer: String,
    explanation: Option<String>,
    topic: Option<String>,
    /// A1 to C2.
    difficulty_level: Option<String>,
    source: Option<String>,
    /// Now when absent. What lies up to 5 minutes ahead is taken as now, what is later refused.
    mistaken_at: Option<DateTime<Utc>>,
}

impl NewMistake {
    /// Writes the mistake; `place` is the path of the mistake in the body, with its dot.
    fn into_wire(self, signed: &Signed, place: &str) -> Result<pb::NewMistake, Problem> {
        let own = (signed.caller.role == caller::Role::Student).then_some(signed.caller.user_id);
        let student = self.student_id.or(own).ok_or_else(|| {
            Problem::field(format!("{place}student_id"), "MISSING_FIELD", "is missing")
        })?;
        Ok(pb::NewMistake {
            student_id: student.to_string(),
            r#type: self.kind.to_wire(),
            question: self.question,
            wrong_answer: self.wrong_answer,
            correct_answer: self.correct_answer,
            explanation: self.explanation.unwrap_or_default(),
            topic: self.topic.unwrap_or_default(),
            difficulty_level: self.difficulty_level.unwrap_or_default(),
            source: self.source.unwrap_or_default(),
            mistaken_at: input::time(self.mistaken_at),
        })
    }
}

/// A recorded mistake.
#[derive(Serialize, ToSchema)]
struct RecordedMistake {
    #[serde(flatten)]
    mistake: Mistake,
    /// The entry was there already and its count was raised.
    repeated_mistake: bool,
}

/// Records a mistake. One that is there already is counted once more.
#[utoipa::path(
    tag = "mistakes",
    responses(
        (status = 200, description = "It was there already", body = RecordedMistake),
        (status = 201, description = "The new mistake", body = RecordedMistake),
    ),
)]
#[post("/mistakes")]
async fn create_mistake(state: Data<State>, signed: Signed, body: Json<NewMistake>) -> Answer {
    let mistake = Some(body.0.into_wire(&signed, "")?);
    let message = pb::CreateMistakeRequest { mistake };
    let answer = state.upstream.mistakes().create_mistake(message).await;
    let answer = answer.map_err(|status| Problem::from(status).without("mistake."))?.into_inner();
    let repeated_mistake = answer.repeated_mistake;
    let recorded =
        RecordedMistake { mistake: present(answer.mistake)?.try_into()?, repeated_mistake };
    Ok(if repeated_mistake { ok(recorded) } else { created(recorded) })
}

/// Mistakes to record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMistakes {
    /// 1 to 200, and at most 2 MiB together.
    mistakes: Vec<NewMistake>,
}

/// Mistakes that were recorded, in the order of the request.
#[derive(Serialize, ToSchema)]
struct RecordedMistakes {
    items: Vec<Mistake>,
    created: u32,
    repeated_mistakes: u32,
}

/// Records up to 200 mistakes, or none.
#[utoipa::path(
    tag = "mistakes",
    responses((status = 201, description = "All were recorded", body = RecordedMistakes)),
)]
#[post("/mistakes/batch")]
async fn create_mistakes(state: Data<State>, signed: Signed, body: Json<NewMistakes>) -> Answer {
    let mistakes = body.0.mistakes.into_iter().enumerate();
    let mistakes =
        mistakes.map(|(index, mistake)| mistake.into_wire(&signed, &format!("mistakes[{index}].")));
    let message = pb::CreateMistakesRequest { mistakes: mistakes.collect::<Result<_, _>>()? };
    let answer = state.upstream.mistakes().create_mistakes(message).await?.into_inner();
    Ok(created(RecordedMistakes {
        items: all(answer.mistakes)?,
        created: answer.created,
        repeated_mistakes: answer.repeated_mistakes,
    }))
}

/// What to do with several mistakes: exactly one of `status`, `delete`, `restore`, `analyse`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MistakeChanges {
    /// 1 to 200.
    mistake_ids: Vec<Uuid>,
    status: Option<MistakeStatus>,
    #[serde(default)]
    delete: bool,
    #[serde(default)]
    restore: bool,
    #[serde(default)]
    analyse: bool,
}

impl MistakeChanges {
    fn change(&self) -> Result<Change, Problem> {
        let wanted = [
            self.status.map(|status| Change::Status(status.to_wire())),
            self.delete.then_some(Change::Delete(true)),
            self.restore.then_some(Change::Restore(true)),
            self.analyse.then_some(Change::Analyse(true)),
        ];
        let mut wanted = wanted.into_iter().flatten();
        match (wanted.next(), wanted.next()) {
            (Some(change), None) => Ok(change),
            _ => Err(Problem::field(
                "status",
                "INVALID_FIELD",
                "exactly one of status, delete, restore and analyse must be given",
            )),
        }
    }
}

/// Which mistakes were changed.
#[derive(Serialize, ToSchema)]
struct Changed {
    changed: u32,
    /// Those that were changed; the others were as wanted already.
    items: Vec<ChangedMistake>,
}

/// A mistake that was changed.
#[derive(Serialize, ToSchema)]
struct ChangedMistake {
    id: String,
    /// Before the change, to undo it.
    previous_status: MistakeStatus,
}

/// Sets the state of, deletes, restores or analyses up to 200 mistakes; all or none.
#[utoipa::path(
    tag = "mistakes",
    responses((status = 200, description = "Which were changed", body = Changed)),
)]
#[post("/mistakes/changes")]
async fn change_mistakes(state: Data<State>, _: Signed, body: Json<MistakeChanges>) -> Answer {
    let change = Some(body.0.change()?);
    let message = pb::ChangeMistakesRequest { mistake_ids: input::ids(body.0.mistake_ids), change };
    let answer = state.upstream.mistakes().change_mistakes(message).await?.into_inner();
    let items = answer.items.into_iter().map(|one| {
        let previous_status = MistakeStatus::from_wire(one.previous_status)?;
        Ok(ChangedMistake { id: one.id, previous_status })
    });
    let items = items.collect::<Result<_, Problem>>()?;
    Ok(ok(Changed { changed: answer.changed, items }))
}

/// A mistake, and where it came from.
#[derive(Serialize, ToSchema)]
struct MistakeDetail {
    #[serde(flatten)]
    mistake: Mistake,
    /// Null when the name is not known any more.
    created_by_name: Option<String>,
    /// The import that made the entry; null when it was typed.
    import_id: Option<String>,
}

/// Returns one mistake.
#[utoipa::path(
    tag = "mistakes",
    responses((status = 200, description = "The mistake", body = MistakeDetail)),
)]
#[get("/mistakes/{id}")]
async fn get_mistake(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::GetMistakeRequest { mistake_id: id.to_string() };
    let answer = state.upstream.mistakes().get_mistake(message).await?.into_inner();
    Ok(ok(MistakeDetail {
        mistake: present(answer.mistake)?.try_into()?,
        created_by_name: text(answer.created_by_name),
        import_id: text(answer.import_id),
    }))
}

/// A change of a mistake; absent fields stay, null empties.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct MistakeChange {
    #[serde(rename = "type")]
    kind: Option<MistakeType>,
    status: Option<MistakeStatus>,
    #[serde(deserialize_with = "changed")]
    question: Option<String>,
    #[serde(deserialize_with = "changed")]
    wrong_answer: Option<String>,
    #[serde(deserialize_with = "changed")]
    correct_answer: Option<String>,
    #[serde(deserialize_with = "changed")]
    explanation: Option<String>,
    #[serde(deserialize_with = "changed")]
    topic: Option<String>,
    /// A1 to C2.
    #[serde(deserialize_with = "changed")]
    difficulty_level: Option<String>,
    #[serde(deserialize_with = "changed")]
    source: Option<String>,
    /// The version that was read; refused when somebody else has written meanwhile.
    version: Option<u64>,
}

/// Changes a mistake. A changed question or answer is analysed again.
#[utoipa::path(
    tag = "mistakes",
    responses((status = 200, description = "The changed mistake", body = Mistake)),
)]
#[patch("/mistakes/{id}")]
async fn update_mistake(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    body: Json<MistakeChange>,
) -> Answer {
    let Json(body) = body;
    let message = pb::UpdateMistakeRequest {
        mistake_id: id.to_string(),
        r#type: body.kind.map(MistakeType::to_wire),
        status: body.status.map(MistakeStatus::to_wire),
        question: body.question,
        wrong_answer: body.wrong_answer,
        correct_answer: body.correct_answer,
        explanation: body.explanation,
        topic: body.topic,
        difficulty_level: body.difficulty_level,
        source: body.source,
        version: body.version,
    };
    let answer = state.upstream.mistakes().update_mistake(message).await?.into_inner();
    Ok(ok(Mistake::try_from(present(answer.mistake)?)?))
}

/// Deletes a mistake; it can be restored for 30 days.
#[utoipa::path(tag = "mistakes", responses((status = 204, description = "Deleted")))]
#[delete("/mistakes/{id}")]
async fn delete_mistake(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::DeleteMistakeRequest { mistake_id: id.to_string() };
    state.upstream.mistakes().delete_mistake(message).await?;
    Ok(no_content())
}

/// Brings a deleted mistake back.
#[utoipa::path(
    tag = "mistakes",
    responses((status = 200, description = "The mistake", body = Mistake)),
)]
#[post("/mistakes/{id}/restore")]
async fn restore_mistake(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::RestoreMistakeRequest { mistake_id: id.to_string() };
    let answer = state.upstream.mistakes().restore_mistake(message).await?.into_inner();
    Ok(ok(Mistake::try_from(present(answer.mistake)?)?))
}

/// Queues a new analysis.
///
/// One that waits already stays as it is. So does, when a student asks, what a model has said of the
/// same text within the last 24 hours: `analysis_status` is `done` in the answer then.
#[utoipa::path(
    tag = "mistakes",
    responses((
        status = 202,
        description = "The mistake, waiting for analysis unless it stays as it is",
        body = Mistake,
    )),
)]
#[post("/mistakes/{id}/analysis")]
async fn analyse_mistake(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::AnalyseMistakeRequest { mistake_id: id.to_string() };
    let answer = state.upstream.mistakes().analyse_mistake(message).await?.into_inner();
    Ok(HttpResponse::Accepted().json(Mistake::try_from(present(answer.mistake)?)?))
}
