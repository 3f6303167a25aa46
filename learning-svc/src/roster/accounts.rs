//! Accounts of a roster, which auth-svc keeps.

use std::collections::{HashMap, HashSet};

use kit::{
    db::DbError,
    error::{Classify as _, Invalid, Kind, Violation},
};
use proto::auth::v1::{NewUser, Role, UserContact, UserName};
use uuid::Uuid;

use super::{RosterError, Rosters, entry::Entry};
use crate::{
    import::{ImportId, Reporter},
    store::account_deletions,
    upstream::UpstreamError,
};

/// Accounts that auth-svc takes at once.
pub(super) const CHUNK: usize = 1_000;
/// Accounts that are made by one call: few enough for those who wait to see it go on.
const MADE_TOGETHER: usize = 20;
/// Names with a number at their end that are tried before giving up.
const ATTEMPTS: u32 = 20;

/// Accounts that rows might concern, as auth-svc knows them. Names and addresses are in lower case.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// Accounts of the organization by username.
    pub accounts: HashMap<String, UserName>,
    /// Usernames of other organizations.
    pub taken: HashSet<String>,
    /// Addresses that somebody has; those of students of the organization with their id.
    pub emails: HashMap<String, Option<Uuid>>,
    /// How students are reached.
    pub contacts: HashMap<Uuid, UserContact>,
}

impl Lookup {
    /// Returns those of `usernames` that are accounts of the organization.
    pub(super) fn there(&self, usernames: &[(u32, String)]) -> HashSet<Uuid> {
        let found = usernames.iter().filter_map(|(_, name)| {
            self.accounts.get(&name.to_lowercase())?.id.parse::<Uuid>().ok()
        });
        found.collect()
    }

    /// Frees the addresses of accounts that the import itself has made.
    pub(super) fn free_emails(&mut self, of: &HashSet<Uuid>) {
        self.emails.retain(|_, owner| owner.is_none_or(|owner| !of.contains(&owner)));
    }
}

/// An account that was made.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub id: Uuid,
    pub username: String,
    pub batch: String,
}

/// Why accounts were not made.
#[derive(Debug)]
pub(super) struct NotMade {
    pub error: RosterError,
    /// Asking for the same ones again is no use.
    pub is_final: bool,
}

impl From<RosterError> for NotMade {
    fn from(error: RosterError) -> Self {
        Self { error, is_final: false }
    }
}

/// Accounts of one import that are asked for under one name: a repeated call gets the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub import: ImportId,
    /// Each try with other names is another order.
    pub attempt: u32,
    /// Rows that the import writes.
    pub rows: usize,
}

