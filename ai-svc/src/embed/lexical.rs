//! Likeness of spelling, for when there is no model: hashed character n-grams.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{EmbedError, Embedded, Embedder, normalise};

const DIMENSION: usize = 384;
/// Texts are cut here; what follows changes the likeness little.
const MAX_CHARS: usize = 8_000;

/// Embeds by spelling: words that share letters are near, words that share a meaning need not be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lexical;

#[async_trait]
impl Embedder for Lexical {
    fn model(&self) -> &'static str {
        "lexical-hash-384"
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Embedded, EmbedError> {
        let vectors = texts.iter().map(|text| vector(text)).collect();
        Ok(Embedded { vectors, billed_tokens: 0 })
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut counts: HashMap<u64, f32> = HashMap::new();
    let text: String = text.chars().take(MAX_CHARS).flat_map(char::to_lowercase).collect();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let padded: Vec<char> =
            std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
        // The whole word counts beside its parts.
        *counts.entry(hash(&padded)).or_default() += 1.0;
        // A Chinese word has two characters, an English stem three or more.
        let sizes = if word.is_ascii() { 3..=5 } else { 1..=2 };
        for size in sizes {
            for gram in padded.windows(size).filter(|gram| gram.len() < padded.len()) {
                *counts.entry(hash(gram)).or_default() += 0.5;
            }
        }
    }
    let mut vector = vec![0.0; DIMENSION];
    for (hash, count) in counts {
        // The highest bit is a sign, so that collisions cancel out on average.
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        let place = usize::try_from(hash % DIMENSION as u64).unwrap_or_default();
        vector[place] += sign * (1.0 + count).ln();
    }
    if vector.iter().all(|x| *x == 0.0) {
        // A text without a word still needs a direction.
        vector[0] = 1.0;
    }
    normalise(&mut vector);
    vector
}

/// FNV-1a over the characters: the same on every machine and in every version.
fn hash(gram: &[char]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for c in gram {
        for byte in u32::from(*c).to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    // FNV mixes its high bits badly for short inputs.
    hash ^= hash >> 32;
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(a: &str, b: &str) -> f32 {
        vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn like_spelling_is_near() {
        let tense = "She had finished her homework before dinner.";
        assert!(likeness(tense, tense) > 0.999);
        let near = likeness(tense, "He had finished his homework before supper.");
        let far = likeness(tense, "Whales live in cold oceans.");
        assert!(near > far + 0.3, "{near} {far}");
        assert!(likeness("过去完成时", "过去完成时的用法") > 0.5);
    }

    #[test]
    fn empty_text_has_a_direction() {
        let length: f32 = vector("…").iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
}
