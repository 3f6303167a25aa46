//! gRPC between our processes: one server, one client, the same rules on both sides.

mod call;
mod client;
mod resolve;
mod server;
mod tls;

use std::{future::Future, time::Duration};

pub use client::{ChannelConfig, Client, channel};
pub use server::Server;
pub(crate) use tls::choose_provider;

/// Largest message, on both sides.
///
/// Give it to clients and servers whose messages can be larger than 4 MiB, which tonic allows by
/// itself: `FooServiceClient::new(client).max_decoding_message_size(MAX_MESSAGE)`.
pub const MAX_MESSAGE: usize = 32 << 20;

/// Name of the metadata entry with the key that makes a call repeatable.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;
const TIMEOUT: &str = "grpc-timeout";

tokio::task_local! {
    static KEY: String;
}

/// Returns the key that makes a call repeatable, if the caller sent one.
#[must_use]
pub fn idempotency_key<T>(request: &tonic::Request<T>) -> Option<String> {
    let key = request.metadata().get(IDEMPOTENCY_KEY)?.to_str().ok()?.trim();
    (!key.is_empty() && key.len() <= LONGEST_KEY).then(|| key.to_owned())
}

/// Runs `work` so that its outgoing calls carry `key`.
pub async fn with_idempotency_key<F: Future>(key: Option<String>, work: F) -> F::Output {
    match key {
        Some(key) => KEY.scope(key, work).await,
        None => work.await,
    }
}

fn outgoing_key() -> Option<String> {
    KEY.try_with(Clone::clone).ok()
}

/// Reads `grpc-timeout`, such as `100m` for 100 ms.
fn read_timeout(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get(TIMEOUT)?.to_str().ok()?;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.len() > 8 {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Writes a length of time for `grpc-timeout`, whose numbers have eight digits at most.
fn write_timeout(length: Duration) -> String {
    let milliseconds = length.as_millis();
    if milliseconds < 100_000_000 {
        format!("{}m", milliseconds.max(1))
    } else {
        format!("{}S", length.as_secs().min(99_999_999))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_comes_back_as_it_went() {
        for length in [Duration::from_millis(1), Duration::from_secs(7), Duration::from_hours(48)] {
            let mut headers = http::HeaderMap::new();
            headers.insert(TIMEOUT, write_timeout(length).parse().unwrap());
            assert_eq!(read_timeout(&headers), Some(length));
        }
    }
}
