//! Schools, and the codes by which people join them.

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    caller::{Caller, Role},
    db::DbError,
    error::Checks,
    idempotency::{self, Claimed, Operation},
    page::Page,
};
use uuid::Uuid;

use crate::{
    Context,
    error::{AuthError, Thing},
    secret, store,
    user::admins_only,
};

/// Returns the roles into which somebody may invite others.
pub(crate) const fn invites(role: Role) -> &'static [Role] {
    match role {
        Role::Admin => &[Role::Admin, Role::Teacher, Role::Student],
        Role::Teacher => &[Role::Student],
        Role::Student => &[],
    }
}

/// A school, or a teacher on their own.
#[derive(Clone, Debug)]
pub struct Organization {
    pub id: Uuid,
    pub name: String,
    pub kind: OrganizationType,
    pub created_at: DateTime<Utc>,
    /// Active teachers and administrators.
    pub teachers: u32,
    /// Active students.
    pub students: u32,
}

kit::named! {
    /// What kind of organization it is.
    OrganizationType {
        School => "school",
        TrainingCenter => "training_center",
        Individual => "individual",
    }
}

/// A code by which people join an organization in a role.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub code: String,
    pub role: Role,
    pub max_uses: u32,
    pub uses: u32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Shows and changes organizations.
#[derive(Clone)]
pub struct Organizations {
    context: Context,
}

impl Organizations {
    /// Works with `context`.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    /// Returns the caller's organization.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is away.
    pub async fn own(&self, caller: &Caller) -> Result<Organization, AuthError> {
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let found = store::organizations::find(&db, caller.organization_id).await?;
        found.ok_or(AuthError::NotFound(Thing::Organization))
    }

    /// Changes the caller's organization, for administrators.
    ///
    /// # Errors
    ///
    /// Fails for everybody else, and when a field is wrong.
    pub async fn change(
        &self,
        caller: &Caller,
        name: Option<String>,
        kind: Option<String>,
    ) -> Result<Organization, AuthError> {
        admins_only(caller)?;
        let mut checks = Checks::new();
        if let Some(name) = &name {
            checks.text("name", name, 1..=200);
        }
        let known = kind.as_deref().map(OrganizationType::from_name);
        let detail = "must be school, training_center or individual";
        checks.require(known != Some(None), "type", "UNKNOWN_TYPE", detail);
        checks.finish()?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let name = name.as_deref().map(str::trim);
        let now = self.context.clock.now();
        store::organizations::update(&tx, caller.organization_id, name, known.flatten(), now)
            .await?;
        let account = store::users::find(&tx, caller.user_id).await?;
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let event = self.context.event("organization_changed", &account, Some(caller.user_id));
        event.record(&tx).await?;
        let people = store::users::ids_of(&tx, caller.organization_id).await?;
        tx.commit().await.map_err(DbError::from)?;
        drop(db);
        // Their profiles name it.
        self.context.forget_profiles(&people).await;
        self.own(caller).await
    }

    /// Makes an invitation; teachers invite students only. The same operation again returns what
    /// it made.
    ///
    /// # Errors
    ///
    /// Fails when the caller may not, or a number is out of range.
    pub async fn invite(
        &self,
        caller: &Caller,
        operation: &Operation,
        role: Role,
        max_uses: u32,
        valid_days: u32,
    ) -> Result<Invitation, AuthError> {
        if !invites(caller.role).contains(&role) {
            return Err(match caller.role {
                Role::Admin | Role::Teacher => AuthError::StudentsOnly,
                Role::Student => AuthError::NotForStudents,
            });
        }
        let mut checks = Checks::new();
        checks.range("max_uses", max_uses, 1..=1_000);
        checks.range("valid_days", valid_days, 1..=90);
        checks.finish()?;
        let now = self.context.clock.now();
        let invitation = Invitation {
            id: self.context.clock.new_id(),
            organization_id: caller.organization_id,
            code: secret::code(),
            role,
            max_uses,
            uses: 0,
            created_by: caller.user_id,
            created_at: now,
            expires_at: now + TimeDelta::days(i64::from(valid_days)),
            revoked_at: None,
        };
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        if let Claimed::Repeated(id) =
            idempotency::claim(&tx, operation, invitation.id, now).await?
        {
            let made = store::invitations::find(&tx, id).await?;
            return made.ok_or(AuthError::NotFound(Thing::Invitation));
        }
        store::invitations::insert(&tx, &invitation).await?;
        let account = store::users::find(&tx, caller.user_id).await?;
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let event = self.context.event("invitation_created", &account, Some(caller.user_id));
        event.record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(invitation)
    }

    /// Lists invitations, the latest first: all for administrators, their own for teachers.
    ///
    /// # Errors
    ///
    /// Fails for students.
    pub async fn invitations(
        &self,
        caller: &Caller,
        page: &Page<Uuid>,
    ) -> Result<Vec<Invitation>, AuthError> {
        let by = match caller.role {
            Role::Admin => None,
            Role::Teacher => Some(caller.user_id),
            Role::Student => return Err(AuthError::NotForStudents),
        };
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        Ok(store::invitations::page(&db, caller.organization_id, by, page).await?)
    }

    /// Revokes an invitation. Revoking twice is no error.
    ///
    /// # Errors
    ///
    /// Fails when it is not the caller's to revoke.
    pub async fn revoke(&self, caller: &Caller, id: Uuid) -> Result<Invitation, AuthError> {
        let now = self.context.clock.now();
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let invitation = store::invitations::find(&tx, id).await?;
        let may = |invitation: &Invitation| {
            invitation.organization_id == caller.organization_id
                && match caller.role {
                    Role::Admin => true,
                    Role::Teacher => invitation.created_by == caller.user_id,
                    Role::Student => false,
                }
        };
        invitation.filter(may).ok_or(AuthError::NotFound(Thing::Invitation))?;
        let invitation = store::invitations::revoke(&tx, id, now).await?;
        let account = store::users::find(&tx, caller.user_id).await?;
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let event = self.context.event("invitation_revoked", &account, Some(caller.user_id));
        event.record(&tx).await?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(invitation)
    }

    /// Shows a visitor which school a code belongs to, and in which role they would join.
    ///
    /// # Errors
    ///
    /// Fails when the code cannot be used.
    pub async fn preview(&self, code: &str) -> Result<(String, Role), AuthError> {
        let code = invitation_code(code)?;
        let now = self.context.clock.now();
        let db = self.context.pool.get().await.map_err(DbError::from)?;
        let invitation = store::invitations::usable(&db, &code, now).await?;
        let invitation = invitation.ok_or(AuthError::InvitationInvalid)?;
        let found = store::organizations::find(&db, invitation.organization_id).await?;
        let organization = found.ok_or(AuthError::InvitationInvalid)?;
        Ok((organization.name, invitation.role))
    }
}

/// Reads a code that somebody typed.
///
/// # Errors
///
/// Fails when no code looks like this.
pub(crate) fn invitation_code(typed: &str) -> Result<String, AuthError> {
    let code = typed.trim().to_uppercase();
    let plain = code.len() <= 64 && code.chars().all(char::is_alphanumeric);
    if plain { Ok(code) } else { Err(AuthError::InvitationInvalid) }
}
