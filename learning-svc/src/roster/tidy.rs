//! What is left for auth-svc to do after an import was written or taken back: the last step, which
//! is repeated with the call until it is done.

use kit::{caller::Caller, db::DbError};
use uuid::Uuid;

use super::{Extra, RosterError, Rosters, accounts::CHUNK};
use crate::{
    import::{self, Import, Kind},
    store::{imports, names},
};

impl Rosters {
    /// Deletes the accounts that turned out to be needless, and tells auth-svc of other names.
    pub(super) async fn tidy(
        &self,
        caller: &Caller,
        import: Import,
    ) -> Result<Import, RosterError> {
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
        let present = Extra::of(&import::locked(&tx, caller, Kind::Roster, import.id).await?)?;
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
