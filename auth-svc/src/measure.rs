//! What auth-svc tells Prometheus.

use std::time::Duration;

use kit::{
    error::Classify as _,
    telemetry::{
        self,
        Meaning::{Counter, Histogram},
    },
};
use metrics::Unit;

use crate::error::AuthError;

/// Says what is counted here.
pub fn describe() {
    telemetry::describe(&[
        Counter("auth_sign_ins_total", Unit::Count, "tries to sign in with a password, by outcome"),
        Histogram(
            "auth_password_seconds",
            Unit::Seconds,
            "time to hash or verify one password, waiting for a turn included",
        ),
        Counter("auth_letters_total", Unit::Count, "tries to send a letter, by outcome"),
    ]);
}

/// Counts a try to sign in.
pub fn signed_in<T>(outcome: &Result<T, AuthError>) {
    let outcome = outcome.as_ref().map_or_else(AuthError::reason, |_| "OK");
    metrics::counter!("auth_sign_ins_total", "outcome" => outcome).increment(1);
}

/// Notes how long a password took.
pub fn hashed(took: Duration) {
    metrics::histogram!("auth_password_seconds").record(took);
}

/// Counts a try to send a letter.
pub fn letter(outcome: &'static str) {
    metrics::counter!("auth_letters_total", "outcome" => outcome).increment(1);
}
