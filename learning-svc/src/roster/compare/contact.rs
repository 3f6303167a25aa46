//! E-mail addresses and phones in a roster: they are for new accounts alone.

use std::collections::BTreeMap;

use super::{Found, Present, Target};
use crate::{
    roster::{accounts::Lookup, entry::Entry},
    sheet::{Problem, SheetRow},
};

/// Rows that make an account, by the address that it would have.
pub(super) type Addresses = BTreeMap<String, Vec<u32>>;

/// Collects the addresses of new accounts.
pub(super) fn addresses(rows: &[(SheetRow, Found)]) -> Addresses {
    let mut addresses = Addresses::new();
    for (row, found) in rows {
        if let Ok((Entry { email: Some(email), .. }, Target::New)) = found {
            addresses.entry(email.to_lowercase()).or_default().push(row.row);
        }
    }
    addresses
}

/// Makes sure that nobody else has the address of a new account.
pub(super) fn check(
    row: u32,
    entry: &Entry,
    target: &Target,
    addresses: &Addresses,
    lookup: &Lookup,
) -> Result<(), Vec<Problem>> {
    let (Some(email), Target::New) = (&entry.email, target) else { return Ok(()) };
    let email = email.to_lowercase();
    if lookup.emails.contains_key(&email) {
        let detail = "the address belongs to somebody else";
        return Err(vec![Problem::new("email", "EMAIL_TAKEN", detail)]);
    }
    let others = addresses.get(&email).map(Vec::as_slice).unwrap_or_default();
    match others.iter().find(|other| **other != row) {
        Some(other) => {
            let detail = format!("row {other} has the same address");
            Err(vec![Problem::new("email", "DUPLICATE_EMAIL", detail)])
        }
        None => Ok(()),
    }
}

/// Says which cells are not used because the account is there already and has something else.
pub(super) fn notes(entry: &Entry, target: &Target, present: &Present) -> Vec<Problem> {
    let (id, may_know) = match target {
        Target::Student { before, .. } => (before.id, present.taught.contains(&before.id)),
        Target::Account { id, .. } => (*id, false),
        Target::Nobody | Target::New => return Vec::new(),
    };
    // What strangers have is not told, not even that it is the same.
    let contact = present.lookup.contacts.get(&id).filter(|_| may_know);
    let known = |field: fn(&proto::auth::v1::UserContact) -> &String| {
        contact.map(|contact| field(contact).to_lowercase())
    };
    let cells = [
        ("email", &entry.email, known(|contact| &contact.email)),
        ("phone", &entry.phone, known(|contact| &contact.phone)),
    ];
    let unused = cells.into_iter().filter_map(|(field, cell, known)| {
        let cell = cell.as_ref()?.trim().to_lowercase();
        (known != Some(cell)).then_some(field)
    });
    let detail = "is for new accounts only; the account that is there stays as it is";
    unused.map(|field| Problem::new(field, "NOT_USED", detail)).collect()
}
