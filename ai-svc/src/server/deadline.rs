//! When a caller stops waiting.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Request;

/// Kept free, so that an answer by rules still arrives.
const RESERVE: Duration = Duration::from_millis(500);

/// Returns until when models can be asked for a request, if its caller does not wait for ever.
pub(super) fn until<T>(request: &Request<T>) -> Option<Instant> {
    let text = request.metadata().get("grpc-timeout")?.to_str().ok()?;
    let timeout = parse(text)?;
    Some(Instant::now() + timeout.saturating_sub(RESERVE.min(timeout / 4)))
}

/// Reads a length of time as gRPC writes it: a number and the letter of its unit.
fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 8 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        assert_eq!(parse("100m"), Some(Duration::from_millis(100)));
        assert_eq!(parse("5S"), Some(Duration::from_secs(5)));
        for wrong in ["", "m", "5", "123456789m", "-1S", "5x"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
