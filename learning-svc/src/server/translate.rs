//! Classes and students on the wire.

use chrono::{Datelike as _, NaiveDate};
use kit::{page::Page, wire};
use proto::learning::v1 as pb;
use serde::de::DeserializeOwned;
use tonic::Status;
use uuid::Uuid;

use crate::{
    class::{Class, ClassStatus, Enrollment, EnrollmentStatus},
    student::{Profile, Student},
};

/// Reads which page is asked for.
pub(super) fn page<C: DeserializeOwned>(limit: u32, cursor: &str) -> Result<Page<C>, Status> {
    Page::of(limit, cursor).map_err(kit::error::into_status)
}

/// Reads many identifiers.
pub(super) fn ids(field: &str, values: &[String]) -> Result<Vec<Uuid>, Status> {
    let ids = values.iter().enumerate();
    ids.map(|(index, value)| wire::id(&format!("{field}[{index}]"), value)).collect()
}

/// Reads a day of an ordinary year.
pub(super) fn day(field: &str, text: &str) -> Result<NaiveDate, Status> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let day = day.filter(|day| (1970..=9999).contains(&day.year()));
    day.ok_or_else(|| wire::invalid(field, "is not a day such as 2026-09-01"))
}

/// Reads the first and the last day of a span, which may be absent.
pub(super) fn days(
    from: &str,
    until: &str,
) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Status> {
    let read = |field, text: &str| (!text.is_empty()).then(|| day(field, text)).transpose();
    Ok((read("from", from)?, read("until", until)?))
}

/// Reads the status of classes to list; unspecified means active.
pub(super) fn class_status(value: i32) -> Result<ClassStatus, Status> {
    match pb::ClassStatus::try_from(value) {
        Ok(pb::ClassStatus::Unspecified | pb::ClassStatus::Active) => Ok(ClassStatus::Active),
        Ok(pb::ClassStatus::Archived) => Ok(ClassStatus::Archived),
        Err(_) => Err(wire::invalid("status", "is unknown")),
    }
}

/// Reads the status of an enrollment.
pub(super) fn enrollment_status(value: i32) -> Result<Option<EnrollmentStatus>, Status> {
    match pb::EnrollmentStatus::try_from(value) {
        Ok(pb::EnrollmentStatus::Unspecified) => Ok(None),
        Ok(pb::EnrollmentStatus::Active) => Ok(Some(EnrollmentStatus::Active)),
        Ok(pb::EnrollmentStatus::Left) => Ok(Some(EnrollmentStatus::Left)),
        Ok(pb::EnrollmentStatus::Graduated) => Ok(Some(EnrollmentStatus::Graduated)),
        Err(_) => Err(wire::invalid("status", "is unknown")),
    }
}

/// Writes a class.
pub(super) fn class(class: Class) -> pb::Class {
    let status = match class.status {
        ClassStatus::Active => pb::ClassStatus::Active,
        ClassStatus::Archived => pb::ClassStatus::Archived,
    };
    let assistants = class
        .assistants
        .into_iter()
        .map(|teacher| pb::Teacher { id: teacher.id.to_string(), full_name: teacher.full_name });
    pb::Class {
        id: class.id.to_string(),
        name: class.name,
        description: class.description,
        grade: class.grade,
        semester: class.semester,
        status: status.into(),
        head_teacher_id: class.head_teacher_id.to_string(),
        head_teacher_name: class.head_teacher_name,
        assistants: assistants.collect(),
        max_students: class.max_students,
        active_students: class.active_students,
        join_code: class.join_code,
        created_at: Some(wire::time(class.created_at)),
        updated_at: Some(wire::time(class.updated_at)),
        archived_at: class.archived_at.map(wire::time),
        organization_id: class.organization_id.to_string(),
    }
}

/// Writes an enrollment.
pub(super) fn enrollment(enrollment: Enrollment) -> pb::Enrollment {
    let status = match enrollment.status {
        EnrollmentStatus::Active => pb::EnrollmentStatus::Active,
        EnrollmentStatus::Left => pb::EnrollmentStatus::Left,
        EnrollmentStatus::Graduated => pb::EnrollmentStatus::Graduated,
    };
    let profile = Profile { student: enrollment.student, classes: Vec::new() };
    pb::Enrollment {
        id: enrollment.id.to_string(),
        class_id: enrollment.class_id.to_string(),
        student: Some(student(profile)),
        status: status.into(),
        enrolled_at: Some(wire::time(enrollment.enrolled_at)),
        ended_at: enrollment.ended_at.map(wire::time),
        notes: enrollment.notes,
    }
}

/// Writes a student.
pub(super) fn student(profile: Profile) -> pb::Student {
    let Profile { student, classes } = profile;
    let Student {
        id,
        organization_id,
        username,
        full_name,
        student_no,
        grade,
        target_exam,
        target_score,
        cefr_level,
        study_goal,
        renamed_at: _,
        created_at,
        updated_at,
    } = student;
    let classes = classes
        .into_iter()
        .map(|class| pb::ClassRef { id: class.id.to_string(), name: class.name });
    pb::Student {
        id: id.to_string(),
        username,
        full_name,
        student_no: student_no.unwrap_or_default(),
        grade,
        target_exam,
        target_score,
        cefr_level: cefr_level.unwrap_or_default(),
        study_goal,
        organization_id: organization_id.to_string(),
        classes: classes.collect(),
        created_at: Some(wire::time(created_at)),
        updated_at: Some(wire::time(updated_at)),
    }
}
