//! The whole system, driven over HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod backup_drill;
mod backup_keeping;
mod backup_old;
mod backup_qdrant;
mod backup_refusals;
mod backup_secrets;
mod backup_store;
mod bad_input;
mod control_characters;
mod database_roles;
mod diagnose;
mod faults;
mod install;
mod logs;
mod main_job;
mod manual;
mod metrics;
mod names;
mod nginx;
mod nginx_limits;
mod nginx_patience;
mod nginx_upstream;
mod observability;
mod operations;
mod privacy;
mod promql;
mod redis_leader;
mod replica;
mod sessions;
mod support;
mod teaching;
mod traces;
mod tuning;
mod web;

use system_tests::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_gets_from_sign_in_to_printed_mistake_books() {
    let mut installation = Installation::start().await.unwrap();
    let school = main_job::main_job(&installation).await;
    privacy::logs_tell_nobody(&mut installation, &school.private);
}
