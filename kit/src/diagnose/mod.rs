//! What a process finds wrong with what it depends on: the command `diagnose` of every service.
//!
//! It prints lines of fields between tabs, which `deploy/diagnose` puts into words and order:
//! `fact` section name value; `fault` code evidence; `datum` name value (compared, not shown);
//! `setting` name value; `known` name. No line holds a secret.

mod database;
mod own;
mod reach;
mod redis;

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use refinery::Runner;

use crate::{
    config::{Asked, Common, ConfigError},
    db::Pool,
};
pub use reach::{Unreachable, endpoint, reach};

/// Command that every service has.
pub const COMMAND: &str = "diagnose";
/// Flag of it: no language model is asked.
pub const WITHOUT_MODELS: &str = "--no-models";

/// Declares faults with their codes, which `deploy/diagnosis/findings` explains.
macro_rules! faults {
    ($($fault:ident => $code:literal,)+) => {
        /// What can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault { $($fault,)+ }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$fault,)+];

            /// Returns the stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$fault => $code,)+ }
            }
        }
    };
}

faults! {
    SettingsWrong => "SETTINGS_WRONG",
    TlsFiles => "TLS_FILES",
    DatabaseHost => "DATABASE_HOST",
    DatabaseAway => "DATABASE_AWAY",
    DatabaseUnreachable => "DATABASE_UNREACHABLE",
    DatabasePassword => "DATABASE_PASSWORD",
    DatabaseMissing => "DATABASE_MISSING",
    DatabaseStarting => "DATABASE_STARTING",
    DatabaseFull => "DATABASE_FULL",
    DatabaseRefuses => "DATABASE_REFUSES",
    SchemaBehind => "SCHEMA_BEHIND",
    SchemaAhead => "SCHEMA_AHEAD",
    SchemaChanged => "SCHEMA_CHANGED",
    RedisHost => "REDIS_HOST",
    RedisAway => "REDIS_AWAY",
    RedisUnreachable => "REDIS_UNREACHABLE",
    RedisPassword => "REDIS_PASSWORD",
    RedisMemory => "REDIS_MEMORY",
    RedisRefuses => "REDIS_REFUSES",
    QdrantAway => "QDRANT_AWAY",
    QdrantKey => "QDRANT_KEY",
    VectorSize => "VECTOR_SIZE",
    VectorFolder => "VECTOR_FOLDER",
    VectorsDamaged => "VECTORS_DAMAGED",
    EmbeddingFiles => "EMBEDDING_FILES",
    EmbeddingFails => "EMBEDDING_FAILS",
    ModelKey => "MODEL_KEY",
    ModelRate => "MODEL_RATE",
    ModelTimeout => "MODEL_TIMEOUT",
    ModelAway => "MODEL_AWAY",
    ModelUnknown => "MODEL_UNKNOWN",
    ModelFails => "MODEL_FAILS",
    ModelRests => "MODEL_RESTS",
    BudgetSpent => "BUDGET_SPENT",
    FontsMissing => "FONTS_MISSING",
    ExportDiskFull => "EXPORT_DISK_FULL",
    ExportFolder => "EXPORT_FOLDER",
    ExportStore => "EXPORT_STORE",
    ExportsFail => "EXPORTS_FAIL",
    ExportsStuck => "EXPORTS_STUCK",
    JobsStuck => "JOBS_STUCK",
    MailFails => "MAIL_FAILS",
    ClockSkew => "CLOCK_SKEW",
    PoolExhausted => "POOL_EXHAUSTED",
    ProcessAway => "PROCESS_AWAY",
    ProcessOld => "PROCESS_OLD",
    ProcessUnwell => "PROCESS_UNWELL",
    UpstreamAway => "UPSTREAM_AWAY",
}

/// What was found, line by line.
#[derive(Debug)]
pub struct Report {
    service: &'static str,
    lines: Vec<String>,
    has_faults: bool,
}

