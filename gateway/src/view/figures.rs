//! Figures about students and classes.

use chrono::{DateTime, Utc};
use proto::learning::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KnowledgePointRef, Student, all, present, time, words};
use crate::http::Problem;

words! {
    /// Which students come first: by name, those with the most unmastered mistakes, those with the
    /// most due reviews, or those who were inactive the longest.
    StudentOrder of pb::StudentOrder { Name, Unmastered, Due, LastActive }
}
words! {
    /// Why a class needs attention: it has no students; less than half of them did anything in the
    /// last 7 days; five reviews per student or more are left over from earlier days; less than 0.3
    /// of at least 20 mistakes are mastered.
    AttentionReason of pb::AttentionReason {
        NoStudents, InactiveStudents, OverdueReviews, LowMastery,
    }
}

words! {
    /// How far the points of a curve are apart.
    ProgressStep of pb::ProgressStep { Day, Week }
}

/// Counts of mistakes and reviews.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Figures {
    pub mistakes: u32,
    /// Sum of all times wrong.
    pub times_wrong: u32,
    pub pending: u32,
    pub reviewing: u32,
    pub mastered: u32,
    pub ignored: u32,
    /// Mastered of all that are not ignored, 0 to 1.
    pub mastery: f64,
    pub by_type: Vec<Count>,
    pub by_topic: Vec<Count>,
    /// The weakest first, at most 50.
    pub by_knowledge_point: Vec<WeakPoint>,
    /// The last 12 weeks, the oldest first.
    pub trend: Vec<TrendPoint>,
    pub reviews: u32,
    pub correct_reviews: u32,
}

/// Mistakes of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct Count {
    pub key: String,
    pub mistakes: u32,
    pub mastered: u32,
}

/// Mistakes of one knowledge point.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeakPoint {
    pub knowledge_point: KnowledgePointRef,
    pub mistakes: u32,
    pub times_wrong: u32,
    pub mastered: u32,
    /// Students with at least one mistake of it that is not mastered.
    pub students_affected: u32,
}

/// One week.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendPoint {
    /// First day of the week, YYYY-MM-DD.
    pub week: String,
    pub new_mistakes: u32,
    pub reviews: u32,
    pub correct_reviews: u32,
}

impl From<pb::Count> for Count {
    fn from(count: pb::Count) -> Self {
        Self { key: count.key, mistakes: count.mistakes, mastered: count.mastered }
    }
}

impl TryFrom<pb::WeakPoint> for WeakPoint {
    type Error = Problem;

    fn try_from(point: pb::WeakPoint) -> Result<Self, Problem> {
        Ok(Self {
            knowledge_point: present(point.knowledge_point)?.into(),
            mistakes: point.mistakes,
            times_wrong: point.times_wrong,
            mastered: point.mastered,
            students_affected: point.students_affected,
        })
    }
}

impl From<pb::TrendPoint> for TrendPoint {
    fn from(point: pb::TrendPoint) -> Self {
        let pb::TrendPoint { week, new_mistakes, reviews, correct_reviews } = point;
        Self { week, new_mistakes, reviews, correct_reviews }
    }
}

impl TryFrom<pb::MistakeFigures> for Figures {
    type Error = Problem;

    fn try_from(figures: pb::MistakeFigures) -> Result<Self, Problem> {
        Ok(Self {
            mistakes: figures.mistakes,
            times_wrong: figures.times_wrong,
            pending: figures.pending,
            reviewing: figures.reviewing,
            mastered: figures.mastered,
            ignored: figures.ignored,
            mastery: figures.mastery,
            by_type: figures.by_type.into_iter().map(Into::into).collect(),
            by_topic: figures.by_topic.into_iter().map(Into::into).collect(),
            by_knowledge_point: all(figures.by_knowledge_point)?,
            trend: figures.trend.into_iter().map(Into::into).collect(),
            reviews: figures.reviews,
            correct_reviews: figures.correct_reviews,
        })
    }
}

/// How one student of a class is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudentFigures {
    pub student: Student,
    pub mistakes: u32,
    pub pending: u32,
    pub reviewing: u32,
    pub mastered: u32,
    /// Mastered of all that are not ignored, 0 to 1.
    pub mastery: f64,
    pub due: u32,
    /// Since Monday.
    pub new_this_week: u32,
    /// Since Monday.
    pub reviews_this_week: u32,
    pub last_active_at: Option<DateTime<Utc>>,
}

impl TryFrom<pb::StudentFigures> for StudentFigures {
    type Error = Problem;

    fn try_from(figures: pb::StudentFigures) -> Result<Self, Problem> {
        Ok(Self {
            student: present(figures.student)?.try_into()?,
            mistakes: figures.mistakes,
            pending: figures.pending,
            reviewing: figures.reviewing,
            mastered: figures.mastered,
            mastery: figures.mastery,
            new_this_week: figures.new_this_week,
            reviews_this_week: figures.reviews_this_week,
            due: figures.due,
            last_active_at: time(figures.last_active_at),
        })
    }
}

/// What students did on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityDay {
    /// YYYY-MM-DD.
    pub day: String,
    /// Students with a review or a new mistake.
    pub active_students: u32,
    pub new_mistakes: u32,
    pub reviews: u32,
    pub correct_reviews: u32,
}

impl From<pb::ActivityDay> for ActivityDay {
    fn from(day: pb::ActivityDay) -> Self {
        let pb::ActivityDay { day, active_students, new_mistakes, reviews, correct_reviews } = day;
        Self { day, active_students, new_mistakes, reviews, correct_reviews }
    }
}
