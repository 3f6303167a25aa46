//! Settings of embeddings and of the index of meanings.

use std::{path::PathBuf, time::Duration};

use kit::config::Env;
use secrecy::SecretString;

use super::llm::{key, url, within};
use crate::ledger::{Money, Price};

/// Where embeddings come from.
#[derive(Clone, Debug)]
pub enum EmbeddingConfig {
    /// A sentence model in this process.
    Local { folder: PathBuf, concurrency: usize },
    /// A server that speaks `OpenAI`'s interface.
    Remote(RemoteEmbedding),
    /// No model: likeness of spelling.
    Lexical,
}

/// A server that embeds.
#[derive(Clone, Debug)]
pub struct RemoteEmbedding {
    pub base_url: String,
    pub key: Option<SecretString>,
    pub model: String,
    pub dimension: usize,
    pub price: Price,
    pub timeout: Duration,
}

/// Where vectors are kept.
#[derive(Clone, Debug)]
pub enum EngineConfig {
    /// In this process, in a folder that belongs to it alone.
    Embedded {
        folder: PathBuf,
    },
    Qdrant {
        url: String,
        key: Option<SecretString>,
        expected_dimension: Option<usize>,
    },
}

pub(super) fn embedding(env: &mut Env) -> EmbeddingConfig {
    let folder: Option<PathBuf> = env.optional("EMBEDDING_MODEL_DIR", "path");
    let concurrency = within(env, "EMBEDDING_CONCURRENCY", 2, 1, 64);
    let base_url = url(env, "OPENAI_BASE_URL");
    let key = key(env, "OPENAI_API_KEY");
    let model: Option<String> = env.optional("EMBEDDING_MODEL", "name");
    let dimension = within(env, "EMBEDDING_DIM", 1_536, 1, 65_536);
    let price = env.or("EMBEDDING_PRICE", "price of a million tokens, such as 0.02", Money(0));
    let chosen: Option<String> = env.optional("EMBEDDING_PROVIDER", "name");
    let remote = || {
        EmbeddingConfig::Remote(RemoteEmbedding {
            base_url: base_url.clone().unwrap_or_else(|| "https://api.openai.com/v1".to_owned()),
            key: key.clone(),
            model: model.clone().unwrap_or_else(|| "text-embedding-3-small".to_owned()),
            dimension: usize::try_from(dimension).unwrap_or(usize::MAX),
            price: Price { prompt: price, completion: Money(0) },
            timeout: Duration::from_secs(20),
        })
    };
    let local = |folder| EmbeddingConfig::Local {
        folder,
        concurrency: usize::try_from(concurrency).unwrap_or(1),
    };
    match (chosen.as_deref(), folder) {
        (Some("openai"), _) => {
            if key.is_none() && base_url.is_none() {
                env.refuse("EMBEDDING_PROVIDER", "is openai, and OPENAI_API_KEY is missing");
            }
            remote()
        }
        (Some("local") | None, Some(folder)) => local(folder),
        (Some("local"), None) => {
            env.refuse("EMBEDDING_MODEL_DIR", "is missing beside EMBEDDING_PROVIDER=local");
            EmbeddingConfig::Lexical
        }
        (Some("lexical"), _) => EmbeddingConfig::Lexical,
        (Some(_), _) => {
            env.refuse("EMBEDDING_PROVIDER", "is none of openai, local, lexical");
            EmbeddingConfig::Lexical
        }
        // A key and the name of an embedding model together say that it is wanted.
        (None, None) if key.is_some() && model.is_some() => remote(),
        (None, None) => EmbeddingConfig::Lexical,
    }
}

pub(super) fn engine(env: &mut Env) -> EngineConfig {
    let folder = env.or("VECTOR_DIR", "path", PathBuf::from("vectors"));
    let given = url(env, "QDRANT_URL");
    let host: Option<String> = env.optional("QDRANT_HOST", "host name");
    let port = env.or("QDRANT_PORT", "port", 6_334_u16);
    let key = key(env, "QDRANT_API_KEY");
    let expected_dimension = env.optional("QDRANT_VECTOR_SIZE", "number");
    let address = given.or_else(|| host.map(|host| format!("http://{host}:{port}")));
    // 6333 speaks HTTP; gRPC is one port higher.
    let address = address.map(|address| match address.strip_suffix(":6333") {
        Some(host) => format!("{host}:6334"),
        None => address,
    });
    let default = if address.is_some() { "qdrant" } else { "embedded" };
    match env.or("VECTOR_ENGINE", "name", default.to_owned()).as_str() {
        "embedded" => EngineConfig::Embedded { folder },
        "qdrant" => {
            if address.is_none() {
                env.refuse("QDRANT_URL", "is missing beside VECTOR_ENGINE=qdrant");
            }
            let url = address.unwrap_or_default();
            EngineConfig::Qdrant { url, key, expected_dimension }
        }
        _ => {
            env.refuse("VECTOR_ENGINE", "is neither embedded nor qdrant");
            EngineConfig::Embedded { folder }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(pairs: &[(&str, &str)]) -> String {
        match engine(&mut Env::from_pairs(pairs.iter().copied())) {
            EngineConfig::Qdrant { url, .. } => url,
            EngineConfig::Embedded { .. } => "embedded".to_owned(),
        }
    }

    #[test]
    fn server_is_chosen_by_host_or_address_and_asked_at_its_grpc_port() {
        let manual = [("QDRANT_HOST", "localhost"), ("QDRANT_PORT", "6333")];
        assert_eq!(url_of(&manual), "http://localhost:6334");
        assert_eq!(url_of(&[("QDRANT_HOST", "qdrant")]), "http://qdrant:6334");
        assert_eq!(url_of(&[("QDRANT_URL", "http://qdrant:6333/")]), "http://qdrant:6334");
        assert_eq!(url_of(&[("QDRANT_URL", "https://q.example:443")]), "https://q.example:443");
        let embedded = [("QDRANT_HOST", "localhost"), ("VECTOR_ENGINE", "embedded")];
        assert_eq!(url_of(&embedded), "embedded");
    }

    #[test]
    fn nothing_set_means_no_model_and_the_embedded_engine() {
        let none: [(&str, &str); 0] = [];
        assert!(matches!(embedding(&mut Env::from_pairs(none)), EmbeddingConfig::Lexical));
        let embedded = engine(&mut Env::from_pairs(none));
        assert!(matches!(embedded, EngineConfig::Embedded { .. }));
    }

    #[test]
    fn folder_of_a_model_goes_before_a_key() {
        let pairs = [
            ("EMBEDDING_MODEL_DIR", "/models"),
            ("OPENAI_API_KEY", "k"),
            ("EMBEDDING_MODEL", "text-embedding-3-small"),
        ];
        let local = embedding(&mut Env::from_pairs(pairs));
        assert!(matches!(local, EmbeddingConfig::Local { .. }));
        let remote = embedding(&mut Env::from_pairs(pairs[1..].iter().copied()));
        assert!(matches!(remote, EmbeddingConfig::Remote(_)));
    }
}
