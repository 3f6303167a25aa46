//! The caller's sessions.

use actix_web::{
    delete, get, post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use proto::auth::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Answer;
use crate::{
    app::State,
    http::{Problem, Query, no_content, ok},
    session::Signed,
    view::{Page, input::Pages, moment, text},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(logout).service(logout_everywhere).service(list_sessions).service(end_session);
}

/// One live session.
#[derive(Serialize, ToSchema)]
struct Session {
    id: String,
    address: Option<String>,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// The session of this very request.
    is_current: bool,
}

/// Ends the caller's session.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Ended")))]
#[post("/auth/logout")]
async fn logout(state: Data<State>, signed: Signed) -> Answer {
    let message = pb::LogoutRequest { session_id: signed.session.to_string() };
    state.upstream.sessions().logout(message).await?;
    Ok(no_content())
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
pub(super) struct Ended {
    pub ended: u32,
}

/// Ends all sessions of the caller.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, description = "How many were ended", body = Ended)),
)]
#[post("/auth/logout-all")]
async fn logout_everywhere(state: Data<State>, _: Signed) -> Answer {
    let message = pb::LogoutEverywhereRequest {};
    let answer = state.upstream.sessions().logout_everywhere(message).await?.into_inner();
    Ok(ok(Ended { ended: answer.ended }))
}

/// Lists the caller's live sessions, the latest used first.
#[utoipa::path(
    tag = "auth",
    params(Pages),
    responses((status = 200, description = "A page of sessions", body = Page<Session>)),
)]
#[get("/auth/sessions")]
async fn list_sessions(state: Data<State>, signed: Signed, pages: Query<Pages>) -> Answer {
    let (limit, cursor) = pages.0.to_wire()?;
    let message = pb::ListSessionsRequest { limit, cursor };
    let answer = state.upstream.sessions().list_sessions(message).await?.into_inner();
    let current = signed.session.to_string();
    let items = answer.sessions.into_iter().map(|session| {
        Ok(Session {
            is_current: session.id == current,
            id: session.id,
            address: text(session.address),
            user_agent: text(session.user_agent),
            created_at: moment(session.created_at)?,
            last_used_at: moment(session.last_used_at)?,
            expires_at: moment(session.expires_at)?,
        })
    });
    let items = items.collect::<Result<_, Problem>>()?;
    Ok(ok(Page { items, next_cursor: text(answer.next_cursor) }))
}

/// Ends one of the caller's sessions.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Ended")))]
#[delete("/auth/sessions/{id}")]
async fn end_session(state: Data<State>, _: Signed, id: Path<Uuid>) -> Answer {
    let message = pb::EndSessionRequest { session_id: id.to_string() };
    state.upstream.sessions().end_session(message).await?;
    Ok(no_content())
}
