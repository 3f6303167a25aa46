//! Creating one's own account.

use chrono::{DateTime, Utc};
use kit::{
    caller::Role,
    db::{DbError, GenericClient},
    error::Checks,
    idempotency::{self, Claimed, IdempotencyError, Operation},
};
use uuid::Uuid;

use super::{Attempt, Client, Sessions, Tokens};
use crate::{
    config::Registration,
    error::{AuthError, Thing},
    organization::{OrganizationType, invitation_code},
    password::{self, Verified},
    store,
    user::{self, Account, Theme},
};

/// Somebody who creates an account.
#[derive(Clone, Debug)]
pub struct Registrant {
    pub username: String,
    pub email: String,
    pub password: String,
    pub full_name: String,
    pub phone: String,
    /// What they want to be; an invitation decides instead.
    pub role: Option<Role>,
    /// Joins an existing school.
    pub invitation_code: String,
    /// Founds a school.
    pub organization_name: String,
}

/// Where the new account belongs.
struct Place {
    organization_id: Uuid,
    role: Role,
    invited: bool,
}

impl Sessions {
    /// Creates an account and its first session. With an invitation it joins a school; with the
    /// name of a school it founds one and administers it; a teacher with neither works alone. The
    /// same operation again, with the same password, opens a session of what it created.
    ///
    /// # Errors
    ///
    /// Fails when a field is wrong or taken, or registration is not open to them.
    pub async fn register(
        &self,
        operation: &Operation,
        registrant: Registrant,
        client: &Client,
    ) -> Result<(Account, Tokens), AuthError> {
        self.may_register(&registrant)?;
        check(&registrant)?;
        let now = self.context.clock.now();
        let made = {
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            let made = idempotency::find(&db, operation).await?;
            if made.is_none() && !registrant.invitation_code.is_empty() {
                // Hashing costs much: nobody gets it for a made-up code.
                let code = invitation_code(&registrant.invitation_code)?;
                let invitation = store::invitations::usable(&db, &code, now).await?;
                invitation.ok_or(AuthError::InvitationInvalid)?;
            }
            made
        };
        if let Some(id) = made {
            return self.register_again(id, registrant, client).await;
        }
        let hash = self.context.hasher.hash(registrant.password.clone()).await?;
        let mut db = self.context.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let id = match idempotency::claim(&tx, operation, self.context.clock.new_id(), now).await? {
            Claimed::New(id) => id,
            Claimed::Repeated(id) => {
                drop(tx);
                drop(db);
                return self.register_again(id, registrant, client).await;
            }
        };
        let place = place(&tx, &registrant, self.context.clock.new_id(), now).await?;
        let account = Account {
            id,
            organization_id: place.organization_id,
            organization_name: String::new(),
            username: registrant.username,
            email: Some(registrant.email).filter(|email| !email.is_empty()),
            full_name: registrant.full_name.trim().to_owned(),
            phone: registrant.phone,
            role: place.role,
            password_hash: hash,
            must_change_password: false,
            is_active: true,
            locale: String::new(),
            theme: Theme::System,
            created_at: now,
            last_login_at: Some(now),
            renamed_at: None,
        };
        let inserted = store::users::insert(&tx, &account, None).await;
        inserted.map_err(|error| store::taken(error, ""))?;
        store::users::signed_in(&tx, account.id, now).await?;
        let account = store::users::find(&tx, account.id).await?;
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        let tokens = self.open(&tx, &account, client, now).await?;
        for kind in ["registered", "invitation_used"].iter().take(1 + usize::from(place.invited)) {
            let event = self.context.event(kind, &account, Some(account.id));
            event.from_client(client).record(&tx).await?;
        }
        tx.commit().await.map_err(DbError::from)?;
        Ok((account, tokens))
    }

    /// Answers a repeated registration. The operation does not know the password, so that nothing
    /// of it is kept but its hash: it is verified as that of somebody who signs in.
    async fn register_again(
        &self,
        id: Uuid,
        registrant: Registrant,
        client: &Client,
    ) -> Result<(Account, Tokens), AuthError> {
        let account = {
            let db = self.context.pool.get().await.map_err(DbError::from)?;
            store::users::find(&db, id).await?
        };
        let account = account.ok_or(AuthError::NotFound(Thing::User))?;
        self.throttle.count(Attempt::Account(account.id), client).await?;
        let kept = Some(account.password_hash.clone());
        if self.context.hasher.verify(registrant.password, kept).await? == Verified::Wrong {
            return Err(IdempotencyError::Reused.into());
        }
        self.enter(&account, None, client).await?.ok_or(AuthError::Busy)
    }

    fn may_register(&self, registrant: &Registrant) -> Result<(), AuthError> {
        let invited = !registrant.invitation_code.is_empty();
        match self.context.policy.registration {
            Registration::Closed => Err(AuthError::RegistrationClosed),
            Registration::Invitation if !invited => Err(AuthError::InvitationRequired),
            Registration::Open if !invited && registrant.role == Some(Role::Student) => {
                Err(AuthError::InvitationRequired)
            }
            Registration::Open | Registration::Invitation => Ok(()),
        }
    }
}

fn check(registrant: &Registrant) -> Result<(), AuthError> {
    let mut checks = Checks::new();
    user::check_username(&mut checks, "username", &registrant.username);
    user::check_email(&mut checks, "email", &registrant.email);
    password::check(&mut checks, "password", &registrant.password);
    checks.text("full_name", &registrant.full_name, 1..=100);
    checks.text("phone", &registrant.phone, 0..=30);
    checks.text("organization_name", &registrant.organization_name, 0..=200);
    checks.text("invitation_code", &registrant.invitation_code, 0..=64);
    checks.require(
        registrant.organization_name.is_empty() || registrant.invitation_code.is_empty(),
        "organization_name",
        "NOT_TOGETHER",
        "cannot be given together with an invitation code",
    );
    checks.require(
        registrant.role != Some(Role::Admin),
        "role",
        "NOT_ALLOWED",
        "must be teacher or student; who founds a school becomes its administrator",
    );
    Ok(checks.finish()?)
}

async fn place(
    db: &impl GenericClient,
    registrant: &Registrant,
    new_school: Uuid,
    now: DateTime<Utc>,
) -> Result<Place, AuthError> {
    if !registrant.invitation_code.is_empty() {
        let code = invitation_code(&registrant.invitation_code)?;
        let invitation = store::invitations::lock_usable(db, &code, now).await?;
        let invitation = invitation.ok_or(AuthError::InvitationInvalid)?;
        store::invitations::spend(db, invitation.id).await?;
        let organization_id = invitation.organization_id;
        return Ok(Place { organization_id, role: invitation.role, invited: true });
    }
    let (name, kind, role) = match registrant.role.unwrap_or(Role::Teacher) {
        Role::Student => return Err(AuthError::InvitationRequired),
        Role::Teacher | Role::Admin if registrant.organization_name.is_empty() => {
            (registrant.full_name.trim(), OrganizationType::Individual, Role::Teacher)
        }
        Role::Teacher | Role::Admin => {
            (registrant.organization_name.trim(), OrganizationType::School, Role::Admin)
        }
    };
    store::organizations::insert(db, new_school, name, kind, now).await?;
    Ok(Place { organization_id: new_school, role, invited: false })
}
