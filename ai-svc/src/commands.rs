//! What ai-svc does besides serving.

use std::{
    fs,
    io::{self, Write as _, stdout},
    path::Path,
};

use ai_svc::{
    config::{Config, EngineConfig},
    embed,
    providers::Http,
    quality, vectors,
};
use anyhow::Context as _;
use kit::config::Env;

/// Measures the rules on exam texts and on sentences: `quality --data D --sentences S --out F`.
pub fn quality(arguments: &[String]) -> anyhow::Result<()> {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)).with_context(|| format!("{name} is missing"))
    };
    let usage = "usage: ai-svc quality --data DIRECTORY --sentences DIRECTORY --out FILE";
    let [data, sentences, out] =
        [value("--data"), value("--sentences"), value("--out")].map(|path| path.context(usage));
    quality::run(Path::new(data?), Path::new(sentences?), Path::new(out?))
}

/// Says which vector engine is configured and what it holds.
pub async fn check_vectors() -> anyhow::Result<()> {
    let (embedding, engine) = Config::read_vectors(Env::from_process())?;
    let embedder = embed::build(&Http::new()?, &embedding)?;
    let mut out = stdout();
    writeln!(out, "embedding model: {}", embedder.model())?;
    writeln!(out, "dimension: {}", embedder.dimension())?;
    let engine = match vectors::open(&engine, &*embedder) {
        Ok(engine) => engine,
        Err(error) => {
            let EngineConfig::Embedded { folder } = &engine else {
                return Err(error);
            };
            // An ai-svc that runs has the folder to itself, and only it can count.
            writeln!(out, "engine: embedded, not opened here ({error:#})")?;
            return list(folder, &mut out);
        }
    };
    writeln!(out, "engine: {}", engine.name())?;
    let counts = engine.counts().await.context("the engine does not answer")?;
    if counts.is_empty() {
        writeln!(out, "collections: none yet")?;
    }
    for (name, count) in counts {
        writeln!(out, "{name}: {count}")?;
    }
    engine.close().await;
    Ok(())
}

/// Lists the collections of a folder without opening them.
fn list(folder: &Path, out: &mut impl io::Write) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let names = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        writeln!(out, "{}: in use", name.to_string_lossy())?;
    }
    Ok(())
}
