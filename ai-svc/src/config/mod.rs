//! Settings of ai-svc.

mod llm;
mod vectors;

use kit::{
    config::{Common, ConfigError, Env, Service},
    process::Args,
};

pub use llm::{LlmConfig, ProviderConfig, ProviderKind};
pub use vectors::{EmbeddingConfig, EngineConfig, RemoteEmbedding};

/// Everything ai-svc is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    pub common: Common,
    pub args: Args,
    pub llm: LlmConfig,
    pub embedding: EmbeddingConfig,
    pub engine: EngineConfig,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// Fails with all variables that are wrong.
    pub fn read(env: Env, args: Args) -> Result<Self, ConfigError> {
        let mut env = env;
        let common = Common::read(&mut env, Service::named("ai-svc"));
        let llm = llm::read(&mut env);
        let embedding = vectors::embedding(&mut env);
        let engine = vectors::engine(&mut env);
        let settings = common.map(|common| Self { common, args, llm, embedding, engine });
        env.finish_with(settings)
    }

    /// Reads what concerns the index of meanings alone.
    ///
    /// # Errors
    ///
    /// Fails with all variables that are wrong.
    pub fn read_vectors(env: Env) -> Result<(EmbeddingConfig, EngineConfig), ConfigError> {
        let mut env = env;
        let embedding = vectors::embedding(&mut env);
        let engine = vectors::engine(&mut env);
        env.finish_with(Some((embedding, engine)))
    }
}
