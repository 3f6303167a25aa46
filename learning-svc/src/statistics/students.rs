//! The students of a class, page by page.

use kit::{caller::Caller, db::DbError, error::Checks, page::Page};
use uuid::Uuid;

use super::{Line, Statistics, StatisticsError};
use crate::{
    access::{self, Subject},
    store::{
        lines::{self, LastLine, LastWeak},
        pupils::{self, Pupil},
        standing,
    },
};

/// Which students of a class come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineOrder {
    /// By name.
    #[default]
    Name,
    /// Those with the most open mistakes.
    Unmastered,
    /// Those with the most due reviews.
    Due,
    /// Those who did nothing for the longest time.
    LastActive,
}

impl LineOrder {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Unmastered => "unmastered",
            Self::Due => "due",
            Self::LastActive => "last_active",
        }
    }
}

/// A page of lines with the students they are about, and the cursor of the next page.
#[derive(Clone, Debug)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub pupils: Vec<Pupil>,
    pub next_cursor: String,
}

impl Statistics {
    /// Lists the figures of all students of a class, for those who teach it.
    pub async fn class_students(
        &self,
        caller: &Caller,
        class: Uuid,
        (order, query): (LineOrder, &str),
        page: &Page<LastLine>,
    ) -> Result<Lines, StatisticsError> {
        let mut checks = Checks::new();
        checks.text("query", query, 0..=100);
        checks.finish()?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let members = standing::members(&db, class).await?;
        let keyed = lines::page(&db, &members, (order, query), self.moment(), page).await?;
        let next_cursor = page.next(&keyed, |(_, key)| key.clone());
        let lines: Vec<Line> = keyed.into_iter().map(|(line, _)| line).collect();
        let ids: Vec<Uuid> = lines.iter().map(|line| line.student_id).collect();
        let pupils = pupils::get_all(&db, caller, &ids).await?;
        Ok(Lines { lines, pupils, next_cursor })
    }

    /// Lists the students behind one weak point of a class, for those who teach it.
    pub async fn weak_students(
        &self,
        caller: &Caller,
        class: Uuid,
        knowledge_point: &str,
        page: &Page<LastWeak>,
    ) -> Result<(Vec<Line>, Vec<Pupil>), StatisticsError> {
        let mut checks = Checks::new();
        checks.text("knowledge_point_id", knowledge_point, 1..=200);
        checks.finish()?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        access::teacher_of(&db, caller, class).await?;
        let members = standing::members(&db, class).await?;
        let changed = self.remembered.changed(Subject::class(class));
        let db = self.reads.instead_of(db, changed).await;
        let moment = self.moment();
        let lines = lines::weak_students(&db, &members, knowledge_point, moment, page).await?;
        let ids: Vec<Uuid> = lines.iter().map(|line| line.student_id).collect();
        drop(db);
        let pupils = self.pupils(caller, &ids).await?;
        Ok((lines, pupils))
    }
}
