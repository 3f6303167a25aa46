//! Reads that a replica may answer: it is watched how much of what was written it knows.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{
        Arc, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use deadpool_postgres::{Client, Pool, Timeouts};
use postgres_types::PgLsn;

use super::{DbError, open};
use crate::config::DatabaseConfig;

/// How often the replica is asked how far it is.
const EVERY: Duration = Duration::from_millis(500);
/// How long it may take to say so.
const LIMIT: Duration = Duration::from_secs(1);
/// A replica that is further behind is left alone.
const FARTHEST: TimeDelta = TimeDelta::seconds(5);
/// How far the clocks of our machines may be apart.
const CLOCKS: TimeDelta = TimeDelta::seconds(1);
/// Positions of the primary that are remembered: those of the last ten seconds.
const NOTED: usize = 20;
/// The primary answers when the replica has no connection within this time.
const TURN: Timeouts = Timeouts {
    wait: Some(Duration::from_millis(20)),
    create: Some(Duration::from_millis(500)),
    recycle: Some(Duration::from_millis(500)),
};

/// Sends reads to a replica, if there is one and it knows what is asked for.
#[derive(Clone)]
pub struct Reads(Option<Arc<Replica>>);

struct Replica {
    pool: Pool,
    /// Everything that was committed by then is there, in milliseconds since 1970; 0 is never.
    knows_until: AtomicI64,
}

impl Reads {
    /// Reads from the primary alone.
    #[must_use]
    pub const fn from_primary() -> Self {
        Self(None)
    }

    /// Reads from the replica of the server `primary` that `config` names, if it names one; must be
    /// called within a runtime.
    ///
    /// # Errors
    ///
    /// Fails when the pool cannot be built.
    pub fn watch(
        primary: &DatabaseConfig,
        config: Option<&DatabaseConfig>,
        schema: &str,
        application_name: &str,
    ) -> Result<Self, DbError> {
        let Some(config) = config else {
            return Ok(Self::from_primary());
        };
        let pool = open(config, schema, application_name, "replica")?;
        let replica = Arc::new(Replica { pool, knows_until: AtomicI64::new(0) });
        // Its own connection: that all others are at work says nothing about the replica.
        let primary = DatabaseConfig { max_connections: 1, ..primary.clone() };
        let primary = open(&primary, schema, application_name, "watch")?;
        tokio::spawn(watch(primary, Arc::downgrade(&replica)));
        Ok(Self(Some(replica)))
    }

    /// Returns a connection to the replica in place of the primary's, or that one again.
    ///
    /// `changed` tells when what is to be read was changed last. The replica is taken only when it
    /// knows that change; not when nobody can tell, nor when it is away or more than five seconds
    /// behind. Ask the primary first who may see it: permissions are never read from a replica.
    pub async fn instead_of(
        &self,
        primary: Client,
        changed: impl Future<Output = Option<DateTime<Utc>>> + Send,
    ) -> Client {
        let Some(replica) = &self.0 else {
            return primary;
        };
        let connection = if replica.knows(DateTime::UNIX_EPOCH)
            && changed.await.is_some_and(|changed| replica.knows(changed))
        {
            replica.connection().await
        } else {
            None
        };
        let from = if connection.is_some() { "replica" } else { "primary" };
        metrics::counter!("db_reads_total", "from" => from).increment(1);
        connection.unwrap_or(primary)
    }
}

impl Replica {
    fn knows(&self, changed: DateTime<Utc>) -> bool {
        let until = self.knows_until.load(Ordering::Relaxed);
        knows(until, changed, Utc::now())
    }

    async fn connection(&self) -> Option<Client> {
        let connection = self.pool.timeout_get(&TURN).await;
        if let Err(error) = &connection
            && !matches!(error, deadpool_postgres::PoolError::Timeout(_))
        {
            // Nobody else tries before it was seen well again.
            self.knows_until.store(0, Ordering::Relaxed);
        }
        connection.ok()
    }
}

fn knows(until: i64, changed: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let until = DateTime::from_timestamp_millis(until).unwrap_or_default();
    changed + CLOCKS <= until && now - until <= FARTHEST
}

/// Where the primary was at a moment.
type Position = (DateTime<Utc>, PgLsn);

/// Finds out again and again how much the replica knows, for as long as somebody reads from it.
async fn watch(primary: Pool, replica: Weak<Replica>) {
    let mut noted: VecDeque<Position> = VecDeque::new();
    let mut ticks = tokio::time::interval(EVERY);
    let (mut last, mut was_well) = (Utc::now(), false);
    loop {
        ticks.tick().await;
        let Some(replica) = replica.upgrade() else { return };
        let look = tokio::time::timeout(LIMIT, look(&primary, &replica.pool, &mut noted)).await;
        let known = match look {
            Ok(Ok(known)) => known,
            Ok(Err(error)) => {
                tracing::debug!(error = %crate::error::Chain(&error), "replica is not seen");
                None
            }
            Err(_) => None,
        };
        replica.knows_until.store(known.map_or(0, |at| at.timestamp_millis()), Ordering::Relaxed);
        last = known.unwrap_or(last);
        let behind = Utc::now() - last;
        metrics::gauge!("db_replica_behind_seconds").set(behind.as_seconds_f64().max(0.0));
        let is_well = known.is_some() && behind <= FARTHEST;
        if is_well != was_well {
            was_well = is_well;
            if is_well {
                tracing::info!("the replica answers reads");
            } else {
                tracing::warn!("the replica is away or far behind: the primary answers all reads");
            }
        }
    }
}

/// What is on its disk, all committed changes among it. The insert position will not do: at the start of a page it stands
/// behind the page's head, which a replica reaches only with the next record, on a quiet server much later.
const PRIMARY: &str = "SELECT pg_current_wal_flush_lsn()";
/// Nothing when the server is no replica.
const REPLICA: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END";

/// Notes where the primary is, and returns the last moment whose position the replica has reached.
async fn look(
    primary: &Pool,
    replica: &Pool,
    noted: &mut VecDeque<Position>,
) -> Result<Option<DateTime<Utc>>, DbError> {
    let now = Utc::now();
    let position: PgLsn = primary.get().await?.query_one(PRIMARY, &[]).await?.try_get(0)?;
    noted.push_back((now, position));
    if noted.len() > NOTED {
        noted.pop_front();
    }
    let reached: Option<PgLsn> = replica.get().await?.query_one(REPLICA, &[]).await?.try_get(0)?;
    Ok(reached.and_then(|reached| reached_moment(noted, reached)))
}

fn reached_moment(noted: &VecDeque<Position>, reached: PgLsn) -> Option<DateTime<Utc>> {
    noted.iter().rev().find(|(_, position)| *position <= reached).map(|(moment, _)| *moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn only_what_was_changed_long_enough_before_is_known() {
        let until = at(100).timestamp_millis();
        assert!(knows(until, at(99), at(101)));
        assert!(!knows(until, at(100), at(101)), "another machine's clock may be ahead");
        assert!(knows(until, at(0), at(105)));
        assert!(!knows(until, at(0), at(106)), "it is too far behind");
        assert!(!knows(0, at(0), at(100)), "it is away");
    }

    #[test]
    fn replica_knows_what_the_primary_had_written_at_a_moment() {
        let noted = VecDeque::from([(at(1), PgLsn::from(10)), (at(2), PgLsn::from(20))]);
        assert_eq!(reached_moment(&noted, PgLsn::from(9)), None);
        assert_eq!(reached_moment(&noted, PgLsn::from(19)), Some(at(1)));
        assert_eq!(reached_moment(&noted, PgLsn::from(20)), Some(at(2)));
    }
}
