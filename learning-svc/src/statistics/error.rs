//! What can go wrong with figures.

use kit::{
    db::DbError,
    error::{Classify, Invalid, Kind},
};

use crate::access::AccessError;

/// Says why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum StatisticsError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("store of figures failed")]
    Store(#[from] DbError),
}

impl Classify for StatisticsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(error) => error.reason(),
            Self::Access(error) => error.reason(),
            Self::Store(error) => error.reason(),
        }
    }

    fn inner(&self) -> Option<&dyn Classify> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::Access(error) => Some(error),
            Self::Store(error) => Some(error),
        }
    }
}
