//! Settings: typed, read once, with every wrong variable named in one message.

mod asked;
mod common;
mod database;
mod rate;
mod size;

use std::{collections::HashMap, fmt::Display, fs, path::Path, str::FromStr, sync::Arc};

pub use asked::Asked;
pub use common::{CacheTtls, Common, LogConfig, LogFormat, Otlp, RedisConfig, Service, TlsFiles};
pub use database::DatabaseConfig;
use http::Uri;
pub use rate::{BadRate, Rate};
use secrecy::SecretString;
pub use size::Size;

/// Where a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppEnv {
    Development,
    Production,
    Test,
}

impl FromStr for AppEnv {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            "test" => Ok(Self::Test),
            _ => Err(()),
        }
    }
}

/// Names every variable that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("wrong settings:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

/// Reads variables and remembers what is wrong with them.
#[derive(Debug, Default)]
pub struct Env {
    values: Arc<HashMap<String, SecretString>>,
    asked: Asked,
    errors: Vec<String>,
}

impl Env {
    /// Reads the variables of this process.
    #[must_use]
    pub fn from_process() -> Self {
        let pairs = std::env::vars_os();
        Self::from_pairs(
            pairs.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))),
        )
    }

    /// Reads the given variables.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let values = pairs.into_iter().map(|(k, v)| (k.into(), v.into().into())).collect();
        let values = Arc::new(values);
        Self { asked: Asked::of(Arc::clone(&values)), values, errors: Vec::new() }
    }

    /// Returns what will have been asked for, for whoever wants to tell it.
    #[must_use]
    pub fn asked(&self) -> Asked {
        self.asked.clone()
    }

    /// Reads a variable that must be set; `what` says what it should be.
    pub fn required<T: FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        if self.raw(name).is_none() {
            self.refuse(name, format_args!("is missing ({what})"));
            return None;
        }
        self.optional(name, what)
    }

    /// Reads a variable that has a default.
    pub fn or<T: FromStr>(&mut self, name: &str, what: &str, default: T) -> T {
        self.optional(name, what).unwrap_or(default)
    }

    /// Reads a variable that may be absent.
    pub fn optional<T: FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let parsed = self.raw(name)?.parse();
        if parsed.is_err() {
            // The value stays out of the message: it may be a secret in the wrong place.
            self.refuse(name, format_args!("is not a valid {what}"));
        }
        parsed.ok()
    }

    /// Returns where another of our services is; on this machine at `port` when nothing is said.
    pub fn service_url(&mut self, name: &str, port: u16) -> String {
        let example = format!("http://127.0.0.1:{port}");
        let url = self.or(name, "URL", example.clone());
        let is_whole = url.parse::<Uri>().is_ok_and(|url| {
            matches!(url.scheme_str(), Some("http" | "https")) && url.port().is_some()
        });
        if !is_whole {
            self.refuse(name, format_args!("is not a URL such as {example}"));
        }
        url
    }

    /// Returns how many hours the school's clocks are ahead of UTC.
    pub fn school_utc_offset_hours(&mut self) -> i32 {
        let name = "SCHOOL_UTC_OFFSET_HOURS";
        let hours = self.or(name, "number", 8);
        if !(-12..=14).contains(&hours) {
            self.refuse(name, "must be from -12 to 14");
        }
        hours
    }

    /// Reads a switch: true, false, 1, 0, yes, no, on, off.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.raw(name).map(|value| value.to_ascii_lowercase()).as_deref() {
            None => default,
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            Some(_) => {
                self.refuse(name, "is neither true nor false");
                default
            }
        }
    }

    /// Reads a list whose entries are separated by commas.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let value = self.raw(name).unwrap_or_default();
        value.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }

    /// Reads a secret, which cannot be printed.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.asked.note_secret(name);
        self.raw(name).map(SecretString::from)
    }

    /// Tells whether a variable is set.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.asked.note(name);
        let set = |name: &str| self.value(name).is_some_and(|value| !value.is_empty());
        set(name) || set(&format!("{name}_FILE"))
    }

    /// Adds an error.
    pub fn refuse(&mut self, name: &str, why: impl Display) {
        self.errors.push(format!("{name} {why}"));
    }

    /// Tells whether anything was wrong so far.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// Fails when any variable was wrong, naming all of them.
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ConfigError(self.errors)) }
    }

    /// Ends the reading and unwraps what was read.
    ///
    /// # Errors
    ///
    /// Fails when any variable was wrong, naming all of them.
    pub fn finish_with<T>(self, settings: Option<T>) -> Result<T, ConfigError> {
        match settings {
            Some(settings) => self.finish().map(|()| settings),
            None => Err(ConfigError(self.errors)),
        }
    }

    /// Refuses, in production, a file with a secret that everybody on the machine may read or write.
    ///
    /// One that cannot be looked at is left to whoever reads it.
    pub(crate) fn check_secret_file(&mut self, name: &str, path: &Path) {
        let in_production =
            self.value("APP_ENV").is_none_or(|env| env == "production" || env.is_empty());
        if in_production && crate::files::is_open(path).unwrap_or(false) {
            self.refuse(name, "names a file that others on this machine may read; chmod 600 it");
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| clean(secrecy::ExposeSecret::expose_secret(value)))
    }

    /// Returns the value of `name`, or the contents of the file that `<name>_FILE` names.
    fn raw(&mut self, name: &str) -> Option<String> {
        self.asked.note(name);
        if let Some(value) = self.value(name).filter(|value| !value.is_empty()) {
            return Some(value.to_owned());
        }
        let file_variable = format!("{name}_FILE");
        let path = self.value(&file_variable).filter(|path| !path.is_empty())?.to_owned();
        self.check_secret_file(&file_variable, Path::new(&path));
        match fs::read_to_string(path) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                self.refuse(&file_variable, format_args!("cannot be read: {error}"));
                None
            }
        }
    }
}

