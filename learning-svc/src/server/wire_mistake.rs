//! Mistakes and students between the wire and the domain.

use chrono::{DateTime, Utc};
use kit::wire;
use proto::learning::v1 as pb;
use tonic::Status as Refusal;

use crate::{
    mistake::{AnalysisStatus, KnowledgePoint, Mistake, MistakeType, Status},
    review::{AnswerForm, answer_form, retrievability},
    store::pupils::Pupil,
};

/// Reads a type of mistake; absent when unspecified.
pub(super) fn mistake_type(field: &str, value: i32) -> Result<Option<MistakeType>, Refusal> {
    Ok(Some(match pb::MistakeType::try_from(value) {
        Ok(pb::MistakeType::Unspecified) => return Ok(None),
        Ok(pb::MistakeType::Grammar) => MistakeType::Grammar,
        Ok(pb::MistakeType::Vocabulary) => MistakeType::Vocabulary,
        Ok(pb::MistakeType::Reading) => MistakeType::Reading,
        Ok(pb::MistakeType::Listening) => MistakeType::Listening,
        Ok(pb::MistakeType::Writing) => MistakeType::Writing,
        Ok(pb::MistakeType::Speaking) => MistakeType::Speaking,
        Ok(pb::MistakeType::Pronunciation) => MistakeType::Pronunciation,
        Ok(pb::MistakeType::Comprehension) => MistakeType::Comprehension,
        Err(_) => return Err(unknown(field)),
    }))
}

fn mistake_type_sent(value: MistakeType) -> pb::MistakeType {
    match value {
        MistakeType::Grammar => pb::MistakeType::Grammar,
        MistakeType::Vocabulary => pb::MistakeType::Vocabulary,
        MistakeType::Reading => pb::MistakeType::Reading,
        MistakeType::Listening => pb::MistakeType::Listening,
        MistakeType::Writing => pb::MistakeType::Writing,
        MistakeType::Speaking => pb::MistakeType::Speaking,
        MistakeType::Pronunciation => pb::MistakeType::Pronunciation,
        MistakeType::Comprehension => pb::MistakeType::Comprehension,
    }
}

/// Reads a status; absent when unspecified.
pub(super) fn status(field: &str, value: i32) -> Result<Option<Status>, Refusal> {
    Ok(Some(match pb::MistakeStatus::try_from(value) {
        Ok(pb::MistakeStatus::Unspecified) => return Ok(None),
        Ok(pb::MistakeStatus::Pending) => Status::Pending,
        Ok(pb::MistakeStatus::Reviewing) => Status::Reviewing,
        Ok(pb::MistakeStatus::Mastered) => Status::Mastered,
        Ok(pb::MistakeStatus::Ignored) => Status::Ignored,
        Err(_) => return Err(unknown(field)),
    }))
}

/// Reads a list whose entries must all be known.
pub(super) fn all<T>(
    field: &str,
    values: &[i32],
    read: fn(&str, i32) -> Result<Option<T>, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let read = |(place, value): (usize, &i32)| {
        let field = format!("{field}[{place}]");
        read(&field, *value)?.ok_or_else(|| unknown(&field))
    };
    values.iter().enumerate().map(read).collect()
}

/// Reads how far an analysis is; absent when unspecified.
pub(super) fn analysis_status(field: &str, value: i32) -> Result<Option<AnalysisStatus>, Refusal> {
    Ok(Some(match pb::AnalysisStatus::try_from(value) {
        Ok(pb::AnalysisStatus::Unspecified) => return Ok(None),
        Ok(pb::AnalysisStatus::Queued) => AnalysisStatus::Queued,
        Ok(pb::AnalysisStatus::Running) => AnalysisStatus::Running,
        Ok(pb::AnalysisStatus::Done) => AnalysisStatus::Done,
        Ok(pb::AnalysisStatus::Failed) => AnalysisStatus::Failed,
        Err(_) => return Err(unknown(field)),
    }))
}

/// Refuses a value that is missing or unknown.
pub(super) fn unknown(field: &str) -> Refusal {
    wire::invalid(field, "is missing or unknown")
}

