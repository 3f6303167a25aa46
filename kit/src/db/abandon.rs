//! Statements that nobody waits for any more: their call reached its deadline, or was given up.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use deadpool_postgres::{Client, StatementCache, Transaction};
use tokio::runtime::Handle;
use tokio_postgres::CancelToken;

use super::tls;

/// How long it may take to tell PostgreSQL; its own time limit ends the statement otherwise.
const LIMIT: Duration = Duration::from_secs(3);

/// A connection, or a transaction on one.
pub trait GenericClient: deadpool_postgres::GenericClient {
    /// Ends the statement that runs, and keeps the connection from being lent again.
    fn abandon(&self);
}

impl GenericClient for Client {
    fn abandon(&self) {
        end(self.cancel_token(), &self.statement_cache);
    }
}

impl GenericClient for Transaction<'_> {
    fn abandon(&self) {
        end(self.cancel_token(), &self.statement_cache);
    }
}

/// Abandons the statement of a connection when it is dropped before [`Waiting::over`].
pub(super) struct Waiting<'a, C: GenericClient>(Option<&'a C>);

impl<'a, C: GenericClient> Waiting<'a, C> {
    pub(super) fn on(db: &'a C) -> Self {
        Self(Some(db))
    }

    /// Says that the statement was answered.
    pub(super) fn over(mut self) {
        self.0 = None;
    }
}

impl<C: GenericClient> Drop for Waiting<'_, C> {
    fn drop(&mut self) {
        if let Some(db) = self.0 {
            db.abandon();
        }
    }
}

/// The caches of the connections that must not be lent again: each connection has its own.
///
/// Nobody knows when PostgreSQL gets to hear that a statement shall end. If the connection were
/// lent again, that could end a statement of the next borrower.
static ABANDONED: Mutex<Vec<Weak<StatementCache>>> = Mutex::new(Vec::new());

fn end(token: CancelToken, connection: &Arc<StatementCache>) {
    {
        let mut abandoned = ABANDONED.lock().unwrap_or_else(PoisonError::into_inner);
        abandoned.retain(|known| known.strong_count() > 0);
        abandoned.push(Arc::downgrade(connection));
    }
    // Without a runtime the process ends, and its connections with it.
    let Ok(runtime) = Handle::try_current() else { return };
    runtime.spawn(async move {
        match tokio::time::timeout(LIMIT, tls::cancel(&token)).await {
            Ok(Ok(())) => tracing::debug!("ended a statement that nobody waits for"),
            Ok(Err(error)) => {
                let error = crate::error::Chain(&error).to_string();
                tracing::warn!(error, "a statement that nobody waits for goes on");
            }
            Err(_) => tracing::warn!("a statement that nobody waits for goes on"),
        }
    });
}

/// Tells whether a connection must not be lent again.
pub(super) fn is_abandoned(connection: &Arc<StatementCache>) -> bool {
    let abandoned = ABANDONED.lock().unwrap_or_else(PoisonError::into_inner);
    abandoned.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(connection)))
}