impl Rosters {
    /// Looks usernames and e-mail addresses up.
    pub(super) async fn look_up(
        &self,
        usernames: Vec<String>,
        emails: Vec<String>,
    ) -> Result<Lookup, UpstreamError> {
        let mut lookup = Lookup::default();
        let (mut usernames, mut emails) = (usernames.chunks(CHUNK), emails.chunks(CHUNK));
        loop {
            // Addresses stand in rows that have a username, too: there are never more of them.
            let (names, addresses) = (usernames.next(), emails.next().unwrap_or_default());
            let Some(names) = names else { return Ok(lookup) };
            let found = self.auth.look_up(names.to_vec(), addresses.to_vec()).await?;
            let users = found.users.into_iter().map(|user| (user.username.to_lowercase(), user));
            lookup.accounts.extend(users);
            lookup.taken.extend(found.taken.into_iter().map(|name| name.to_lowercase()));
            let taken = found.taken_emails.into_iter().map(|email| (email.to_lowercase(), None));
            lookup.emails.extend(taken);
            for contact in found.contacts {
                let Ok(id) = contact.user_id.parse::<Uuid>() else { continue };
                if !contact.email.is_empty() {
                    lookup.emails.insert(contact.email.to_lowercase(), Some(id));
                }
                lookup.contacts.insert(id, contact);
            }
        }
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
            let lookup = self.look_up(names, Vec::new()).await?;
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

    /// Makes the accounts of an import, or returns those that were made before; by row. When one
    /// is refused, none stays.
    pub(super) async fn make_accounts(
        &self,
        order: Order,
        new: &[(u32, String, &Entry)],
        reporter: &Reporter,
    ) -> Result<HashMap<u32, Made>, NotMade> {
        let mut made = HashMap::new();
        for (place, chunk) in new.chunks(MADE_TOGETHER).enumerate() {
            reporter.report(made.len(), order.rows).await;
            let key = format!("roster-import-{}-{}-{place}", order.import, order.attempt);
            match self.make_some(key, order.import, chunk).await {
                Ok(more) => made.extend(more),
                Err(reason) => {
                    if reason.is_final {
                        let made = made.into_values().map(|made: Made| (made.batch, made.id));
                        self.delete_accounts(&made.collect::<Vec<_>>(), &[]).await?;
                    }
                    return Err(reason);
                }
            }
        }
        reporter.report(made.len(), order.rows).await;
        Ok(made)
    }

    async fn make_some(
        &self,
        key: String,
        import: ImportId,
        new: &[(u32, String, &Entry)],
    ) -> Result<Vec<(u32, Made)>, NotMade> {
        let users = new.iter().map(|(row, username, entry)| NewUser {
            username: username.clone(),
            email: entry.email.clone().unwrap_or_default(),
            full_name: entry.full_name.clone(),
            role: Role::Student.into(),
            password: self.key.password(import, *row),
            phone: entry.phone.clone().unwrap_or_default(),
        });
        let answer = self.auth.create(key, users.collect()).await;
        let answer = answer.map_err(|error| refused(error, new))?;
        let by_name: HashMap<String, Uuid> = answer
            .users
            .into_iter()
            .filter_map(|created| created.user)
            .filter_map(|user| Some((user.username.to_lowercase(), user.id.parse().ok()?)))
            .collect();
        let made = new.iter().map(|(row, username, _)| {
            let id = by_name.get(&username.to_lowercase()).copied();
            let id = id.ok_or_else(incomplete)?;
            let batch = answer.batch_id.clone();
            Ok((*row, Made { id, username: username.clone(), batch }))
        });
        made.collect()
    }

    /// Deletes accounts that nobody has signed in with, and whose students have neither mistakes
    /// nor stays in classes other than `enrollments`. Returns which of `made` still exist.
    pub(super) async fn delete_accounts(
        &self,
        made: &[(String, Uuid)],
        enrollments: &[Uuid],
    ) -> Result<HashSet<Uuid>, RosterError> {
        let ids: Vec<Uuid> = made.iter().map(|(_, id)| *id).collect();
        let used = {
            let mut db = self.pool.get().await.map_err(DbError::from)?;
            let tx = db.transaction().await.map_err(DbError::from)?;
            let used = account_deletions::mark(&tx, &ids, enrollments, self.clock.now()).await?;
            tx.commit().await.map_err(DbError::from)?;
            used
        };
        let mut batches: HashMap<&str, Vec<Uuid>> = HashMap::new();
        for (batch, id) in made.iter().filter(|(_, id)| !used.contains(id)) {
            batches.entry(batch).or_default().push(*id);
        }
        for (batch, ids) in batches {
            for chunk in ids.chunks(CHUNK) {
                self.auth.delete_unused(batch.to_owned(), chunk).await?;
            }
        }
        // Those that an earlier try has deleted are neither deleted now nor kept.
        let mut kept = HashSet::new();
        for chunk in ids.chunks(CHUNK) {
            let names = self.auth.names(chunk).await?;
            kept.extend(names.iter().filter_map(|user| user.id.parse::<Uuid>().ok()));
        }
        let staying: Vec<Uuid> = kept.iter().copied().collect();
        let db = self.pool.get().await.map_err(DbError::from)?;
        account_deletions::unmark(&db, &staying).await?;
        Ok(kept)
    }
}

/// Names the rows whose accounts were refused instead of their place in the call.
fn refused(error: UpstreamError, chunk: &[(u32, String, &Entry)]) -> NotMade {
    if !matches!(error.kind(), Kind::Conflict | Kind::Invalid) {
        return RosterError::from(error).into();
    }
    let violations = error.violations().into_iter().map(|violation| {
        let place = violation.field.strip_prefix("users[").and_then(|rest| rest.split_once("]."));
        let named = place.and_then(|(index, field)| {
            let (row, ..) = chunk.get(index.parse::<usize>().ok()?)?;
            Some(format!("rows[{row}].{field}"))
        });
        Violation { field: named.unwrap_or(violation.field.clone()), ..violation }
    });
    let error = RosterError::AccountsRefused(Invalid(violations.collect()));
    NotMade { error, is_final: true }
}

/// Says that accounts were deleted after they were made; the next try makes new ones.
fn incomplete() -> NotMade {
    let status = tonic::Status::unavailable("accounts that were made are gone");
    let error = RosterError::Upstream(UpstreamError { service: "auth-svc", status });
    NotMade { error, is_final: true }
}