impl Report {
    /// Starts with what was set.
    #[must_use]
    pub fn new(service: &'static str, asked: &Asked, wrong: Option<&ConfigError>) -> Self {
        let mut report = Self { service, lines: Vec::new(), has_faults: false };
        report.fact("versions", service, crate::process::VERSION);
        let errors = wrong.map(|wrong| wrong.0.as_slice()).unwrap_or_default();
        for (name, value) in asked.shown() {
            let is_wrong = errors.iter().any(|error| error.split(' ').next() == Some(&name));
            match value {
                // It may be a secret in the wrong place.
                Some(_) if is_wrong => report.line(&["setting", &name, "(not valid, not shown)"]),
                Some(value) => report.line(&["setting", &name, &value]),
                None => report.line(&["known", &name]),
            }
        }
        for name in ["JWT_SECRET_KEY", "SERVICE_TOKEN_KEY"] {
            report.datum(name, asked.fingerprint(name).as_deref().unwrap_or("none"));
        }
        for error in errors {
            report.fault(Fault::SettingsWrong, error);
        }
        report
    }

    /// Notes how something is.
    pub fn fact(&mut self, section: &str, name: &str, value: impl Display) {
        self.line(&["fact", section, name, &value.to_string()]);
    }

    /// Notes something that only means something beside what others say.
    pub fn datum(&mut self, name: &str, value: impl Display) {
        self.line(&["datum", name, &value.to_string()]);
    }

    /// Notes that something is wrong; `evidence` says by what that is seen.
    pub fn fault(&mut self, fault: Fault, evidence: impl Display) {
        self.has_faults = true;
        self.line(&["fault", fault.code(), &evidence.to_string()]);
    }

    /// Looks at what every process has: Redis and TLS files.
    pub async fn common(&mut self, common: &Common) {
        redis::look(self, &common.redis).await;
        if let Some(files) = &common.tls {
            for file in [&files.cert, &files.key, &files.ca] {
                if let Err(error) = std::fs::read(file) {
                    self.fault(Fault::TlsFiles, format_args!("{}: {error}", file.display()));
                }
            }
        }
    }

    /// Looks at the database, and returns a pool when it can be used.
    pub async fn database(
        &mut self,
        common: &Common,
        schema: &str,
        runner: &Runner,
    ) -> Option<Pool> {
        let Some(config) = &common.database else {
            self.fault(Fault::SettingsWrong, "DATABASE_URL is missing");
            return None;
        };
        database::look(self, config, schema, runner).await
    }

    /// Looks whether somebody listens where another service should be; `name` is the variable.
    pub async fn upstream(&mut self, name: &str, url: &str) {
        let Some((host, port)) = endpoint(url) else { return };
        if let Err(unreachable) = reach(&host, port).await {
            self.fault(Fault::UpstreamAway, format_args!("{name}: {unreachable}"));
        }
    }

    /// Looks at the process that runs with these settings; comes last, since what it says is only
    /// news when nothing else is wrong.
    pub async fn own_process(&mut self, common: &Common) {
        own::look(self, common).await;
    }

    /// Prints all lines.
    ///
    /// # Errors
    ///
    /// Fails when nobody reads them.
    pub fn print(self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        for line in self.lines {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn line(&mut self, fields: &[&str]) {
        let plain = |field: &&str| field.replace(char::is_control, " ").trim().to_owned();
        self.lines.push(fields.iter().map(plain).collect::<Vec<_>>().join("\t"));
    }
}

/// Says how long something has lasted, as people say it.
#[must_use]
pub fn age(length: chrono::TimeDelta) -> String {
    match length.num_seconds().max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_is_explained_in_both_languages_with_what_to_do() {
        let findings = include_str!("../../../deploy/diagnosis/findings");
        let mut explained = BTreeSet::new();
        for block in findings.split("\n\n").filter(|block| !block.starts_with('#')) {
            let lines: Vec<_> = block.trim().lines().collect();
            let keys: BTreeSet<_> = lines[1..].iter().map(|line| line.split(' ').next()).collect();
            assert_eq!(keys, BTreeSet::from(["do", "en", "zh"].map(Some)), "{block}");
            let (code, level) = lines[0].split_once(' ').unwrap();
            assert!(["wrong", "note", "effect"].contains(&level), "{block}");
            assert!(explained.insert(code), "{code} is explained twice");
        }
        for fault in Fault::ALL {
            assert!(explained.contains(fault.code()), "{} is not explained", fault.code());
        }
    }

    #[test]
    fn a_line_holds_its_fields_whatever_is_in_them() {
        let asked = crate::config::Env::from_pairs([("A", "b")]).asked();
        let mut report = Report::new("test", &asked, None);
        report.fault(Fault::MailFails, "two\tcolumns\nand lines");
        assert_eq!(report.lines.last().unwrap(), "fault\tMAIL_FAILS\ttwo columns and lines");
    }
}
