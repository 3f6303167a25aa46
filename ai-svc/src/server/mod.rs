//! Translation between gRPC and the capabilities.

mod analysis;
mod completion;
mod deadline;
mod status;
mod text;
mod vector;

pub use analysis::AnalysisServer;
pub use completion::CompletionServer;
pub use status::StatusServer;
pub use text::TextServer;
pub use vector::VectorServer;

use proto::ai::v1 as pb;
use tonic::{Response, Status};

use crate::{measure, origin::Origin, taxonomy::KnowledgePoint};

type Reply<T> = Result<Response<T>, Status>;

/// Translates where an answer came from, and counts the answer: each is told this once.
fn origin(origin: Origin) -> pb::Origin {
    measure::answered(&origin);
    match origin {
        Origin::Model(model) => {
            pb::Origin { source: pb::Source::Model.into(), model, fallback_reason: String::new() }
        }
        Origin::Rules(why) => pb::Origin {
            source: pb::Source::Rules.into(),
            model: String::new(),
            fallback_reason: why.to_owned(),
        },
    }
}

fn knowledge_point(point: &KnowledgePoint) -> pb::KnowledgePoint {
    pb::KnowledgePoint {
        id: point.id.to_owned(),
        name_zh: point.name_zh.to_owned(),
        name_en: point.name_en.to_owned(),
        category_id: point.category.id.to_owned(),
        category_zh: point.category.name_zh.to_owned(),
        category_en: point.category.name_en.to_owned(),
    }
}

/// Writes a number of things or a place in a text.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
