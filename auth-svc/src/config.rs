//! Settings of auth-svc.

use std::str::FromStr;

use chrono::TimeDelta;
use kit::{
    access_token::AccessKey,
    config::{AppEnv, Common, Env, Rate, Service},
    process::Args,
};

use crate::{
    mail::Smtp,
    secret::{FirstPasswords, ResetTokens, Succession},
};

/// Everything auth-svc is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    pub common: Common,
    pub args: Args,
    pub policy: Policy,
    pub smtp: Option<Smtp>,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    Open,
    Invitation,
    Closed,
}

impl Registration {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invitation => "invitation",
            Self::Closed => "closed",
        }
    }
}

impl FromStr for Registration {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Open, Self::Invitation, Self::Closed]
            .into_iter()
            .find(|registration| registration.as_str() == text)
            .ok_or(())
    }
}

/// Rules of sessions and registration.
#[derive(Clone, Debug)]
pub struct Policy {
    pub access_key: AccessKey,
    pub succession: Succession,
    pub reset_tokens: ResetTokens,
    pub first_passwords: FirstPasswords,
    /// How long an access token holds.
    pub access_ttl: TimeDelta,
    /// How long a session lives without being used.
    pub refresh_ttl: TimeDelta,
    pub registration: Registration,
    /// Attempts for one account from one address.
    pub login_rate: Rate,
    /// Address of the web client, for links in letters.
    pub public_url: String,
    /// Letters can be sent.
    pub mails: bool,
    /// A development system prints reset tokens to the log when no letter can be sent.
    pub prints_tokens: bool,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// Fails with all variables that are wrong.
    pub fn read(env: Env, args: Args) -> Result<Self, kit::config::ConfigError> {
        let mut env = env;
        let common = Common::read(&mut env, Service::named("auth-svc"));
        let is = |app_env| common.as_ref().is_some_and(|common| common.env == app_env);
        let (development, in_production) = (is(AppEnv::Development), is(AppEnv::Production));
        if env.or("ALGORITHM", "name", "HS256".to_owned()) != "HS256" {
            env.refuse("ALGORITHM", "must be HS256");
        }
        let minutes = env.or("ACCESS_TOKEN_EXPIRE_MINUTES", "number of minutes", 30_i64);
        if !(1..=1_440).contains(&minutes) {
            env.refuse("ACCESS_TOKEN_EXPIRE_MINUTES", "must be from 1 to 1440");
        }
        let days = env.or("REFRESH_TOKEN_EXPIRE_DAYS", "number of days", 7_i64);
        if !(1..=365).contains(&days) {
            env.refuse("REFRESH_TOKEN_EXPIRE_DAYS", "must be from 1 to 365");
        }
        let idle = env.optional::<i64>("SESSION_EXPIRE_HOURS", "number of hours");
        if idle.is_some_and(|hours| !(1..=8_760).contains(&hours)) {
            env.refuse("SESSION_EXPIRE_HOURS", "must be from 1 to 8760");
        }
        let usual = if development { Registration::Open } else { Registration::Invitation };
        let registration = env.or("REGISTRATION", "registration (open, invitation, closed)", usual);
        let login_rate = Rate::of_login(&mut env);
        let public_url = env.or("PUBLIC_URL", "URL", "http://127.0.0.1:8000".to_owned());
        let smtp = Smtp::read(&mut env);
        if smtp.is_some() && in_production && !env.is_set("PUBLIC_URL") {
            env.refuse("PUBLIC_URL", "is missing (address of the web client, beside SMTP_URL)");
        }
        let config = common.map(|common| Self {
            args,
            policy: Policy {
                access_key: AccessKey::new(&common.jwt_secret),
                succession: Succession::new(&common.jwt_secret),
                reset_tokens: ResetTokens::new(&common.jwt_secret),
                first_passwords: FirstPasswords::new(&common.jwt_secret),
                access_ttl: TimeDelta::minutes(minutes),
                refresh_ttl: refresh_ttl(days, idle),
                registration,
                login_rate,
                public_url: public_url.trim_end_matches('/').to_owned(),
                mails: smtp.is_some(),
                prints_tokens: development,
            },
            smtp,
            common,
        });
        env.finish_with(config)
    }
}

/// Returns how long a session lives without being used: as long as a refresh token, or less when
/// `SESSION_EXPIRE_HOURS` says so.
fn refresh_ttl(days: i64, idle_hours: Option<i64>) -> TimeDelta {
    let days = TimeDelta::days(days);
    idle_hours.map_or(days, |hours| days.min(TimeDelta::hours(hours)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<Config, kit::config::ConfigError> {
        let secret = "0123456789abcdef".repeat(4);
        let database = "postgresql://auth_svc@127.0.0.1/ai_english";
        let given = [("JWT_SECRET_KEY", secret.as_str()), ("DATABASE_URL", database)];
        Config::read(Env::from_pairs(given.iter().chain(more).copied()), Args::default())
    }

    #[test]
    fn tokens_hold_as_long_as_the_manual_says_and_are_of_one_kind() {
        let policy = read(&[("ALGORITHM", "HS256")]).unwrap().policy;
        assert_eq!(policy.access_ttl, TimeDelta::minutes(30));
        assert_eq!(policy.refresh_ttl, TimeDelta::days(7));
        assert_eq!(policy.login_rate, Rate::per_minute(5));
        for algorithm in ["none", "RS256", "HS512"] {
            let error = read(&[("ALGORITHM", algorithm)]).unwrap_err();
            assert!(error.to_string().contains("ALGORITHM"), "{error}");
        }
    }

    #[test]
    fn letters_of_a_real_system_lead_to_its_own_address() {
        let letters = [("SMTP_URL", "smtp://mail:25"), ("MAIL_FROM", "school@school.example")];
        let with = |name, value| read(&[&letters[..], &[(name, value)]].concat());
        let error = read(&letters).unwrap_err();
        assert!(error.to_string().contains("PUBLIC_URL is missing"), "{error}");
        let policy = with("PUBLIC_URL", "https://school.example/").unwrap().policy;
        assert_eq!(policy.public_url, "https://school.example");
        with("APP_ENV", "development").unwrap();
    }

    #[test]
    fn sessions_end_unused_after_the_shorter_time() {
        assert_eq!(refresh_ttl(7, None), TimeDelta::days(7));
        assert_eq!(refresh_ttl(7, Some(24)), TimeDelta::hours(24));
        assert_eq!(refresh_ttl(1, Some(72)), TimeDelta::days(1));
    }
}
