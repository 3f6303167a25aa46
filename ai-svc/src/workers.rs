//! Threads for work that takes the whole processor for a while.

use std::{sync::LazyLock, thread};

use tokio::{sync::Semaphore, task};

/// As many at a time as there are processors: more would only make each other slower.
static ROOM: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(2, Into::into)));

/// Says that the work broke off.
#[derive(Debug, thiserror::Error)]
#[error("work broke off")]
pub struct BrokeOff;

/// Runs `work` on a thread of its own as soon as one is free.
pub async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, BrokeOff> {
    let permit = ROOM.acquire().await.map_err(|_| BrokeOff)?;
    let work = move || {
        // Held until the work ends, even when nobody waits for it any more.
        let _permit = permit;
        work()
    };
    task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "work broke off");
        BrokeOff
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn no_more_work_runs_at_a_time_than_there_is_room() {
        let most = thread::available_parallelism().map_or(2, usize::from);
        let (now, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = (0..most * 4).map(|_| {
            let (now, seen) = (now.clone(), seen.clone());
            run(move || {
                seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(std::time::Duration::from_millis(5));
                now.fetch_sub(1, Ordering::SeqCst);
            })
        });
        futures::future::join_all(work).await;
        assert!((1..=most).contains(&seen.load(Ordering::SeqCst)));
    }
}