/// Strips an inline comment (` # …`), blanks and one pair of quotes.
fn clean(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote)
            && let Some(end) = rest.find(quote)
        {
            return &rest[..end];
        }
    }
    if value.starts_with('#') {
        return "";
    }
    let comment = value.match_indices('#').find(|(at, _)| value[..*at].ends_with([' ', '\t']));
    comment.map_or(value, |(at, _)| value[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn inline_comment_and_quotes_are_stripped() {
        assert_eq!(clean("10485760  # 10MB"), "10485760");
        assert_eq!(clean("a#b"), "a#b");
        assert_eq!(clean(" 'x # y' # z"), "x # y");
        assert_eq!(clean("# nothing"), "");
        assert_eq!(clean("密码 # 中文"), "密码");
    }

    #[test]
    fn every_wrong_variable_is_named_and_no_value_printed() {
        let mut env = Env::from_pairs([("A", "hunter2"), ("B", "maybe"), ("C", " ")]);
        let a: Option<u16> = env.required("A", "number");
        assert_eq!((a, env.flag("B", true)), (None, true));
        assert_eq!(env.or("C", "number", 7), 7);
        assert_eq!(env.required::<String>("D", "URL"), None);
        let message = env.finish().unwrap_err().to_string();
        assert_eq!(
            message,
            "wrong settings:\n  A is not a valid number\n  B is neither true nor false\n  \
             D is missing (URL)"
        );
    }

    #[test]
    fn services_are_at_whole_addresses() {
        let wrong = ["ai-svc", "ai-svc:50053", "http://ai-svc", "ftp://ai-svc:1", "http://:"];
        for url in wrong {
            let mut env = Env::from_pairs([("AI_SVC_URL", url)]);
            env.service_url("AI_SVC_URL", 50_053);
            let message = env.finish().unwrap_err().to_string();
            assert!(
                message.contains("AI_SVC_URL is not a URL such as http://"),
                "{url}: {message}"
            );
        }
        let mut env = Env::from_pairs([("AI_SVC_URL", "https://ai-svc:443")]);
        assert_eq!(env.service_url("AI_SVC_URL", 50_053), "https://ai-svc:443");
        assert_eq!(env.service_url("AUTH_SVC_URL", 50_051), "http://127.0.0.1:50051");
        env.finish().unwrap();
    }

    /// A file with a secret that is deleted when dropped.
    struct SecretFile(std::path::PathBuf);

    impl SecretFile {
        fn with_mode(mode: u32) -> Self {
            let path = std::env::temp_dir().join(format!("kit-secret-{}", uuid::Uuid::now_v7()));
            fs::write(&path, "s3cret\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            Self(path)
        }

        fn env(&self, app_env: &str) -> Env {
            let path = self.0.to_str().unwrap();
            Env::from_pairs([("KEY_FILE", path), ("APP_ENV", app_env)])
        }
    }

    impl Drop for SecretFile {
        fn drop(&mut self) {
            fs::remove_file(&self.0).unwrap();
        }
    }

    #[test]
    fn secret_comes_from_a_file_too() {
        let file = SecretFile::with_mode(0o640);
        let mut env = file.env("");
        assert!(env.is_set("KEY"));
        let secret = env.secret("KEY").unwrap();
        assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), "s3cret");
        assert!(!format!("{secret:?}").contains("s3cret"));
        env.finish().unwrap();

        let mut env = Env::from_pairs([("KEY_FILE", "/nowhere")]);
        env.secret("KEY");
        assert!(env.finish().unwrap_err().to_string().contains("KEY_FILE cannot be read"));
    }

    #[test]
    fn secret_that_others_may_read_is_refused_in_production() {
        let file = SecretFile::with_mode(0o644);
        for app_env in ["", "production"] {
            let mut env = file.env(app_env);
            env.secret("KEY");
            let message = env.finish().unwrap_err().to_string();
            assert!(message.contains("KEY_FILE names a file that others"), "{message}");
            assert!(!message.contains("s3cret"));
        }
        let mut env = file.env("development");
        assert!(env.secret("KEY").is_some());
        env.finish().unwrap();
    }
}
