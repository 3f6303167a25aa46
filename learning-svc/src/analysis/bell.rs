//! Waking the workers of this process as soon as there is work.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

/// Rings when work was queued.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes everybody who waits.
    pub fn ring(&self) {
        self.0.notify_waiters();
    }

    /// Waits for the next ring, for `length` at most.
    pub async fn wait(&self, length: Duration) {
        let _ = tokio::time::timeout(length, self.0.notified()).await;
    }
}
