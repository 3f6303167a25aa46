//! One piece of work: what is asked of ai-svc, and what is written down of its answer.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use kit::db::DbError;
use proto::ai::v1::{Item, MistakeAnalysis, MistakeToAnalyse, Source};
use uuid::Uuid;

use super::{Analyst, WorkError};
use crate::{
    mistake::{Analysis, AnalysisStatus, KnowledgePoint, Mistake},
    store::{
        mistake_jobs::{self, Kind, Taken},
        mistakes,
        pupils::{self, Known},
    },
};

impl Analyst {
    /// Does what was taken and ends it.
    pub(super) async fn run(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        match taken.kind {
            Kind::Analyse => self.analyse(worker, taken).await,
            Kind::Index => {
                let found = self.live(taken).await?;
                if !found.is_empty() {
                    self.ai.index(self.items(&found).await?).await?;
                }
                self.end(worker, taken).await
            }
            Kind::Forget => {
                self.ai.forget(&taken.mistakes).await?;
                self.end(worker, taken).await
            }
        }
    }

    async fn analyse(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        let found = self.live(taken).await?;
        let pupil = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            self.mark(&db, taken, AnalysisStatus::Running).await?;
            match found.first() {
                Some(first) => {
                    let mut known = pupils::known(&db, &[first.student_id]).await?;
                    known.remove(&first.student_id).unwrap_or_default()
                }
                None => Known::default(),
            }
        };
        let mut analyses: HashMap<String, MistakeAnalysis> = HashMap::new();
        let (again, first): (Vec<&Mistake>, Vec<&Mistake>) =
            found.iter().partition(|mistake| mistake.analysis.is_some());
        // Who asks again wants another answer, not the kept one. Those come last: when they fail,
        // the answers about the others are kept for the next try.
        for (together, is_again) in [(first, false), (again, true)] {
            if together.is_empty() {
                continue;
            }
            let asked = together.into_iter().map(|mistake| asked(mistake, &pupil)).collect();
            let answer = self.ai.analyse(asked, pupil.cefr_level.clone(), is_again).await?;
            analyses.extend(answer.into_iter().map(|analysis| (analysis.id.clone(), analysis)));
        }

        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        // What was changed or deleted meanwhile is no longer the worker's: it goes its own way.
        mistakes::lock_rows(&tx, &taken.mistakes).await?;
        let ended = mistake_jobs::finish(&tx, taken, worker).await?;
        let mut unanswered = Vec::new();
        for (mistake, student) in &ended {
            if let Some(analysis) = analyses.remove(&mistake.to_string()) {
                let points = points(&analysis);
                mistakes::analysed(&tx, *mistake, &written(analysis, now), &points).await?;
            } else if found.iter().any(|known| known.id == *mistake) {
                unanswered.push((*mistake, *student));
            }
        }
        let (caller, bulk) = (&taken.caller, taken.mistakes.len() > 1);
        mistake_jobs::queue(&tx, caller, Kind::Index, &ended, bulk, now).await?;
        let ids: Vec<Uuid> = unanswered.iter().map(|(mistake, _)| *mistake).collect();
        mistakes::mark(&tx, &ids, AnalysisStatus::Failed).await?;
        tx.commit().await.map_err(DbError::from)?;
        let students: Vec<Uuid> = ended.first().map(|(_, student)| *student).into_iter().collect();
        self.figures.outdate(&db, caller, &students).await;
        self.bell.ring();
        Ok(())
    }

    /// Describes mistakes so that they can be found by meaning.
    async fn items(&self, found: &[Mistake]) -> Result<Vec<Item>, DbError> {
        let students: BTreeSet<Uuid> = found.iter().map(|mistake| mistake.student_id).collect();
        let students: Vec<Uuid> = students.into_iter().collect();
        let known = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            pupils::known(&db, &students).await?
        };
        let nobody = Known::default();
        let pupil = |mistake: &Mistake| known.get(&mistake.student_id).unwrap_or(&nobody);
        Ok(found.iter().map(|mistake| item(mistake, pupil(mistake))).collect())
    }

    /// Returns what was taken and is not deleted.
    async fn live(&self, taken: &Taken) -> Result<Vec<Mistake>, DbError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let mut found = mistakes::get_all(&db, &taken.mistakes).await?;
        found.retain(|mistake| mistake.deleted_at.is_none());
        Ok(found)
    }

    async fn end(&self, worker: Uuid, taken: &Taken) -> Result<(), WorkError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        mistake_jobs::finish(&db, taken, worker).await?;
        Ok(())
    }
}

/// Describes a mistake without saying whose it is.
fn asked(mistake: &Mistake, pupil: &Known) -> MistakeToAnalyse {
    let hide = |text: &str| hidden(text, pupil);
    MistakeToAnalyse {
        id: mistake.id.to_string(),
        mistake_type: mistake.mistake_type.as_str().to_owned(),
        question: hide(&mistake.question),
        wrong_answer: hide(&mistake.wrong_answer),
        correct_answer: hide(&mistake.correct_answer),
        explanation: hide(&mistake.explanation),
        topic: hide(&mistake.topic),
    }
}

