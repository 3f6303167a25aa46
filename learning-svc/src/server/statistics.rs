//! `StatisticsService`: translates and calls one use case.

use std::collections::HashMap;

use kit::{caller::Caller, error::into_status, page::Page, wire};
use proto::learning::v1::{self as pb, statistics_service_server::StatisticsService};
use tonic::{Request, Response};
use uuid::Uuid;

use super::{Reply, translate, wire_mistake as to};
use crate::{
    statistics::{
        Attention, Count, Day, Figures, Line, LineOrder, Point, Reason, Span, Statistics, Step,
        WeakPoint, Week,
    },
    store::{lines::LastWeak, pupils::Pupil},
};

/// Serves [`StatisticsService`].
pub struct StatisticsServer(Statistics);

impl StatisticsServer {
    /// Serves `statistics`.
    #[must_use]
    pub fn new(statistics: Statistics) -> Self {
        Self(statistics)
    }
}

#[tonic::async_trait]
impl StatisticsService for StatisticsServer {
    async fn get_student_statistics(
        &self,
        request: Request<pb::GetStudentStatisticsRequest>,
    ) -> Reply<pb::GetStudentStatisticsResponse> {
        let caller = Caller::of(&request)?;
        let pb::GetStudentStatisticsRequest { student_id, from, until } = request.into_inner();
        let student = wire::id("student_id", &student_id)?;
        let span =
            Span { from: wire::from_time("from", from)?, until: wire::from_time("until", until)? };
        let report = self.0.student(&caller, student, span).await.map_err(into_status)?;
        Ok(Response::new(pb::GetStudentStatisticsResponse {
            figures: Some(figures(report.figures)),
            streak_days: report.streak.days,
            longest_streak_days: report.streak.longest_days,
            due_today: report.due_today,
        }))
    }

    async fn get_class_statistics(
        &self,
        request: Request<pb::GetClassStatisticsRequest>,
    ) -> Reply<pb::GetClassStatisticsResponse> {
        let caller = Caller::of(&request)?;
        let pb::GetClassStatisticsRequest { class_id, from, until } = request.into_inner();
        let class = wire::id("class_id", &class_id)?;
        let span =
            Span { from: wire::from_time("from", from)?, until: wire::from_time("until", until)? };
        let (report, pupils) = self.0.class(&caller, class, span).await.map_err(into_status)?;
        Ok(Response::new(pb::GetClassStatisticsResponse {
            figures: Some(figures(report.figures)),
            students: report.students,
            active_students: report.active_students,
            by_student: lines(report.lines, pupils),
        }))
    }

    async fn list_weak_students(
        &self,
        request: Request<pb::ListWeakStudentsRequest>,
    ) -> Reply<pb::ListWeakStudentsResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let class = wire::id("class_id", &request.class_id)?;
        let page: Page<LastWeak> = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let point = &request.knowledge_point_id;
        let weak = self.0.weak_students(&caller, class, point, &page);
        let (found, pupils) = weak.await.map_err(into_status)?;
        let next_cursor =
            page.next(&found, |last| LastWeak { open: last.open, student_id: last.student_id });
        Ok(Response::new(pb::ListWeakStudentsResponse {
            students: lines(found, pupils),
            next_cursor,
        }))
    }

    async fn list_class_students(
        &self,
        request: Request<pb::ListClassStudentsRequest>,
    ) -> Reply<pb::ListClassStudentsResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let class = wire::id("class_id", &request.class_id)?;
        let order = match pb::StudentOrder::try_from(request.order) {
            Ok(pb::StudentOrder::Unspecified | pb::StudentOrder::Name) => LineOrder::Name,
            Ok(pb::StudentOrder::Unmastered) => LineOrder::Unmastered,
            Ok(pb::StudentOrder::Due) => LineOrder::Due,
            Ok(pb::StudentOrder::LastActive) => LineOrder::LastActive,
            Err(_) => return Err(to::unknown("order")),
        };
        let page = Page::of(request.limit, &request.cursor).map_err(into_status)?;
        let wanted = (order, request.query.as_str());
        let found = self.0.class_students(&caller, class, wanted, &page).await;
        let found = found.map_err(into_status)?;
        Ok(Response::new(pb::ListClassStudentsResponse {
            students: lines(found.lines, found.pupils),
            next_cursor: found.next_cursor,
        }))
    }

    async fn get_class_activity(
        &self,
        request: Request<pb::GetClassActivityRequest>,
    ) -> Reply<pb::GetClassActivityResponse> {
        let caller = Caller::of(&request)?;
        let pb::GetClassActivityRequest { class_id, from, until } = request.into_inner();
        let class = wire::id("class_id", &class_id)?;
        let asked = translate::days(&from, &until)?;
        let days = self.0.class_activity(&caller, class, asked).await.map_err(into_status)?;
        let days = days.into_iter().map(day).collect();
        Ok(Response::new(pb::GetClassActivityResponse { days }))
    }

    async fn get_student_progress(
        &self,
        request: Request<pb::GetStudentProgressRequest>,
    ) -> Reply<pb::GetStudentProgressResponse> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let student = wire::id("student_id", &request.student_id)?;
        let asked = translate::days(&request.from, &request.until)?;
        let step = match pb::ProgressStep::try_from(request.step) {
            Ok(pb::ProgressStep::Unspecified | pb::ProgressStep::Day) => Step::Day,
            Ok(pb::ProgressStep::Week) => Step::Week,
            Err(_) => return Err(to::unknown("step")),
        };
        let points = self.0.progress(&caller, student, asked, step).await.map_err(into_status)?;
        let points = points.into_iter().map(point).collect();
        Ok(Response::new(pb::GetStudentProgressResponse { points }))
    }

    async fn get_dashboard(
        &self,
        request: Request<pb::GetDashboardRequest>,
    ) -> Reply<pb::GetDashboardResponse> {
        let caller = Caller::of(&request)?;
        let board = self.0.dashboard(&caller).await.map_err(into_status)?;
        Ok(Response::new(pb::GetDashboardResponse {
            day: board.day.to_string(),
            students: board.students,
            analyses_waiting: board.analyses_waiting,
            week: board.week.into_iter().map(day).collect(),
            classes: board.classes.into_iter().map(needy).collect(),
        }))
    }
}

