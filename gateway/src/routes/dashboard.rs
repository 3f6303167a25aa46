//! What a teacher sees first.

use actix_web::{get, web::Data};
use proto::learning::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Problem, ok},
    session::Signed,
    view::{ActivityDay, AttentionReason, ClassRef, all},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(get_dashboard);
}

/// Today and this week over all active classes of the caller.
#[derive(Serialize, ToSchema)]
struct Dashboard {
    /// Today, as the school counts days: YYYY-MM-DD.
    day: String,
    /// Enrolled in an active class of the caller, each once.
    students: u32,
    /// With a review or a new mistake today.
    active_students_today: u32,
    new_mistakes_today: u32,
    reviews_today: u32,
    correct_reviews_today: u32,
    /// Mistakes whose analysis waits or runs.
    analyses_waiting: u32,
    /// Seven days, today last.
    week: Vec<ActivityDay>,
    /// Classes that need attention, the worst first, at most 10.
    classes: Vec<NeedyClass>,
}

/// A class that needs attention.
#[derive(Serialize, ToSchema)]
struct NeedyClass {
    class: ClassRef,
    students: u32,
    /// Students with a mistake or review in the last 7 days.
    active_students: u32,
    /// Neither mastered nor ignored.
    mistakes_unmastered: u32,
    /// Left over from earlier days.
    overdue_reviews: u32,
    /// Mastered of all that are not ignored, 0 to 1.
    mastery: f64,
    reasons: Vec<AttentionReason>,
}

impl TryFrom<pb::NeedyClass> for NeedyClass {
    type Error = Problem;

    fn try_from(needy: pb::NeedyClass) -> Result<Self, Problem> {
        let class = present(needy.class)?;
        let reasons = needy.reasons.into_iter().map(AttentionReason::from_wire);
        Ok(Self {
            class: ClassRef { id: class.id, name: class.name },
            students: needy.students,
            active_students: needy.active_students,
            mistakes_unmastered: needy.mistakes_unmastered,
            overdue_reviews: needy.overdue_reviews,
            mastery: needy.mastery,
            reasons: reasons.collect::<Result<_, _>>()?,
        })
    }
}

/// Sums up the active classes of the caller. Teachers and administrators.
#[utoipa::path(
    tag = "dashboard",
    responses((status = 200, description = "The figures", body = Dashboard)),
)]
#[get("/dashboard")]
async fn get_dashboard(state: Data<State>, _: Signed) -> Answer {
    let message = pb::GetDashboardRequest {};
    let answer = state.upstream.statistics().get_dashboard(message).await?.into_inner();
    let today = present(answer.week.last().cloned())?;
    Ok(ok(Dashboard {
        day: answer.day,
        students: answer.students,
        active_students_today: today.active_students,
        new_mistakes_today: today.new_mistakes,
        reviews_today: today.reviews,
        correct_reviews_today: today.correct_reviews,
        analyses_waiting: answer.analyses_waiting,
        week: answer.week.into_iter().map(Into::into).collect(),
        classes: all(answer.classes)?,
    }))
}
