//! Letters: stored with what they are about, sent by a worker.

use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use kit::{config::Env, db::DbError, error::Chain};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use crate::{Context, measure, store::outbox};

const EVERY: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(20);
const TRIAL_LIMIT: Duration = Duration::from_secs(8);
/// Then the letter is given up; its link has run out long before.
const ATTEMPTS: i32 = 8;

/// Stands in a waiting letter where a one-time token belongs, which is stored nowhere.
pub const TOKEN: &str = "{token}";

/// One letter in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub recipient: String,
    pub subject: String,
    pub body: String,
}

impl Letter {
    /// Writes a token in its place.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { body: self.body.replace(TOKEN, token), ..self }
    }
}

/// The server that sends letters.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// `smtps://user:password@host:465`, or `smtp://…?tls=required`.
    pub url: SecretString,
    pub from: Mailbox,
}

impl Smtp {
    /// Reads `SMTP_URL` and `MAIL_FROM`; without the first no letters are sent.
    pub fn read(env: &mut Env) -> Option<Self> {
        let url = env.secret("SMTP_URL")?;
        if AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret()).is_err() {
            env.refuse("SMTP_URL", "is not a URL such as smtps://user:password@host:465");
        }
        let from = env.required("MAIL_FROM", "address beside SMTP_URL")?;
        Some(Self { url, from })
    }
}

/// Connects to the server and signs in, without sending anything.
///
/// # Errors
///
/// Fails with what the server or the way to it said.
pub async fn try_server(smtp: &Smtp) -> Result<(), String> {
    let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp.url.expose_secret());
    let server = server.map_err(|error| error.to_string())?.timeout(Some(TRIAL_LIMIT));
    let server: AsyncSmtpTransport<Tokio1Executor> = server.build();
    match tokio::time::timeout(TRIAL_LIMIT, server.test_connection()).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err("the server does not answer".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the server does not answer in time".to_owned()),
    }
}

/// Sends letters until `stop`.
///
/// # Errors
///
/// Fails when the server's address cannot be used.
pub async fn send(smtp: Smtp, context: Context, stop: CancellationToken) -> anyhow::Result<()> {
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp.url.expose_secret())
        .context("SMTP_URL")?
        .timeout(Some(LIMIT))
        .build();
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
        }
        loop {
            match send_next(&transport, &smtp.from, &context).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "letters cannot be sent now");
                    break;
                }
            }
        }
    }
}

/// Sends one letter; tells whether there was any.
async fn send_next(
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    from: &Mailbox,
    context: &Context,
) -> Result<bool, DbError> {
    let (pool, now) = (&context.pool, context.clock.now());
    let next = outbox::next(&pool.get().await?, now, now + TimeDelta::minutes(2)).await?;
    let Some((id, attempts, letter)) = next else {
        return Ok(false);
    };
    let letter = letter.with_token(&context.policy.reset_tokens.of(id));
    match deliver(transport, from, letter).await {
        Ok(()) => measure::letter("sent"),
        Err(error) if attempts >= ATTEMPTS => {
            measure::letter("given_up");
            tracing::error!(error = format!("{error:#}"), attempts, "letter given up");
        }
        Err(error) => {
            measure::letter("postponed");
            tracing::warn!(error = format!("{error:#}"), attempts, "letter not sent yet");
            return Ok(true);
        }
    }
    outbox::delete(&pool.get().await?, id).await?;
    Ok(true)
}

async fn deliver(
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    from: &Mailbox,
    letter: Letter,
) -> anyhow::Result<()> {
    let message = Message::builder()
        .from(from.clone())
        .to(letter.recipient.parse()?)
        .subject(letter.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.body)?;
    transport.send(message).await?;
    Ok(())
}
