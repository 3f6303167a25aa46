//! Ended sessions, as Redis tells the gateways of them.
//!
//! Redis may forget everything at any moment. Therefore a mark says that all flags are there; whoever
//! raises flags sets it after each time all of them were raised, and it vanishes with the flags.
//! Without the mark the absence of a flag means nothing. Nor does the mark, at first, when Redis was
//! away: what ended meanwhile has no flag yet, and another server may lead, to which some never came.

use std::time::Duration;

use uuid::Uuid;

use crate::redis::Cache;

/// How long the mark holds; it is set again well before.
const MARK_TTL: Duration = Duration::from_mins(1);
/// Within which all flags are raised again after Redis was away: auth-svc does so every 10 s.
const RAISED_AGAIN: Duration = Duration::from_secs(20);

impl Cache {
    /// Returns the name of the flag that says that a session has ended.
    #[must_use]
    pub fn revocation_key(&self, session: Uuid) -> String {
        self.session_key(&format!("revoked:{session}"))
    }

    /// Returns the name of the mark that says that all flags are raised.
    #[must_use]
    pub fn revocations_mark(&self) -> String {
        self.session_key("revocations-complete")
    }

    /// Tells whether the mark can be believed.
    #[must_use]
    pub fn believes_mark(&self) -> bool {
        self.was_there_for(RAISED_AGAIN)
    }

    /// Says that access tokens of sessions hold no longer; each flag stays for its length of time.
    /// Returns whether Redis has heard it, or there is none to hear.
    pub async fn revoke(&self, sessions: &[(Uuid, Duration)]) -> bool {
        let flags = sessions.iter().map(|(id, ttl)| (self.revocation_key(*id), *ttl));
        self.set_flags(flags.collect()).await || self.is_absent()
    }

    /// Begins to raise all flags; returns what to end it with, or nothing when Redis is away.
    pub async fn begin_revocations(&self) -> Option<String> {
        let pass = self.session_key(&format!("revocations-pass:{}", Uuid::now_v7()));
        self.set_flag(&pass, 2 * MARK_TTL).await.then_some(pass)
    }

    /// Says that all flags are raised, unless Redis forgot something since the beginning. Returns
    /// whether it was said.
    pub async fn end_revocations(&self, pass: &str) -> bool {
        self.has_flag(pass).await == Some(true)
            && self.set_flag(&self.revocations_mark(), MARK_TTL).await
    }
}
