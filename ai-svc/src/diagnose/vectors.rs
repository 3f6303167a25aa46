//! The embedding model and the engine that keeps its vectors.

use std::{fs, path::Path};

use ai_svc::{
    config::{Config, EmbeddingConfig, EngineConfig},
    embed::{self, EmbedError, Embedder},
    providers::Http,
    vectors::{Collection, Engine as _, QdrantServer},
};
use kit::diagnose::{Fault, Report, endpoint, reach};

pub(super) async fn look(report: &mut Report, config: &Config, http: &Http, asks: bool) {
    let embedder = match embed::build(http, &config.embedding) {
        Ok(embedder) => embedder,
        Err(error) => return report.fault(Fault::EmbeddingFiles, format_args!("{error:#}")),
    };
    let about = format!("{}, vectors of {} numbers", embedder.model(), embedder.dimension());
    report.fact("models", "embedding model", about);
    if asks {
        try_embedding(report, config, &*embedder).await;
    }
    match &config.engine {
        EngineConfig::Embedded { folder } => embedded(report, folder, &*embedder),
        EngineConfig::Qdrant { url, expected_dimension, .. } => {
            let dimension = embedder.dimension();
            if let Some(expected) = expected_dimension.filter(|expected| *expected != dimension) {
                let model = embedder.model();
                let evidence = format!(
                    "QDRANT_VECTOR_SIZE is {expected}, {model} makes vectors of {dimension}"
                );
                report.fault(Fault::VectorSize, evidence);
            }
            let (host, port) = endpoint(url).unwrap_or_default();
            match reach(&host, port).await {
                Ok(()) => qdrant(report, config, &*embedder).await,
                Err(unreachable) => report.fault(Fault::QdrantAway, unreachable),
            }
        }
    }
}

/// Embeds one word: files may be cut off, a key may not be accepted.
async fn try_embedding(report: &mut Report, config: &Config, embedder: &dyn Embedder) {
    match (embedder.embed(vec!["word".to_owned()]).await, &config.embedding) {
        (Ok(_), _) => {}
        (Err(EmbedError::Dimension { expected, actual }), _) => {
            let evidence =
                format!("EMBEDDING_DIM is {expected}, the vectors have {actual} numbers");
            report.fault(Fault::VectorSize, evidence);
        }
        (Err(error), EmbeddingConfig::Local { folder, .. }) => {
            report.fault(Fault::EmbeddingFiles, format_args!("{}: {error}", folder.display()));
        }
        (Err(EmbedError::Provider(failure)), _) => {
            report.fault(Fault::EmbeddingFails, format_args!("{}: {failure}", embedder.model()));
        }
        (Err(error), _) => report.fault(Fault::EmbeddingFails, error),
    }
}

/// Looks at the folder from outside: only the process that has it can open it.
fn embedded(report: &mut Report, folder: &Path, embedder: &dyn Embedder) {
    report.fact("vectors", "engine", format_args!("embedded, in {}", folder.display()));
    let file = folder.join(format!(".diagnose-{}", std::process::id()));
    let tried = fs::write(&file, "x").and_then(|()| fs::remove_file(&file));
    if let Err(error) = tried {
        return report.fault(Fault::VectorFolder, format_args!("{}: {error}", folder.display()));
    }
    let store = Collection::Mistakes.of_model(embedder.model(), embedder.dimension());
    let there = folder.join(&store).is_dir();
    report.fact("vectors", "mistakes", if there { "there" } else { "nothing yet" });
    report.datum("vectors", i32::from(there));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains(".broken-") {
            report.fault(Fault::VectorsDamaged, folder.join(name).display());
        }
    }
}

async fn qdrant(report: &mut Report, config: &Config, embedder: &dyn Embedder) {
    let EngineConfig::Qdrant { url, key, .. } = &config.engine else { return };
    let dimension = embedder.dimension();
    let server = match QdrantServer::new(url, key.as_ref(), dimension) {
        Ok(server) => server,
        Err(error) => return report.fault(Fault::QdrantAway, format_args!("{error:#}")),
    };
    let (host, port) = endpoint(url).unwrap_or_default();
    if let Err(error) = server.ready().await {
        let text = error.to_string();
        let is_key = text.contains("API key") || text.contains("api key");
        let fault = if is_key { Fault::QdrantKey } else { Fault::QdrantAway };
        return report.fault(fault, format_args!("{host}:{port}: {text}"));
    }
    report.fact("vectors", "engine", format_args!("Qdrant at {host}:{port}"));
    if let Some(version) = server.version().await {
        report.fact("versions", "qdrant", version);
    }
    let store = Collection::Mistakes.of_model(embedder.model(), dimension);
    match server.counts().await {
        Ok(counts) => {
            for (name, count) in &counts {
                report.fact("vectors", name, count);
            }
            let count = counts.iter().find(|(name, _)| *name == store).map_or(0, |(_, n)| *n);
            report.datum("vectors", count);
        }
        Err(error) => report.fault(Fault::QdrantAway, format_args!("{host}:{port}: {error}")),
    }
    if let Some(length) = server.length(&store).await.filter(|length| *length != dimension as u64) {
        let evidence = format!("{store} holds vectors of {length}, the model makes {dimension}");
        report.fault(Fault::VectorSize, evidence);
    }
}
