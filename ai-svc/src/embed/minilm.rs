//! A sentence model of the BERT family, such as all-MiniLM-L6-v2, in this process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};
use tokio::sync::{OnceCell, Semaphore};

use super::{EmbedError, Embedded, Embedder, normalise};

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";
/// Longer texts are cut: the model was trained on no more.
const MAX_TOKENS: usize = 256;
/// Texts that go through the model together.
const BATCH: usize = 16;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// Embeds with a model whose files lie in a folder.
pub struct MiniLm {
    folder: PathBuf,
    name: String,
    config: Config,
    /// Read when the first text comes: most processes of a small school never need it at start.
    loaded: OnceCell<Arc<Loaded>>,
    turns: Arc<Semaphore>,
}

struct Loaded {
    model: BertModel,
    tokenizer: Tokenizer,
}

impl MiniLm {
    /// Looks at a folder with `config.json`, `model.safetensors` and `tokenizer.json`; at most
    /// `concurrency` batches run at a time.
    ///
    /// # Errors
    ///
    /// Fails when a file is missing or describes no such model.
    pub fn open(folder: &Path, concurrency: usize) -> anyhow::Result<Self> {
        for name in [CONFIG, WEIGHTS, TOKENIZER] {
            let path = folder.join(name);
            ensure!(path.is_file(), "EMBEDDING_MODEL_DIR: {} is missing", path.display());
        }
        let path = folder.join(CONFIG);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let config: Config = serde_json::from_str(&text)
            .with_context(|| format!("{} describes no model of the BERT family", path.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            name: name(folder, &text),
            config,
            loaded: OnceCell::new(),
            turns: Arc::new(Semaphore::new(concurrency)),
        })
    }

    async fn loaded(&self) -> Result<Arc<Loaded>, EmbedError> {
        let load = || async {
            let (folder, config) = (self.folder.clone(), self.config.clone());
            let loaded = tokio::task::spawn_blocking(move || load(&folder, &config)).await;
            let loaded = loaded.map_err(|error| EmbedError::Model(error.to_string()))?;
            loaded.map(Arc::new).map_err(|error| EmbedError::Model(format!("{error:#}")))
        };
        self.loaded.get_or_try_init(load).await.cloned()
    }
}

#[async_trait]
impl Embedder for MiniLm {
    fn model(&self) -> &str {
        &self.name
    }

    fn dimension(&self) -> usize {
        self.config.hidden_size
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Embedded, EmbedError> {
        let loaded = self.loaded().await?;
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| EmbedError::Busy)?;
        let turn = turn.map_err(|error| EmbedError::Model(error.to_string()))?;
        let embedded = tokio::task::spawn_blocking(move || {
            // The turn ends with the work, also when nobody waits for it any more.
            let _turn = turn;
            loaded.embed(&texts)
        });
        let vectors = embedded.await.map_err(|error| EmbedError::Model(error.to_string()))?;
        let vectors = vectors.map_err(|error| EmbedError::Model(format!("{error:#}")))?;
        Ok(Embedded { vectors, billed_tokens: 0 })
    }
}

/// Returns the name of the model in a folder.
fn name(folder: &Path, config: &str) -> String {
    if config.contains("nreimers/MiniLM-L6-H384-uncased") {
        return "all-MiniLM-L6-v2".to_owned();
    }
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "local".to_owned())
}

fn load(folder: &Path, config: &Config) -> anyhow::Result<Loaded> {
    let start = std::time::Instant::now();
    let mut tokenizer = Tokenizer::from_file(folder.join(TOKENIZER))
        .map_err(|error| anyhow::anyhow!("{TOKENIZER}: {error}"))?;
    let truncation = TruncationParams {
        max_length: MAX_TOKENS.min(config.max_position_embeddings),
        ..TruncationParams::default()
    };
    tokenizer
        .with_truncation(Some(truncation))
        .map_err(|error| anyhow::anyhow!("{TOKENIZER}: {error}"))?
        .with_padding(Some(PaddingParams::default()));
    let weights = fs::read(folder.join(WEIGHTS)).context(WEIGHTS)?;
    let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    let model = BertModel::load(weights, config).context(WEIGHTS)?;
    tracing::info!(
        elapsed_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or_default(),
        "embedding model was read"
    );
    Ok(Loaded { model, tokenizer })
}

impl Loaded {
    fn embed(&self, texts: &[String]) -> anyhow::Result<Vec<Vec<f32>>> {
        // Texts of like length go together, so that little is padded.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|at| texts[*at].len());
        let mut vectors = vec![Vec::new(); texts.len()];
        for batch in order.chunks(BATCH) {
            let inputs = batch.iter().map(|at| texts[*at].as_str()).collect();
            for (at, vector) in batch.iter().zip(self.embed_batch(inputs)?) {
                vectors[*at] = vector;
            }
        }
        Ok(vectors)
    }

    fn embed_batch(&self, texts: Vec<&str>) -> anyhow::Result<Vec<Vec<f32>>> {
        let encodings = self
            .tokenizer
            .encode_batch(texts, true)
            .map_err(|error| anyhow::anyhow!("text cannot be split into tokens: {error}"))?;
        let rows = encodings.len();
        let width = encodings.first().map_or(0, |encoding| encoding.get_ids().len());
        let flat = |part: fn(&tokenizers::Encoding) -> &[u32]| {
            let numbers: Vec<u32> = encodings.iter().flat_map(part).copied().collect();
            Tensor::from_vec(numbers, (rows, width), &Device::Cpu)
        };
        let ids = flat(tokenizers::Encoding::get_ids)?;
        let types = flat(tokenizers::Encoding::get_type_ids)?;
        let mask = flat(tokenizers::Encoding::get_attention_mask)?;
        let states = self.model.forward(&ids, &types, Some(&mask))?;
        // The mean over the tokens that are not padding.
        let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
        let sums = states.broadcast_mul(&mask)?.sum(1)?;
        let means = sums.broadcast_div(&mask.sum(1)?)?;
        let mut vectors: Vec<Vec<f32>> = means.to_vec2()?;
        for vector in &mut vectors {
            normalise(vector);
        }
        Ok(vectors)
    }
}
