//! What can be wrong with a roster import.

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind},
    idempotency::IdempotencyError,
};

use crate::{access::AccessError, import::ImportError, sheet::SheetError, upstream::UpstreamError};

/// Says why something could not be done with a roster import.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    #[error("the class is archived")]
    Archived,
    #[error("the first passwords were taken already")]
    PasswordsTaken,
    #[error("the first passwords cannot be told any more; reset those of the students")]
    PasswordsLost,
    /// Rows for which no account can be made.
    #[error("accounts cannot be made for all rows: {0}")]
    AccountsRefused(Invalid),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
}

impl From<DbError> for RosterError {
    fn from(error: DbError) -> Self {
        Self::Import(error.into())
    }
}

impl From<AccessError> for RosterError {
    fn from(error: AccessError) -> Self {
        Self::Import(error.into())
    }
}

impl From<Invalid> for RosterError {
    fn from(error: Invalid) -> Self {
        Self::Import(error.into())
    }
}

impl From<SheetError> for RosterError {
    fn from(error: SheetError) -> Self {
        Self::Import(error.into())
    }
}

impl From<IdempotencyError> for RosterError {
    fn from(error: IdempotencyError) -> Self {
        Self::Import(error.into())
    }
}

impl Classify for RosterError {
    fn kind(&self) -> Kind {
        match self {
            Self::Archived | Self::PasswordsLost => Kind::Precondition,
            Self::PasswordsTaken | Self::AccountsRefused(_) => Kind::Conflict,
            Self::Import(error) => error.kind(),
            Self::Upstream(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Archived => "CLASS_ARCHIVED",
            Self::PasswordsTaken => "PASSWORDS_TAKEN",
            Self::PasswordsLost => "PASSWORDS_LOST",
            Self::AccountsRefused(_) => "ACCOUNTS_REFUSED",
            Self::Import(error) => error.reason(),
            Self::Upstream(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::AccountsRefused(error) => Some(error),
            Self::Import(error) => Some(error),
            Self::Upstream(error) => Some(error),
            Self::Archived | Self::PasswordsTaken | Self::PasswordsLost => None,
        }
    }
}
