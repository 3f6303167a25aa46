//! Times of many calls.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Times of calls, sorted.
pub struct Sample(Vec<Duration>);

impl Sample {
    /// Returns the time below which `share` (0 to 1) of the calls stayed.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index into a few thousand calls"
    )]
    pub fn quantile(&self, share: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.0.get(index).copied().unwrap_or_default()
    }

    pub fn p50(&self) -> Duration {
        self.quantile(0.5)
    }

    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }
}

/// Calls two things in turn, so that both see the same machine, and returns their times.
pub async fn alternate<A, B>(
    times: usize,
    mut first: impl FnMut() -> A,
    mut second: impl FnMut() -> B,
) -> anyhow::Result<(Sample, Sample)>
where
    A: Future<Output = anyhow::Result<()>>,
    B: Future<Output = anyhow::Result<()>>,
{
    let (mut ones, mut twos) = (Vec::with_capacity(times), Vec::with_capacity(times));
    for turn in 0..times + 100 {
        let start = Instant::now();
        first().await?;
        let one = start.elapsed();
        let start = Instant::now();
        second().await?;
        let two = start.elapsed();
        // The first calls warm caches and connections up.
        if turn >= 100 {
            ones.push(one);
            twos.push(two);
        }
    }
    ones.sort_unstable();
    twos.sort_unstable();
    Ok((Sample(ones), Sample(twos)))
}

/// Reads a time as programs print it: `1.5s`, `20.1ms`, `300us` or `300µs`.
pub fn duration(text: &str) -> anyhow::Result<Duration> {
    let unit = text.find(|c: char| c.is_alphabetic() || c == 'µ').context("a time has a unit")?;
    let (number, unit) = text.split_at(unit);
    let number: f64 = number.parse()?;
    Ok(Duration::from_secs_f64(match unit {
        "s" => number,
        "ms" => number / 1e3,
        "us" | "µs" => number / 1e6,
        _ => bail!("{text} is no time"),
    }))
}

/// Writes a time in milliseconds.
pub fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
