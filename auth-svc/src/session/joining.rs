//! Moving to an existing school with an account that one has.

use kit::{
    caller::{Caller, Role},
    db::DbError,
    idempotency::{self, Claimed, Operation},
};

use super::{Client, Sessions, Tokens};
use crate::{
    error::{AuthError, Thing},
    organization::invitation_code,
    store,
    user::Account,
};

impl Sessions {
    /// Moves the caller's account to the school of an invitation, in its role, and opens a session
    /// there; all others end, because their tokens name the old organization.
    ///
    /// Classes and pupils belong to an organization and do not move. Therefore only those may go who
    /// are alone in theirs, which is deleted after them.
    ///
    /// The same operation again, by who has signed in there since, opens another session.
    ///
    /// # Errors
    ///
    /// Fails for students, for those who are not alone, and when the code cannot be used.
    pub async fn join(
        &self,
        caller: &Caller,
        operation: &Operation,
        code: &str,
        client: &Client,
    ) -> Result<(Account, Tokens), AuthError> {
        if caller.role == Role::Student {
            return Err(AuthError::NotForStudents);
        }
        let code = invitation_code(code)?;
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let account = store::users::lock(&tx, caller.user_id).await?;
        let account = account.filter(|account| account.is_active);
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let old = account.organization_id;
        if let Claimed::Repeated(_) = idempotency::claim(&tx, operation, account.id, now).await? {
            if caller.organization_id != old {
                return Err(AuthError::SessionEnded);
            }
            let tokens = self.open(&tx, &account, client, now).await?;
            let event = self.context.event("login_succeeded", &account, Some(account.id));
            event.from_client(client).record(&tx).await?;
            tx.commit().await.map_err(DbError::from)?;
            return Ok((account, tokens));
        }
        let invitation = store::invitations::lock_usable(&tx, &code, now).await?;
        let invitation = invitation.ok_or(AuthError::InvitationInvalid)?;
        if invitation.organization_id == old {
            return Err(AuthError::AlreadyThere);
        }
        if invitation.role == Role::Student {
            return Err(AuthError::InvitationForStudents);
        }
        // Whoever is about to join with a code of the old organization comes before or never.
        store::invitations::lock_all(&tx, old).await?;
        store::organizations::lock(&tx, old).await?;
        if store::users::ids_of(&tx, old).await? != [account.id] {
            return Err(AuthError::NotAlone);
        }

        store::invitations::spend(&tx, invitation.id).await?;
        let place = (invitation.organization_id, invitation.role);
        store::users::relocate(&tx, account.id, place, now).await?;
        store::invitations::delete_all(&tx, old).await?;
        store::organizations::delete(&tx, old).await?;
        let account = store::users::find(&tx, account.id).await?;
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let ended = store::sessions::end_all(&tx, account.id, None, now).await?;
        let tokens = self.open(&tx, &account, client, now).await?;
        for kind in ["organization_joined", "invitation_used"] {
            let event = self.context.event(kind, &account, Some(account.id));
            event.from_client(client).record(&tx).await?;
        }
        tx.commit().await.map_err(DbError::from)?;
        self.context.revoke(&ended).await;
        self.context.forget_profiles(&[account.id]).await;
        Ok((account, tokens))
    }
}
