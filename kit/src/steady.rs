//! Work in the background that goes on after a panic.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

/// How long a task rests that has panicked: what made it panic may be there still.
const PAUSE: Duration = Duration::from_secs(5);

/// Does what `make` makes until that ends by itself. After a panic it is made and done again, a
/// pause later, unless `stop` comes first; `task` tells in the log which it was.
pub async fn steadily<F>(task: &'static str, stop: CancellationToken, make: impl FnMut() -> F)
where
    F: Future<Output = ()>,
{
    again(task, PAUSE, stop, make).await;
}

async fn again<F>(
    task: &'static str,
    pause: Duration,
    stop: CancellationToken,
    mut make: impl FnMut() -> F,
) where
    F: Future<Output = ()>,
{
    // Nothing of the broken try is used again: it is made anew.
    while AssertUnwindSafe(make()).catch_unwind().await.is_err() {
        tracing::error!(task, "background work has panicked and goes on after a pause");
        if tokio::time::timeout(pause, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_goes_on_after_a_panic() {
        let tries = AtomicU32::new(0);
        let work = || async {
            assert!(tries.fetch_add(1, Ordering::SeqCst) >= 2, "broken");
        };
        again("test", Duration::from_millis(1), CancellationToken::new(), work).await;
        assert_eq!(tries.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn work_that_has_to_stop_is_not_begun_again() {
        let stop = CancellationToken::new();
        stop.cancel();
        let tries = AtomicU32::new(0);
        let work = || async {
            tries.fetch_add(1, Ordering::SeqCst);
            panic!("broken");
        };
        steadily("test", stop, work).await;
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    }
}