/// Writes a status.
pub(super) fn status_sent(status: Status) -> pb::MistakeStatus {
    match status {
        Status::Pending => pb::MistakeStatus::Pending,
        Status::Reviewing => pb::MistakeStatus::Reviewing,
        Status::Mastered => pb::MistakeStatus::Mastered,
        Status::Ignored => pb::MistakeStatus::Ignored,
    }
}

/// Writes a mistake as it is at `now`.
pub(super) fn mistake(mistake: Mistake, now: DateTime<Utc>) -> pb::Mistake {
    let analysis_status = match mistake.analysis_status {
        AnalysisStatus::Queued => pb::AnalysisStatus::Queued,
        AnalysisStatus::Running => pb::AnalysisStatus::Running,
        AnalysisStatus::Done => pb::AnalysisStatus::Done,
        AnalysisStatus::Failed => pb::AnalysisStatus::Failed,
    };
    let is_done = mistake.analysis_status == AnalysisStatus::Done;
    let analysis = mistake.analysis.filter(|_| is_done).map(|analysis| pb::Analysis {
        error_type: analysis.error_type,
        error_type_zh: analysis.error_type_zh,
        what_went_wrong: analysis.what_went_wrong,
        why_right: analysis.why_right,
        how_to_remember: analysis.how_to_remember,
        source: analysis.source,
        model: analysis.model,
        analysed_at: Some(wire::time(analysis.analysed_at)),
        error_type_en: analysis.error_type_en,
    });
    let answer_form = match answer_form(mistake.mistake_type, &mistake.correct_answer) {
        AnswerForm::Text => pb::AnswerForm::Text,
        AnswerForm::SelfRating => pb::AnswerForm::SelfRating,
    };
    pb::Mistake {
        answer_form: answer_form.into(),
        id: mistake.id.to_string(),
        student_id: mistake.student_id.to_string(),
        r#type: mistake_type_sent(mistake.mistake_type).into(),
        status: status_sent(mistake.status).into(),
        question: mistake.question,
        wrong_answer: mistake.wrong_answer,
        correct_answer: mistake.correct_answer,
        explanation: mistake.explanation,
        topic: mistake.topic,
        difficulty_level: mistake.difficulty_level,
        knowledge_points: mistake.knowledge_points.into_iter().map(knowledge_point).collect(),
        source: mistake.source,
        times_wrong: mistake.times_wrong,
        review_count: mistake.review_count,
        first_mistaken_at: Some(wire::time(mistake.first_mistaken_at)),
        last_mistaken_at: Some(wire::time(mistake.last_mistaken_at)),
        last_reviewed_at: mistake.last_reviewed_at.map(wire::time),
        due_at: mistake.due_at.map(wire::time),
        analysis_status: analysis_status.into(),
        analysis,
        created_at: Some(wire::time(mistake.created_at)),
        updated_at: Some(wire::time(mistake.updated_at)),
        created_by: mistake.created_by.to_string(),
        student_name: mistake.student_name,
        version: mistake.version,
        retrievability: mistake.memory.map(|memory| rounded(retrievability(&memory, now))),
    }
}

/// Rounds a probability to a thousandth: the next second's answer is the same, and caches hold.
fn rounded(probability: f64) -> f64 {
    (probability * 1_000.0).round() / 1_000.0
}

/// Writes a knowledge point.
pub(super) fn knowledge_point(point: KnowledgePoint) -> pb::KnowledgePointRef {
    pb::KnowledgePointRef { id: point.id, name_zh: point.name_zh, name_en: point.name_en }
}

/// Writes a student.
pub(super) fn pupil(pupil: Pupil) -> pb::Student {
    let classes = pupil.classes.into_iter();
    pb::Student {
        id: pupil.id.to_string(),
        username: pupil.username,
        full_name: pupil.full_name,
        student_no: pupil.student_no,
        grade: pupil.grade,
        target_exam: pupil.target_exam,
        target_score: pupil.target_score,
        cefr_level: pupil.cefr_level,
        study_goal: pupil.study_goal,
        organization_id: pupil.organization_id.to_string(),
        classes: classes.map(|(id, name)| pb::ClassRef { id: id.to_string(), name }).collect(),
        created_at: Some(wire::time(pupil.created_at)),
        updated_at: Some(wire::time(pupil.updated_at)),
    }
}