/// Takes the names of the pupil and of classmates, and the student number, out of a text.
fn hidden(text: &str, pupil: &Known) -> String {
    let mut names = vec![pupil.full_name.trim()];
    // An English word that is somebody's name is a word more often: May, Will, Grace.
    let mates = pupil.classmates.iter().map(|name| name.trim());
    names.extend(mates.filter(|name| !is_word(name)));
    // A name may be a part of a longer one.
    names.sort_by_key(|name| Reverse(name.len()));
    let names = names.into_iter().map(|name| (name, "某某"));
    let mut hidden = text.to_owned();
    for (secret, instead) in names.chain([(pupil.student_no.trim(), "0000")]) {
        // One character is a word of its own more often than a name.
        if secret.chars().count() > 1 {
            hidden = without(&hidden, secret, instead);
        }
    }
    hidden
}

/// Replaces `secret` wherever it is not a part of a longer word in Latin letters or digits; their
/// case does not matter, but what is a single such word is kept in small letters: "may" is no May.
fn without(text: &str, secret: &str, instead: &str) -> String {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_small = |found: &str| found.chars().all(|c| c.is_ascii_lowercase());
    // As long as the text, so that places in one are places in the other.
    let (small, wanted) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut done = String::with_capacity(text.len());
    let mut end = 0;
    for (at, _) in small.match_indices(&wanted) {
        let (before, found) = (&text[..at], &text[at..at + wanted.len()]);
        let after = &text[at + wanted.len()..];
        let left = joins(secret.chars().next()) && joins(before.chars().next_back());
        let right = joins(secret.chars().next_back()) && joins(after.chars().next());
        let is_other_word = is_word(secret) && found != secret && is_small(found);
        done.push_str(&text[end..at]);
        done.push_str(if left || right || is_other_word { found } else { instead });
        end = at + wanted.len();
    }
    done.push_str(&text[end..]);
    done
}

/// Tells whether a name is a single word in Latin letters.
fn is_word(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphabetic())
}

/// Describes a mistake for a search by meaning: an embedding may be made elsewhere, too.
fn item(mistake: &Mistake, pupil: &Known) -> Item {
    let text = format!("{}\n{}", mistake.question, mistake.correct_answer);
    Item {
        id: mistake.id.to_string(),
        owner_id: mistake.student_id.to_string(),
        organization_id: mistake.organization_id.to_string(),
        text: hidden(&text, pupil),
    }
}

fn points(analysis: &MistakeAnalysis) -> Vec<KnowledgePoint> {
    let points = analysis.knowledge_points.iter();
    let points = points.map(|point| KnowledgePoint {
        id: point.id.clone(),
        name_zh: point.name_zh.clone(),
        name_en: point.name_en.clone(),
    });
    points.collect()
}

fn written(analysis: MistakeAnalysis, now: chrono::DateTime<chrono::Utc>) -> Analysis {
    let origin = analysis.origin.unwrap_or_default();
    let source = match origin.source() {
        Source::Model => "model",
        Source::Rules | Source::Unspecified => "rules",
    };
    Analysis {
        error_type: analysis.error_type,
        error_type_zh: analysis.error_type_zh,
        error_type_en: analysis.error_type_en,
        what_went_wrong: analysis.what_went_wrong,
        why_right: analysis.why_right,
        how_to_remember: analysis.how_to_remember,
        source: source.to_owned(),
        model: origin.model,
        analysed_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pupil(full_name: &str, student_no: &str) -> Known {
        Known {
            full_name: full_name.to_owned(),
            student_no: student_no.to_owned(),
            ..Known::default()
        }
    }

    #[test]
    fn nobody_is_named_to_a_model() {
        let li = pupil("李晓明", "0107");
        assert_eq!(hidden("我叫李晓明，学号 0107。李晓明", &li), "我叫某某，学号 0000。某某");
        assert_eq!(hidden("Call 20107 or 01070.", &li), "Call 20107 or 01070.");
        let ann = pupil("Ann Lee", "A1");
        assert_eq!(
            hidden("Ann Lee met Joann Lee, Ann Lee's aunt.", &ann),
            "某某 met Joann Lee, 某某's aunt."
        );
        assert_eq!(hidden("a text", &pupil("", "")), "a text");
        assert_eq!(hidden("A王 B", &pupil("王", "")), "A王 B");
    }

    #[test]
    fn case_of_a_name_does_not_matter() {
        let ann = pupil("Ann Lee", "s20b");
        assert_eq!(hidden("ANN LEE (S20B) and ann lee", &ann), "某某 (0000) and 某某");
        // A modal verb is no name, unless that is how the name is written.
        assert_eq!(hidden("May I? MAY may dismay.", &pupil("May", "")), "某某 I? 某某 may dismay.");
        assert_eq!(hidden("I am anna, not Anna.", &pupil("anna", "")), "I am 某某, not 某某.");
    }

    #[test]
    fn classmates_are_not_named_either() {
        let mates = ["王小", "王小明", "Bob Smith", "Will", ""];
        let classmates = mates.map(str::to_owned).to_vec();
        let li = Known { classmates, ..pupil("王", "") };
        assert_eq!(
            hidden("王小明 and bob smith, 王小: Will you come?", &li),
            "某某 and 某某, 某某: Will you come?"
        );
    }
}
