//! One way to stop: every task watches a token and is counted by a tracker.

use std::{io, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Cancels `token` on the first SIGTERM or SIGINT.
///
/// # Errors
///
/// Fails when the process cannot install a signal handler.
pub fn cancel_on_signal(token: CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = token.cancelled() => {}
        }
        token.cancel();
    });
    Ok(())
}

/// Waits until every tracked task has ended, for `grace` at most; tells whether they did.
pub async fn drain(tasks: &TaskTracker, grace: Duration) -> bool {
    tasks.close();
    let ended = tokio::time::timeout(grace, tasks.wait()).await.is_ok();
    if !ended {
        tracing::warn!(left = tasks.len(), "stopping with work unfinished");
    }
    ended
}
