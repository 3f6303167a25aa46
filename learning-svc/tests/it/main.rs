//! learning-svc over a real PostgreSQL and a real Redis, with accounts in memory and an ai-svc that
//! does as it is told.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod ai;
mod auth;
mod practice;
mod support;

mod analysis;
mod changes;
mod classes;
mod collisions;
mod dashboards;
mod enrollments;
mod files;
mod import_undo;
mod imports;
mod index;
mod mastered;
mod mistakes;
mod names;
mod notebooks;
mod progress;
mod reanalysis;
mod reviews;
mod roster_undo;
mod rosters;
mod statistics;
mod students;
