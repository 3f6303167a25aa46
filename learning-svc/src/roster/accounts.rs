//! Accounts of a roster, which auth-svc keeps.

use std::collections::{HashMap, HashSet};

use kit::error::{Classify as _, Invalid, Kind, Violation};
use proto::auth::v1::{NewUser, Role, UserName};
use uuid::Uuid;

use super::{RosterError, Rosters, entry::Entry};
use crate::{import::ImportId, upstream::UpstreamError};

/// Accounts that auth-svc takes at once.
const CHUNK: usize = 1_000;
/// Names with a number at their end that are tried before giving up.
const ATTEMPTS: u32 = 20;

/// Accounts by username in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookup {
    pub accounts: HashMap<String, UserName>,
    /// Of other organizations.
    pub taken: HashSet<String>,
}

/// An account that was made.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub id: Uuid,
    pub username: String,
    pub batch: String,
}

impl Rosters {
    /// Looks usernames up.
    pub(super) async fn look_up(&self, usernames: Vec<String>) -> Result<Lookup, UpstreamError> {
        let mut lookup = Lookup::default();
        for chunk in usernames.chunks(CHUNK) {
            let found = self.auth.by_username(chunk.to_vec()).await?;
            let users = found.users.into_iter().map(|user| (user.username.to_lowercase(), user));
            lookup.accounts.extend(users);
            lookup.taken.extend(found.taken.into_iter().map(|name| name.to_lowercase()));
        }
        Ok(lookup)
    }

    /// Chooses free usernames for new accounts, by row.
    pub(super) async fn choose_usernames(
        &self,
        new: &[(u32, &Entry)],
    ) -> Result<Vec<(u32, String)>, RosterError> {
        let mut chosen: HashMap<u32, String> = HashMap::new();
        let mut used: HashSet<String> = HashSet::new();
        // Names that stand in the file come first: nobody else may get them.
        let mut waiting: Vec<(u32, &Entry)> = new.to_vec();
        waiting.sort_by_key(|(row, entry)| (entry.username.is_none(), *row));
        for attempt in 1..=ATTEMPTS {
            if waiting.is_empty() {
                break;
            }
            let names = waiting.iter().map(|(_, entry)| entry.username(attempt)).collect();
            let lookup = self.look_up(names).await?;
            waiting.retain(|(row, entry)| {
                let name = entry.username(attempt);
                let lower = name.to_lowercase();
                let free = !lookup.accounts.contains_key(&lower)
                    && !lookup.taken.contains(&lower)
                    && used.insert(lower);
                if free {
                    chosen.insert(*row, name);
                }
                !free
            });
        }
        if waiting.is_empty() {
            let rows = new.iter().filter_map(|(row, _)| Some((*row, chosen.remove(row)?)));
            return Ok(rows.collect());
        }
        let violations = waiting.iter().map(|(row, _)| Violation {
            field: format!("rows[{row}].username"),
            code: "TAKEN",
            detail: "belongs to somebody else".to_owned(),
        });
        Err(RosterError::AccountsRefused(Invalid(violations.collect())))
    }

    /// Makes the accounts of an import, or returns those that were made before; by row. There are
    /// no more of them than a class has room for, which is less than auth-svc takes at once.
    pub(super) async fn make_accounts(
        &self,
        import: ImportId,
        new: &[(u32, String, &Entry)],
    ) -> Result<HashMap<u32, Made>, RosterError> {
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let users = new.iter().map(|(row, username, entry)| NewUser {
            username: username.clone(),
            email: entry.email.clone().unwrap_or_default(),
            full_name: entry.full_name.clone(),
            role: Role::Student.into(),
            password: self.key.password(import, *row),
            phone: entry.phone.clone().unwrap_or_default(),
        });
        let answer = self.auth.create(format!("roster-import-{import}"), users.collect()).await;
        let answer = answer.map_err(|error| refused(error, new))?;
        let by_name: HashMap<String, Uuid> = answer
            .users
            .into_iter()
            .filter_map(|created| created.user)
            .filter_map(|user| Some((user.username.to_lowercase(), user.id.parse().ok()?)))
            .collect();
        let made = new.iter().map(|(row, username, _)| {
            let id = by_name.get(&username.to_lowercase()).copied();
            let id = id.ok_or_else(|| incomplete("an account is not in the answer"))?;
            let batch = answer.batch_id.clone();
            Ok((*row, Made { id, username: username.clone(), batch }))
        });
        made.collect()
    }

    /// Deletes accounts that nobody has signed in with and returns which of `made` still exist.
    pub(super) async fn delete_accounts(
        &self,
        made: &[(String, Uuid)],
    ) -> Result<HashSet<Uuid>, RosterError> {
        let mut batches: HashMap<&str, Vec<Uuid>> = HashMap::new();
        for (batch, id) in made {
            batches.entry(batch).or_default().push(*id);
        }
        for (batch, ids) in batches {
            for chunk in ids.chunks(CHUNK) {
                self.auth.delete_unused(batch.to_owned(), chunk).await?;
            }
        }
        // Those that an earlier try has deleted are neither deleted now nor kept.
        let mut kept = HashSet::new();
        let ids: Vec<Uuid> = made.iter().map(|(_, id)| *id).collect();
        for chunk in ids.chunks(CHUNK) {
            let names = self.auth.names(chunk).await?;
            kept.extend(names.iter().filter_map(|user| user.id.parse::<Uuid>().ok()));
        }
        Ok(kept)
    }
}

/// Names the rows whose accounts were refused instead of their place in the call.
fn refused(error: UpstreamError, chunk: &[(u32, String, &Entry)]) -> RosterError {
    if !matches!(error.kind(), Kind::Conflict | Kind::Invalid) {
        return error.into();
    }
    let violations = error.violations().into_iter().map(|violation| {
        let place = violation.field.strip_prefix("users[").and_then(|rest| rest.split_once("]."));
        let named = place.and_then(|(index, field)| {
            let (row, ..) = chunk.get(index.parse::<usize>().ok()?)?;
            Some(format!("rows[{row}].{field}"))
        });
        Violation { field: named.unwrap_or(violation.field.clone()), ..violation }
    });
    RosterError::AccountsRefused(Invalid(violations.collect()))
}

fn incomplete(detail: &'static str) -> RosterError {
    let status = tonic::Status::internal(detail);
    RosterError::Upstream(UpstreamError { service: "auth-svc", status })
}
