//! A private Redis server.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::bail;

use crate::{
    files,
    process::{Process, Program, Signal},
};

/// A running server, stopped when dropped.
#[derive(Debug)]
pub struct Redis {
    configuration: PathBuf,
    port: u16,
    password: String,
    /// The address of others, which services that are launched from then on use instead.
    pub instead: Option<String>,
    log: PathBuf,
    process: Option<Process>,
}

impl Redis {
    /// Starts a server that keeps its data in `folder` and waits until it answers.
    ///
    /// # Errors
    ///
    /// Fails when Redis is not installed or does not start.
    pub fn start(folder: &Path, port: u16, password: &str) -> anyhow::Result<Self> {
        let data = folder.join("redis");
        files::private_folder(&data)?;
        let configuration = folder.join("redis.conf");
        files::write_private(
            &configuration,
            &format!(
                "bind 127.0.0.1\nport {port}\ndir \"{}\"\nrequirepass {password}\nappendonly yes\n\
                 repl-diskless-sync-delay 0\n",
                data.display()
            ),
        )?;
        let mut redis = Self {
            configuration,
            port,
            password: password.to_owned(),
            instead: None,
            log: folder.join("redis.log"),
            process: None,
        };
        redis.resume()?;
        Ok(redis)
    }

    /// Starts the server again after [`Self::stop`].
    ///
    /// # Errors
    ///
    /// Fails when it does not listen within 10 s.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        let mut process = Process::start(Program {
            name: "Redis",
            path: Path::new("redis-server"),
            arguments: vec![self.configuration.display().to_string()],
            environment: &[],
            user: None,
            log: &self.log,
        })?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if process.ended()?.is_some() || Instant::now() > deadline {
                bail!("Redis does not answer:\n{}", process.last_words());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Returns the address with the password in it.
    #[must_use]
    pub fn url(&self) -> String {
        let own = || format!("redis://:{}@127.0.0.1:{}/0", self.password, self.port);
        self.instead.clone().unwrap_or_else(own)
    }

    /// Tells whether the server has ended without having been stopped.
    ///
    /// # Errors
    ///
    /// Fails when the state of the process cannot be read.
    pub fn has_ended(&mut self) -> std::io::Result<bool> {
        self.process.as_mut().map_or(Ok(false), |process| Ok(process.ended()?.is_some()))
    }

    /// Stops the server.
    ///
    /// # Errors
    ///
    /// Fails when it does not stop within 10 s.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.process
            .take()
            .map_or(Ok(()), |mut process| process.stop(Signal::TERM, Duration::from_secs(10)))
    }
}
