//! What can go wrong with PostgreSQL, and how bad it is.

use std::{
    error::Error,
    fmt::{self, Display},
    io,
    time::Duration,
};

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::error::{Classify, Kind};

/// Says how a query failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("no database connection")]
    Pool(#[from] PoolError),
    #[error("query failed")]
    Query(#[source] QueryError),
    /// A text or a moment that PostgreSQL cannot hold came through.
    #[error("a text or a moment cannot be stored")]
    Unstorable,
    #[error("{table}: expected {expected} changed rows, got {actual}")]
    Rows { table: &'static str, expected: u64, actual: u64 },
    #[error("column {column} cannot be read: {detail}")]
    Decode { column: &'static str, detail: String },
    #[error("pool cannot be built: {0}")]
    Build(String),
}

/// Says what PostgreSQL or the way to it refused, without a word of what the rows hold: PostgreSQL
/// writes names and addresses into its details.
#[derive(Debug)]
pub struct QueryError(tokio_postgres::Error);

impl Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(error) = self.0.as_db_error() else {
            write!(f, "{}", self.0)?;
            return self.0.source().map_or(Ok(()), |cause| write!(f, ": {cause}"));
        };
        let code = error.code().code();
        write!(f, "{} {code}", error.severity())?;
        // Messages about data quote it.
        if !code.starts_with("22") {
            write!(f, ": {}", error.message())?;
        }
        let place = [error.table(), error.column(), error.constraint()];
        place.into_iter().flatten().try_for_each(|name| write!(f, ", {name}"))
    }
}

impl Error for QueryError {}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let unstorable =
            [&SqlState::CHARACTER_NOT_IN_REPERTOIRE, &SqlState::DATETIME_FIELD_OVERFLOW];
        match error.code() {
            Some(state) if unstorable.contains(&state) => Self::Unstorable,
            Some(_) | None => Self::Query(QueryError(error)),
        }
    }
}

impl DbError {
    /// Returns the name of the unique constraint this error reports, if it does.
    #[must_use]
    pub fn unique_violation(&self) -> Option<&str> {
        self.violation(&SqlState::UNIQUE_VIOLATION)
    }

    /// Returns the name of the foreign key this error reports, if it does.
    #[must_use]
    pub fn foreign_key_violation(&self) -> Option<&str> {
        self.violation(&SqlState::FOREIGN_KEY_VIOLATION)
    }

    fn violation(&self, state: &SqlState) -> Option<&str> {
        let Self::Query(error) = self else {
            return None;
        };
        let error = error.0.as_db_error()?;
        (error.code() == state).then(|| error.constraint())?
    }

    /// Says that the value of a column makes no sense.
    #[must_use]
    pub fn decode(column: &'static str, detail: impl Display) -> Self {
        Self::Decode { column, detail: detail.to_string() }
    }

    /// Checks that a statement changed as many rows as it must.
    ///
    /// # Errors
    ///
    /// Fails when it did not.
    pub fn expect_rows(table: &'static str, actual: u64, expected: u64) -> Result<(), Self> {
        if actual == expected { Ok(()) } else { Err(Self::Rows { table, expected, actual }) }
    }

    /// Says what PostgreSQL or the way to it said, for an operator.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Query(error) => error.to_string(),
            Self::Pool(_)
            | Self::Unstorable
            | Self::Rows { .. }
            | Self::Decode { .. }
            | Self::Build(_) => self.to_string(),
        }
    }

    /// Tells whether PostgreSQL is away, so that trying again later helps.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Pool(PoolError::Timeout(_) | PoolError::Closed | PoolError::Backend(_)) => true,
            Self::Query(error) => is_lost(&error.0),
            Self::Pool(PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_))
            | Self::Rows { .. }
            | Self::Unstorable
            | Self::Decode { .. }
            | Self::Build(_) => false,
        }
    }
}

impl Classify for DbError {
    fn kind(&self) -> Kind {
        if matches!(self, Self::Unstorable) {
            Kind::Invalid
        } else if self.is_unavailable() {
            Kind::Unavailable
        } else {
            Kind::Internal
        }
    }

    fn reason(&self) -> &'static str {
        if matches!(self, Self::Unstorable) {
            "UNSTORABLE_VALUE"
        } else if self.is_unavailable() {
            "DATABASE_UNAVAILABLE"
        } else {
            "INTERNAL"
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.is_unavailable().then(|| Duration::from_secs(2))
    }
}

/// Tells whether the connection, the server or the time was lost.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    let Some(state) = error.code() else {
        return error.is_closed()
            || error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>);
    };
    let code = state.code();
    code.starts_with("08")
        || code.starts_with("57P")
        || [
            &SqlState::TOO_MANY_CONNECTIONS,
            &SqlState::QUERY_CANCELED,
            &SqlState::READ_ONLY_SQL_TRANSACTION,
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(&state)
}
