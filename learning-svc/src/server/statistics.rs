//! `StatisticsService`: translates and calls one use case.

use std::collections::HashMap;

use kit::{caller::Caller, error::into_status, page, page::Page, wire};
use proto::learning::v1::{self as pb, statistics_service_server::StatisticsService};
use tonic::{Request, Response};
use uuid::Uuid;

use super::{Reply, wire_mistake as to};
use crate::{
    statistics::{Count, Figures, Line, Span, Statistics, WeakPoint, Week},
    store::{figures::LastWeak, pupils::Pupil},
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
        let full = i64::try_from(found.len()).is_ok_and(|length| length == page.limit);
        let next = found
            .last()
            .filter(|_| full)
            .map(|last| page::encode(&LastWeak { open: last.open, student_id: last.student_id }));
        Ok(Response::new(pb::ListWeakStudentsResponse {
            students: lines(found, pupils),
            next_cursor: next.unwrap_or_default(),
        }))
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
        mastered: line.mastered,
        due: line.due,
        last_active_at: line.last_active_at.map(wire::time),
    });
    lines.collect()
}
