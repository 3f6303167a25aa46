//! Child processes that write to a log file and never outlive their parent.

use std::{
    fs::{File, OpenOptions},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

/// A running program. Stopped when dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// What to start.
#[derive(Debug)]
pub struct Program<'a> {
    pub name: &'a str,
    pub path: &'a Path,
    pub arguments: Vec<String>,
    pub environment: &'a [(String, String)],
    /// Account to run as; only root can choose one.
    pub user: Option<&'a str>,
    pub log: &'a Path,
}

impl Process {
    /// Starts `program` in a process group of its own, so that Ctrl-C reaches only the parent.
    ///
    /// # Errors
    ///
    /// Fails when the log cannot be opened or the program does not exist.
    pub fn start(program: Program<'_>) -> anyhow::Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(program.log)
            .with_context(|| format!("cannot write {}", program.log.display()))?;
        // setpriv ends the child when this process dies without having stopped it.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "INT"]);
        if let Some(user) = program.user {
            command.args(["--reuid", user, "--regid", user, "--init-groups"]);
        }
        let child = command
            .arg("--")
            .arg(program.path)
            .args(&program.arguments)
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.name))?;
        Ok(Self { name: program.name.to_owned(), child, log: program.log.to_owned() })
    }

    /// Returns the name it was started under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns how it ended, or nothing while it runs.
    ///
    /// # Errors
    ///
    /// Fails when the state of the child cannot be read.
    pub fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Sends `signal`; a process that has ended is no error.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Asks it to end with `signal` and kills it when it has not within `grace`.
    ///
    /// # Errors
    ///
    /// Fails when it had to be killed.
    pub fn stop(&mut self, signal: Signal, grace: Duration) -> anyhow::Result<()> {
        if self.ended()?.is_some() {
            return Ok(());
        }
        self.signal(signal);
        let deadline = Instant::now() + grace;
        while Instant::now() < deadline {
            if self.ended()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.kill()?;
        bail!("{} did not stop within {grace:?} and was killed", self.name)
    }

    /// Kills it at once, as a crash would.
    ///
    /// # Errors
    ///
    /// Fails when the child cannot be waited for.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL);
        self.child.wait()?;
        Ok(())
    }

    /// Returns the last lines of its log, for an error message.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.stop(Signal::INT, Duration::from_secs(5));
    }
}

/// Runs a program to its end.
///
/// # Errors
///
/// Fails when it cannot be started or ends badly; the message carries what it printed.
pub fn run(program: Program<'_>) -> anyhow::Result<()> {
    File::create(program.log)?;
    let mut process = Process::start(program)?;
    let status = process.child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}:\n{}", process.name, process.last_words());
    }
    Ok(())
}