fn day(day: Day) -> pb::ActivityDay {
    let Day { day, active_students, new_mistakes, reviews, correct_reviews } = day;
    let day = day.to_string();
    pb::ActivityDay { day, active_students, new_mistakes, reviews, correct_reviews }
}

fn point(point: Point) -> pb::ProgressPoint {
    pb::ProgressPoint {
        day: point.day.to_string(),
        mistakes: point.mistakes,
        mastered: point.mastered,
        mastery: point.mastery(),
        mean_retrievability: point.mean_retrievability,
    }
}

fn needy(needy: Attention) -> pb::NeedyClass {
    let class = needy.class;
    let reasons = needy.reasons.into_iter().map(|reason| match reason {
        Reason::NoStudents => pb::AttentionReason::NoStudents.into(),
        Reason::InactiveStudents => pb::AttentionReason::InactiveStudents.into(),
        Reason::OverdueReviews => pb::AttentionReason::OverdueReviews.into(),
        Reason::LowMastery => pb::AttentionReason::LowMastery.into(),
    });
    pb::NeedyClass {
        students: class.students,
        active_students: class.active_students,
        mistakes_unmastered: class.open,
        overdue_reviews: class.overdue,
        mastery: class.mastery(),
        class: Some(pb::ClassRef { id: class.id.to_string(), name: class.name }),
        reasons: reasons.collect(),
    }
}

fn figures(figures: Figures) -> pb::MistakeFigures {
    pb::MistakeFigures {
        mistakes: figures.mistakes,
        times_wrong: figures.times_wrong,
        pending: figures.pending,
        reviewing: figures.reviewing,
        mastered: figures.mastered,
        ignored: figures.ignored,
        mastery: figures.mastery(),
        by_type: figures.by_type.into_iter().map(count).collect(),
        by_topic: figures.by_topic.into_iter().map(count).collect(),
        by_knowledge_point: figures.by_knowledge_point.into_iter().map(weak_point).collect(),
        trend: figures.trend.into_iter().map(week).collect(),
        reviews: figures.reviews,
        correct_reviews: figures.correct_reviews,
    }
}

fn count(count: Count) -> pb::Count {
    pb::Count { key: count.key, mistakes: count.mistakes, mastered: count.mastered }
}

fn weak_point(weak: WeakPoint) -> pb::WeakPoint {
    pb::WeakPoint {
        knowledge_point: Some(to::knowledge_point(weak.point)),
        mistakes: weak.mistakes,
        times_wrong: weak.times_wrong,
        mastered: weak.mastered,
        students_affected: weak.students_affected,
    }
}

fn week(week: Week) -> pb::TrendPoint {
    pb::TrendPoint {
        week: week.first_day.to_string(),
        new_mistakes: week.new_mistakes,
        reviews: week.reviews,
        correct_reviews: week.correct_reviews,
    }
}

fn lines(lines: Vec<Line>, pupils: Vec<Pupil>) -> Vec<pb::StudentFigures> {
    let mut pupils: HashMap<Uuid, Pupil> =
        pupils.into_iter().map(|pupil| (pupil.id, pupil)).collect();
    let lines = lines.into_iter().map(|line| pb::StudentFigures {
        student: pupils.remove(&line.student_id).map(to::pupil),
        mistakes: line.mistakes,
        pending: line.pending,
        reviewing: line.reviewing,
        mastered: line.mastered,
        mastery: line.mastery(),
        new_this_week: line.new_this_week,
        reviews_this_week: line.reviews_this_week,
        due: line.due,
        last_active_at: line.last_active_at.map(wire::time),
    });
    lines.collect()
}
