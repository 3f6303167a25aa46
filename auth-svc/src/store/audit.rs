//! The table of security events.

use chrono::{DateTime, Utc};
use kit::{
    db::{self, DbError, GenericClient, Row, ToSql},
    page::Page,
};
use uuid::Uuid;

use crate::audit::{Event, Filter};

const INSERT: &str = "
    INSERT INTO audit_events (id, at, kind, organization_id, actor_id, user_id, username, address,
                              user_agent, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Stores an event.
pub async fn insert(db: &impl GenericClient, event: &Event) -> Result<(), DbError> {
    let params: [&(dyn ToSql + Sync); 10] = [
        &event.id,
        &event.at,
        &event.kind,
        &event.organization_id,
        &event.actor_id,
        &event.user_id,
        &event.username,
        &event.client.address,
        &event.client.user_agent,
        &event.request_id,
    ];
    db::execute(db, "audit_events.insert", INSERT, &params).await.map(|_| ())
}

const INSERT_ALL: &str = "
    INSERT INTO audit_events (id, at, kind, organization_id, actor_id, user_id, username, address,
                              user_agent, request_id)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::uuid[],
                         $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[])";

/// Stores many events.
pub async fn insert_all(db: &impl GenericClient, events: &[Event]) -> Result<(), DbError> {
    fn all<'a, T>(events: &'a [Event], field: impl Fn(&'a Event) -> T) -> Vec<T> {
        events.iter().map(field).collect()
    }
    let params: [&(dyn ToSql + Sync); 10] = [
        &all(events, |event| event.id),
        &all(events, |event| event.at),
        &all(events, |event| event.kind.as_ref()),
        &all(events, |event| event.organization_id),
        &all(events, |event| event.actor_id),
        &all(events, |event| event.user_id),
        &all(events, |event| event.username.as_str()),
        &all(events, |event| event.client.address.as_str()),
        &all(events, |event| event.client.user_agent.as_str()),
        &all(events, |event| event.request_id.as_str()),
    ];
    db::execute(db, "audit_events.insert_all", INSERT_ALL, &params).await.map(|_| ())
}

const PAGE: &str = "
    SELECT id, at, kind, organization_id, actor_id, user_id, username, address, user_agent, request_id
      FROM audit_events
     WHERE organization_id = $1
       AND ($2::uuid IS NULL OR user_id = $2 OR actor_id = $2)
       AND ($3::uuid IS NULL OR actor_id = $3)
       AND (cardinality($4::text[]) = 0 OR kind = ANY ($4))
       AND ($5::timestamptz IS NULL OR at >= $5)
       AND ($6::timestamptz IS NULL OR at < $6)
       AND ($7::timestamptz IS NULL OR (at, id) < ($7, $8::uuid))
     ORDER BY at DESC, id DESC
     LIMIT $9";

/// Returns a page of the events of an organization, the latest first.
pub async fn page(
    db: &impl GenericClient,
    organization: Uuid,
    filter: &Filter,
    page: &Page<(DateTime<Utc>, Uuid)>,
) -> Result<Vec<Event>, DbError> {
    let (at, id) = page.after.unzip();
    let params: [&(dyn ToSql + Sync); 9] = [
        &organization,
        &filter.user_id,
        &filter.actor_id,
        &filter.kinds,
        &filter.from,
        &filter.until,
        &at,
        &id,
        &page.limit,
    ];
    db::query(db, "audit_events.page", PAGE, &params).await?.iter().map(from_row).collect()
}

const SWEEP: &str = "DELETE FROM audit_events WHERE at < $1";

/// Deletes events before `moment`.
pub async fn sweep(db: &impl GenericClient, moment: DateTime<Utc>) -> Result<u64, DbError> {
    db::execute(db, "audit_events.sweep", SWEEP, &[&moment]).await
}

fn from_row(row: &Row) -> Result<Event, DbError> {
    Ok(Event {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        kind: row.try_get::<_, String>("kind")?.into(),
        organization_id: row.try_get("organization_id")?,
        actor_id: row.try_get("actor_id")?,
        user_id: row.try_get("user_id")?,
        username: row.try_get("username")?,
        client: crate::session::Client {
            address: row.try_get("address")?,
            user_agent: row.try_get("user_agent")?,
        },
        request_id: row.try_get("request_id")?,
    })
}
