//! One HTTP client for all providers, with limits on time and size.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use super::{Event, Events, Failure, sse::Parser};

/// Largest answer that is read.
const MAX_BODY: usize = 4 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends requests to providers.
#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    /// Makes the client. Redirects are not followed: they would carry the key elsewhere.
    ///
    /// # Errors
    ///
    /// Fails when TLS cannot be set up.
    pub fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("ai-english/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("making the HTTP client")?;
        Ok(Self(client))
    }

    pub(super) fn post(&self, url: &str, headers: &HeaderMap, body: &Value) -> RequestBuilder {
        let mut headers = headers.clone();
        kit::telemetry::inject(&mut headers);
        self.0.post(url).headers(headers).json(body)
    }

    /// Posts JSON and reads JSON, within `limit`.
    pub(crate) async fn json(
        &self,
        url: &str,
        headers: &HeaderMap,
        body: &Value,
        limit: Duration,
    ) -> Result<Value, Failure> {
        let response = send(self.post(url, headers, body).timeout(limit)).await?;
        let response = checked(response)?;
        let text = read(response).await?;
        serde_json::from_slice(&text).map_err(|_| Failure::InvalidAnswer("no JSON"))
    }
}

/// Sends a request and waits for the head of the answer.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    request.send().await.map_err(|error| broken(&error))
}

/// Turns the status of an answer into a failure, if it is one.
pub(super) fn checked(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::Unauthorized,
        StatusCode::TOO_MANY_REQUESTS => {
            Failure::RateLimited { retry_after: retry_after(response.headers()) }
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Failure::Timeout,
        status if status.is_server_error() => Failure::ServerError {
            status: status.as_u16(),
            retry_after: retry_after(response.headers()),
        },
        status => Failure::Refused { status: status.as_u16() },
    })
}

/// Reads a whole body, up to a limit.
pub(super) async fn read(response: Response) -> Result<Vec<u8>, Failure> {
    let mut chunks = response.bytes_stream();
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Failure::InvalidAnswer("too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: &reqwest::Error) -> Failure {
    if error.is_timeout() { Failure::Timeout } else { Failure::Unreachable }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    read_pause(headers.get(RETRY_AFTER)?.to_str().ok()?.trim(), Utc::now())
}

/// Reads a number of seconds or the date at which the pause ends.
fn read_pause(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

/// What one message of a stream says.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub events: Vec<Event>,
    /// Whether nothing follows.
    pub is_last: bool,
}

/// Reads the messages of a stream, each within `silence` of the one before.
pub(super) fn events<D>(response: Response, silence: Duration, decode: D) -> Events
where
    D: FnMut(&str) -> Result<Decoded, Failure> + Send + 'static,
{
    let reader = Reader {
        chunks: response.bytes_stream().boxed(),
        parser: Parser::default(),
        waiting: Vec::new().into_iter(),
        silence,
        decode,
        has_ended: false,
    };
    futures::stream::unfold(reader, |mut reader| async {
        let next = reader.next().await?;
        Some((next, reader))
    })
    .boxed()
}

struct Reader<C, D> {
    chunks: C,
    parser: Parser,
    waiting: std::vec::IntoIter<Event>,
    silence: Duration,
    decode: D,
    has_ended: bool,
}

impl<C, B, D> Reader<C, D>
where
    C: futures::Stream<Item = Result<B, reqwest::Error>> + Unpin,
    B: AsRef<[u8]>,
    D: FnMut(&str) -> Result<Decoded, Failure>,
{
    async fn next(&mut self) -> Option<Result<Event, Failure>> {
        loop {
            if let Some(event) = self.waiting.next() {
                return Some(Ok(event));
            }
            if self.has_ended {
                return None;
            }
            if let Err(failure) = self.fill().await {
                self.has_ended = true;
                return Some(Err(failure));
            }
        }
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        let chunk = tokio::time::timeout(self.silence, self.chunks.next()).await;
        let chunk = chunk.map_err(|_| Failure::Timeout)?;
        let Some(chunk) = chunk else {
            return Err(Failure::InvalidAnswer("stream ended early"));
        };
        let chunk = chunk.map_err(|error| broken(&error))?;
        let mut events = Vec::new();
        for message in self.parser.push(chunk.as_ref())? {
            let decoded = (self.decode)(&message)?;
            events.extend(decoded.events);
            if decoded.is_last {
                self.has_ended = true;
                break;
            }
        }
        self.waiting = events.into_iter();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_is_a_number_of_seconds_or_a_date() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(read_pause("1.5", now), Some(Duration::from_millis(1_500)));
        let date = "Thu, 01 Jan 1970 00:02:00 GMT";
        assert_eq!(read_pause(date, now), Some(Duration::from_mins(2)));
        assert_eq!(read_pause(date, now + Duration::from_hours(1)), Some(Duration::ZERO));
        for wrong in ["", "soon", "-1"] {
            assert_eq!(read_pause(wrong, now), None, "{wrong}");
        }
    }
}
