//! Says what went wrong in mistakes: by a model whose answer is checked, else by rules.

mod answer;
mod prompt;

use std::sync::Arc;

use futures::{StreamExt as _, future::join_all, stream};
use kit::caller::Caller;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    ledger::Payer,
    models::{Accept, Asked, Asker, Keeping, Models, NoAnswer},
    origin::Origin,
    providers::Prompt,
    rules::{self, Analysis},
    workers,
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

/// Calls for parts of one request that run at the same time.
const CALLS_AT_ONCE: usize = 3;

/// Analyses mistakes.
#[derive(Clone)]
pub struct Analyst {
    models: Models,
    rules: Arc<rules::Engine>,
}

/// What a model said about one mistake, or why none did.
type ByModel = Result<(Analysis, Origin), &'static str>;

impl Analyst {
    #[must_use]
    pub fn new(models: Models, rules: Arc<rules::Engine>) -> Self {
        Self { models, rules }
    }

    /// Analyses the mistakes of one student with as few calls of a model as its answers have room
    /// for; always answers.
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
            keeping: Keeping::Elsewhere,
        };
        let system = prompt::system(cefr_level);
        let described = mistakes.iter().zip(&by_rules);
        let described: Vec<Value> =
            described.map(|(m, rules)| prompt::describe(m, rules)).collect();
        let keys: Vec<_> = described.iter().map(|one| self.key(who, &system, one)).collect();
        let mut by_model: Vec<Option<ByModel>> = vec![None; mistakes.len()];
        if way == Way::Usual {
            let mut kept = Vec::with_capacity(mistakes.len());
            for (mistake, key) in mistakes.iter().zip(&keys) {
                kept.push(self.kept(mistake, key.as_deref()));
            }
            by_model = join_all(kept).await.into_iter().map(|kept| kept.map(Ok)).collect();
        }
        let open: Vec<usize> = (0..mistakes.len()).filter(|at| by_model[*at].is_none()).collect();
        let together = prompt::together(self.models.max_tokens());
        let mut calls = Vec::new();
        for part in open.chunks(together) {
            let parts = part.iter().map(|at| described[*at].clone()).collect();
            let of = part.iter().map(|at| mistakes[*at].clone()).collect();
            calls.push(self.ask(who, prompt::make(&system, parts), of));
        }
        let answers: Vec<_> = stream::iter(calls).buffered(CALLS_AT_ONCE).collect().await;
        for (part, answer) in open.chunks(together).zip(answers) {
            for (at, read) in part.iter().zip(answer) {
                if let (Ok((read, model)), Some(key)) = (&read, &keys[*at]) {
                    self.models.kept().keep(key, read.entry.to_string(), model).await;
                }
                let read = read.map(|(read, model)| (read.analysis, Origin::model(&model)));
                by_model[*at] = Some(read);
            }
        }
        let merged = mistakes.iter().zip(by_model).zip(by_rules);
        let merged = merged.map(|((mistake, by_model), by_rules)| match by_model {
            Some(Ok((analysis, origin))) => Analysed { id: mistake.id.clone(), analysis, origin },
            Some(Err(why)) => one_by_rules(mistake, by_rules, why),
            None => one_by_rules(mistake, by_rules, "invalid_answer"),
        });
        merged.collect()
    }

    /// Asks a model about some mistakes; answers for each.
    async fn ask(
        &self,
        who: Asker<'_>,
        prompt: Prompt,
        mistakes: Vec<Mistake>,
    ) -> Vec<Result<(answer::Read, String), &'static str>> {
        let count = mistakes.len();
        let accept: Accept<_> = Arc::new(move |answer: &_| answer::read(answer, &mistakes));
        match self.models.ask(who, prompt, accept).await {
            Ok(Asked { value, model, .. }) => {
                let read = value.into_iter();
                read.map(|one| one.map(|one| (one, model.clone())).ok_or("invalid_answer"))
                    .collect()
            }
            Err(why) => {
                if why != NoAnswer::NoProvider {
                    tracing::info!(reason = why.as_str(), "mistakes are analysed by rules");
                }
                vec![Err(why.as_str()); count]
            }
        }
    }

    /// Returns where the analysis of a mistake is kept: whoever makes the same one gets the same.
    fn key(&self, who: Asker<'_>, system: &str, description: &Value) -> Option<String> {
        let parts = [self.models.names(), system, &description.to_string()];
        self.models.kept().key_of(who.payer, &parts)
    }

    async fn kept(&self, mistake: &Mistake, key: Option<&str>) -> Option<(Analysis, Origin)> {
        let kept = self.models.kept().find(key?).await?;
        let entry = serde_json::from_str(&kept.text).ok()?;
        Some((answer::one(&entry, mistake).ok()?, Origin::model(&kept.model)))
    }

    /// Analyses by rules on a thread of its own: tagging a long text takes milliseconds.
    async fn by_rules(&self, mistakes: Arc<Vec<Mistake>>, cefr_level: String) -> Vec<Analysis> {
        let (engine, of) = (self.rules.clone(), mistakes.clone());
        let level = cefr_level.clone();
        let work = move || of.iter().map(|m| engine.analyse(&question(m, &level))).collect();
        let done = workers::run(work).await;
        let engine = &self.rules;
        done.unwrap_or_else(|_| {
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
