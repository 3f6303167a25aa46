//! What can be wrong with accounts and sessions.

use std::time::Duration;

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind, Violation},
    idempotency::IdempotencyError,
};

/// Says why something about accounts could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error("username or password is wrong")]
    WrongPassword,
    #[error("too many attempts to sign in; try again later")]
    Throttled(Duration),
    #[error("the account is deactivated")]
    Inactive,
    #[error("the session has ended; sign in again")]
    SessionEnded,
    #[error("the refresh token was used before; all its sessions were ended")]
    TokenReused,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("an invitation code is required")]
    InvitationRequired,
    #[error("the invitation code is not valid")]
    InvitationInvalid,
    #[error("the password reset link is not valid any more")]
    ResetInvalid,
    #[error("{0} does not exist")]
    NotFound(Thing),
    #[error("only administrators may do this")]
    AdminOnly,
    #[error("students may not do this")]
    NotForStudents,
    #[error("teachers may do this for students only")]
    StudentsOnly,
    /// What only another service may ask, after it has checked what it alone knows.
    #[error("this cannot be asked from outside")]
    NotVouched,
    #[error("nobody may do this to their own account")]
    OwnAccount,
    #[error("the organization needs at least one active administrator")]
    LastAdmin,
    #[error("the account belongs to this organization already")]
    AlreadyThere,
    #[error("the invitation is for students")]
    InvitationForStudents,
    #[error("only who is alone in an organization may leave it; pupils and classes do not move")]
    NotAlone,
    #[error("{field} is taken")]
    Taken { field: String },
    #[error("too many sign in at this moment; try again")]
    Busy,
    #[error("password hash failed: {0}")]
    Hash(String),
    #[error("access token cannot be made")]
    Token(#[from] kit::caller::BadToken),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error("account store failed")]
    Store(#[from] DbError),
}

/// What does not exist, or not for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    User,
    Session,
    Invitation,
    Organization,
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Session => "session",
            Self::Invitation => "invitation",
            Self::Organization => "organization",
        })
    }
}

impl Classify for AuthError {
    fn kind(&self) -> Kind {
        match self {
            Self::WrongPassword | Self::Inactive | Self::SessionEnded | Self::TokenReused => {
                Kind::Unauthenticated
            }
            Self::Throttled(_) => Kind::Exhausted,
            Self::RegistrationClosed
            | Self::InvitationRequired
            | Self::AdminOnly
            | Self::NotForStudents
            | Self::StudentsOnly
            | Self::NotVouched => Kind::Forbidden,
            Self::InvitationInvalid | Self::NotFound(_) => Kind::NotFound,
            Self::OwnAccount
            | Self::LastAdmin
            | Self::ResetInvalid
            | Self::AlreadyThere
            | Self::InvitationForStudents
            | Self::NotAlone => Kind::Precondition,
            Self::Taken { .. } => Kind::Conflict,
            Self::Busy => Kind::Unavailable,
            Self::Hash(_) | Self::Token(_) => Kind::Internal,
            Self::Invalid(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::Throttled(_) => "LOGIN_THROTTLED",
            Self::Inactive => "ACCOUNT_INACTIVE",
            Self::SessionEnded => "SESSION_ENDED",
            Self::TokenReused => "REFRESH_TOKEN_REUSED",
            Self::RegistrationClosed => "REGISTRATION_CLOSED",
            Self::InvitationRequired => "INVITATION_REQUIRED",
            Self::InvitationInvalid => "INVITATION_INVALID",
            Self::ResetInvalid => "PASSWORD_RESET_INVALID",
            Self::NotFound(Thing::User) => "USER_NOT_FOUND",
            Self::NotFound(Thing::Session) => "SESSION_NOT_FOUND",
            Self::NotFound(Thing::Invitation) => "INVITATION_NOT_FOUND",
            Self::NotFound(Thing::Organization) => "ORGANIZATION_NOT_FOUND",
            Self::AdminOnly => "ADMIN_ONLY",
            Self::NotForStudents => "NOT_FOR_STUDENTS",
            Self::StudentsOnly => "STUDENTS_ONLY",
            Self::NotVouched => "PERMISSION_DENIED",
            Self::OwnAccount => "OWN_ACCOUNT",
            Self::LastAdmin => "LAST_ADMIN",
            Self::AlreadyThere => "ALREADY_IN_ORGANIZATION",
            Self::InvitationForStudents => "INVITATION_FOR_STUDENTS",
            Self::NotAlone => "NOT_ALONE_IN_ORGANIZATION",
            Self::Taken { field } if field.ends_with("email") => "EMAIL_TAKEN",
            Self::Taken { .. } => "USERNAME_TAKEN",
            Self::Busy => "BUSY",
            Self::Hash(_) | Self::Token(_) => "INTERNAL",
            Self::Invalid(error) => error.reason(),
            Self::Idempotency(error) => error.reason(),
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::Idempotency(error) => Some(error),
            Self::Store(error) => Some(error),
            Self::WrongPassword
            | Self::Throttled(_)
            | Self::Inactive
            | Self::SessionEnded
            | Self::TokenReused
            | Self::RegistrationClosed
            | Self::InvitationRequired
            | Self::InvitationInvalid
            | Self::ResetInvalid
            | Self::NotFound(_)
            | Self::AdminOnly
            | Self::NotForStudents
            | Self::StudentsOnly
            | Self::NotVouched
            | Self::OwnAccount
            | Self::LastAdmin
            | Self::AlreadyThere
            | Self::InvitationForStudents
            | Self::NotAlone
            | Self::Taken { .. }
            | Self::Busy
            | Self::Hash(_)
            | Self::Token(_) => None,
        }
    }

    fn violations(&self) -> Vec<Violation> {
        if let Self::Taken { field } = self {
            let detail = "is taken".to_owned();
            return vec![Violation { field: field.clone(), code: "TAKEN", detail }];
        }
        self.inner().map(Classify::violations).unwrap_or_default()
    }

    fn retry_after(&self) -> Option<Duration> {
        if let Self::Throttled(wait) = self {
            return Some(*wait);
        }
        self.inner().and_then(Classify::retry_after)
    }
}
