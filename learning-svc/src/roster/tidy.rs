//! What is left for auth-svc to do after an import was written or taken back: the last step. The
//! call does it; when auth-svc was away, a repeated call does, or the process by itself.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    caller::{self, Caller, Role},
    db::DbError,
    error::{Chain, Classify as _, Kind},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Extra, RosterError, Rosters, accounts::CHUNK};
use crate::{
    import::Import,
    store::{imports, names},
};

const EVERY: Duration = Duration::from_mins(1);
/// How long a call has to do its last step before somebody else does.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);
/// Imports that are looked at in one turn.
const AT_ONCE: i64 = 50;

impl Rosters {
    /// Does every minute what calls have left undone, until `stop`. Harmless in several processes.
    pub async fn tidy_up(self, stop: CancellationToken) {
        loop {
            let done = tokio::select! {
                done = self.tidy_left() => done,
                () = stop.cancelled() => return,
            };
            if let Err(error) = done {
                let is_away = error.kind() == Kind::Unavailable;
                let error = Chain(&error);
                if is_away {
                    tracing::debug!(%error, "rosters are not tidied up now");
                } else {
                    tracing::warn!(%error, "rosters are not tidied up now");
                }
            }
            if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
                return;
            }
        }
    }

    /// Does the last step of imports whose calls did not, in the name of who asked for it.
    ///
    /// # Errors
    ///
    /// Fails with the first that cannot be done now; the others are done nevertheless.
    pub async fn tidy_left(&self) -> Result<(), RosterError> {
        let left = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            imports::untidy(&db, self.clock.now() - PATIENCE, AT_ONCE).await?
        };
        let mut first = Ok(());
        for import in left {
            first = first.and(self.tidy_for_who_asked(import).await);
        }
        first
    }

    async fn tidy_for_who_asked(&self, import: Import) -> Result<(), RosterError> {
        let asked_by = Extra::of(&import)?.asked_by;
        let (user_id, role) = asked_by.unwrap_or((import.created_by, Role::Teacher));
        let (organization_id, request_id) =
            (import.organization_id, self.clock.new_id().to_string());
        let asking = Caller { user_id, role, organization_id, request_id };
        caller::scope(asking, self.tidy(import)).await.map(drop)
    }

    /// Deletes the accounts that turned out to be needless, and tells auth-svc of other names.
    /// Whose `import` it is was made sure of before.
    pub(super) async fn tidy(&self, import: Import) -> Result<Import, RosterError> {
        let left = Extra::of(&import)?;
        if left.needless.is_empty() && left.renamed.is_empty() {
            return Ok(import);
        }
        if !left.needless.is_empty() {
            self.delete_accounts(&left.needless, &[]).await?;
        }
        self.tell_names(import.organization_id, &left.renamed).await?;

        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let Some(present) = imports::lock(&tx, import.id).await? else {
            return Ok(import);
        };
        let present = Extra::of(&present)?;
        // Taking the import back may have left something else meanwhile.
        if (&present.needless, &present.renamed) == (&left.needless, &left.renamed) {
            let done = Extra { needless: Vec::new(), renamed: Vec::new(), ..present };
            imports::set_extra(&tx, import.id, &done).await?;
            tx.commit().await.map_err(DbError::from)?;
        }
        Ok(import)
    }

    /// Tells auth-svc what students are called now, unless they were renamed again since.
    async fn tell_names(
        &self,
        organization: Uuid,
        renamed: &[(Uuid, String)],
    ) -> Result<(), RosterError> {
        if renamed.is_empty() {
            return Ok(());
        }
        let still = {
            let db = self.pool.get().await.map_err(DbError::from)?;
            names::still_called(&db, organization, renamed).await?
        };
        for chunk in still.chunks(CHUNK) {
            self.auth.rename(chunk).await?;
        }
        Ok(())
    }
}
