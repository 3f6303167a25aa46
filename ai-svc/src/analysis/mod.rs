//! Says what went wrong in mistakes: by a model whose answer is checked, else by rules.

mod answer;
mod prompt;

use std::sync::Arc;

use kit::caller::Caller;
use tokio::time::Instant;

use crate::{
    ledger::Payer,
    models::{Asker, Models, NoAnswer},
    origin::Origin,
    rules::{self, Analysis},
};

/// A mistake as the caller knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistake {
    /// Comes back in the answer.
    pub id: String,
    pub mistake_type: String,
    pub question: String,
    pub wrong_answer: String,
    pub correct_answer: String,
    pub explanation: String,
    pub topic: String,
}

/// How an analysis is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Asks a model, unless its answer to the same is still kept.
    Usual,
    /// Asks a model in any case.
    Anew,
    RulesOnly,
}

/// An analysis and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysed {
    pub id: String,
    pub analysis: Analysis,
    pub origin: Origin,
}

/// Analyses mistakes.
#[derive(Clone)]
pub struct Analyst {
    models: Models,
    rules: Arc<rules::Engine>,
}

impl Analyst {
    #[must_use]
    pub fn new(models: Models, rules: Arc<rules::Engine>) -> Self {
        Self { models, rules }
    }

    /// Analyses the mistakes of one student with one call of a model; always answers.
    pub async fn analyse(
        &self,
        caller: &Caller,
        mistakes: Vec<Mistake>,
        cefr_level: &str,
        way: Way,
        until: Option<Instant>,
    ) -> Vec<Analysed> {
        let mistakes = Arc::new(mistakes);
        let by_rules = self.by_rules(mistakes.clone(), cefr_level.to_owned()).await;
        if way == Way::RulesOnly {
            return all_by_rules(&mistakes, by_rules, "asked_for_rules");
        }
        let who = Asker {
            payer: Payer::from(caller),
            feature: "analysis",
            until,
            fresh: way == Way::Anew,
        };
        let prompt = prompt::make(&mistakes, &by_rules, cefr_level);
        let accept = |answer: &_| answer::read(answer, &mistakes);
        match self.models.ask(who, prompt, accept).await {
            Ok(asked) => {
                let origin = Origin::model(&asked.model);
                let merged = mistakes.iter().zip(asked.value).zip(by_rules);
                let merged = merged.map(|((mistake, by_model), by_rules)| match by_model {
                    Some(analysis) => {
                        Analysed { id: mistake.id.clone(), analysis, origin: origin.clone() }
                    }
                    None => one_by_rules(mistake, by_rules, "invalid_answer"),
                });
                merged.collect()
            }
            Err(why) => {
                if why != NoAnswer::NoProvider {
                    tracing::info!(reason = why.as_str(), "mistakes are analysed by rules");
                }
                all_by_rules(&mistakes, by_rules, why.as_str())
            }
        }
    }

    /// Analyses by rules on a thread of its own: tagging a long text takes milliseconds.
    async fn by_rules(&self, mistakes: Arc<Vec<Mistake>>, cefr_level: String) -> Vec<Analysis> {
        let (engine, of) = (self.rules.clone(), mistakes.clone());
        let level = cefr_level.clone();
        let work = move || of.iter().map(|m| engine.analyse(&question(m, &level))).collect();
        let done = tokio::task::spawn_blocking(work).await;
        let engine = &self.rules;
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "rules broke off");
            // One mistake at a time, so that one that breaks the rules spoils no other.
            let plain = Mistake::default();
            let each = mistakes.iter().map(|mistake| {
                let careful = std::panic::AssertUnwindSafe(|| {
                    engine.analyse(&question(mistake, &cefr_level))
                });
                std::panic::catch_unwind(careful)
                    .unwrap_or_else(|_| engine.analyse(&question(&plain, "")))
            });
            each.collect()
        })
    }
}

fn question<'a>(mistake: &'a Mistake, cefr_level: &'a str) -> rules::Question<'a> {
    rules::Question {
        mistake_type: &mistake.mistake_type,
        question: &mistake.question,
        wrong_answer: &mistake.wrong_answer,
        correct_answer: &mistake.correct_answer,
        explanation: &mistake.explanation,
        topic: &mistake.topic,
        cefr_level,
    }
}

fn all_by_rules(mistakes: &[Mistake], analyses: Vec<Analysis>, why: &'static str) -> Vec<Analysed> {
    let pairs = mistakes.iter().zip(analyses);
    pairs.map(|(mistake, analysis)| one_by_rules(mistake, analysis, why)).collect()
}

fn one_by_rules(mistake: &Mistake, analysis: Analysis, why: &'static str) -> Analysed {
    Analysed { id: mistake.id.clone(), analysis, origin: Origin::rules(why) }
}
