//! `TextService`.

use kit::{
    caller::Caller,
    error::{Checks, into_status},
};
use proto::ai::v1::{self as pb, text_service_server::TextService};
use tonic::{Request, Response};

use super::{Reply, count, deadline, origin};
use crate::{
    rules::{Edit, Profile},
    text::{Checked, Reader},
};

/// Serves [`TextService`].
pub struct TextServer {
    reader: Reader,
}

impl TextServer {
    #[must_use]
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }
}

#[tonic::async_trait]
impl TextService for TextServer {
    async fn check_text(
        &self,
        request: Request<pb::CheckTextRequest>,
    ) -> Reply<pb::CheckTextResponse> {
        let caller = Caller::of(&request)?;
        let until = deadline::until(&request);
        let pb::CheckTextRequest { text, rules_only, redacted } = request.into_inner();
        let mut checks = Checks::new();
        checks.multiline("text", &text, 1..=10_000);
        let is_shown = !rules_only && !redacted.is_empty();
        let fits = !is_shown || redacted.chars().count() == text.chars().count();
        checks.require(fits, "redacted", "INVALID_FIELD", "must have as many characters as text");
        checks.finish().map_err(into_status)?;
        let shown = is_shown.then_some(redacted);
        let check = self.reader.check(&caller, text, shown, until);
        let Checked { edits, corrected, origin: from } =
            Box::pin(check).await.map_err(into_status)?;
        Ok(Response::new(pb::CheckTextResponse {
            edits: edits.into_iter().map(edit).collect(),
            corrected,
            origin: Some(origin(from)),
        }))
    }

    async fn profile_text(
        &self,
        request: Request<pb::ProfileTextRequest>,
    ) -> Reply<pb::ProfileTextResponse> {
        Caller::of(&request)?;
        let text = request.into_inner().text;
        let mut checks = Checks::new();
        checks.multiline("text", &text, 1..=50_000);
        checks.finish().map_err(into_status)?;
        let measured = self.reader.profile(text).await.map_err(into_status)?;
        Ok(Response::new(profile(measured)))
    }
}

fn edit(edit: Edit) -> pb::TextEdit {
    pb::TextEdit {
        start: count(edit.start),
        end: count(edit.end),
        original: edit.original,
        replacement: edit.replacement,
        error_type: edit.error_type.code.to_owned(),
        error_type_zh: edit.error_type.name_zh.to_owned(),
        knowledge_point_id: edit.knowledge_point.id.to_owned(),
        explanation_zh: edit.explanation_zh,
        explanation_en: edit.explanation_en,
    }
}

fn profile(profile: Profile) -> pb::ProfileTextResponse {
    let distribution = profile.distribution.into_iter();
    let hard_words = profile.hard_words.into_iter().map(|word| pb::LevelledWord {
        word: word.word,
        lemma: word.lemma,
        level: word.level.to_owned(),
        count: word.count,
    });
    let tokens = profile.tokens.into_iter().map(|token| pb::LevelledToken {
        start: count(token.start),
        end: count(token.end),
        level: token.level.to_owned(),
    });
    pb::ProfileTextResponse {
        words: profile.words,
        sentences: profile.sentences,
        mean_sentence_length: profile.mean_sentence_length,
        level: profile.level.to_owned(),
        distribution: distribution
            .map(|(level, words)| pb::LevelCount { level: level.to_owned(), words })
            .collect(),
        hard_words: hard_words.collect(),
        tokens: tokens.collect(),
        method_zh: profile.method_zh.to_owned(),
        method_en: profile.method_en.to_owned(),
        // Not counted: a model could not have answered.
        origin: Some(pb::Origin { source: pb::Source::Rules.into(), ..pb::Origin::default() }),
    }
}
