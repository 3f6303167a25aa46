//! Three Redis servers with a Sentinel beside each, started by the scripts of `deploy/redis`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use launcher::{
    free_port,
    process::{Process, Program},
};

use crate::compose::succeeded;

/// By which port a server and a Sentinel listen.
const PORTS: [u16; 2] = [6379, 26379];
const LIMIT: Duration = Duration::from_secs(20);

/// A group of servers, each with an address of its own on this machine; stopped when dropped.
#[derive(Debug)]
pub struct Sentinels {
    folder: PathBuf,
    password: String,
    peers: [String; 3],
    servers: [Option<Process>; 3],
    watchers: [Option<Process>; 3],
}

impl Sentinels {
    /// Starts all at once, as a cluster does.
    ///
    /// # Errors
    ///
    /// Fails when a script cannot be run.
    pub fn start(folder: &Path, password: &str) -> anyhow::Result<Self> {
        // A port that nobody else has makes addresses that nobody else has.
        let [high, low] = free_port()?.to_be_bytes();
        let peers = [1, 2, 3].map(|number| format!("127.{high}.{low}.{number}"));
        let mut group = Self {
            folder: folder.to_owned(),
            password: password.to_owned(),
            peers,
            servers: [const { None }; 3],
            watchers: [const { None }; 3],
        };
        for number in 0..3 {
            group.resume(number)?;
        }
        Ok(group)
    }

    /// Starts one server and its Sentinel.
    ///
    /// # Errors
    ///
    /// Fails when a script cannot be run.
    pub fn resume(&mut self, number: usize) -> anyhow::Result<()> {
        self.servers[number] = Some(self.run("start", number)?);
        self.watchers[number] = Some(self.run("sentinel", number)?);
        Ok(())
    }

    /// Kills one server and its Sentinel, as if the machine had gone.
    ///
    /// # Errors
    ///
    /// Fails when they cannot be waited for.
    pub fn kill(&mut self, number: usize) -> anyhow::Result<()> {
        let both = [self.servers[number].take(), self.watchers[number].take()];
        both.into_iter().flatten().try_for_each(|mut process| process.kill())
    }

    fn run(&self, script: &str, number: usize) -> anyhow::Result<Process> {
        let folder = self.folder.join(format!("{script}-{number}"));
        fs::create_dir_all(&folder)?;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/redis").join(script);
        let environment = [
            ("REDIS_PASSWORD", self.password.clone()),
            ("REDIS_PEERS", self.peers.join(" ")),
            ("REDIS_SELF", self.peers[number].clone()),
            ("REDIS_BIND", self.peers[number].clone()),
            ("REDIS_DIR", folder.display().to_string()),
            ("SENTINEL_DIR", folder.display().to_string()),
        ];
        Process::start(Program {
            name: script,
            path: &path,
            arguments: Vec::new(),
            environment: &environment.map(|(name, value)| (name.to_owned(), value)),
            user: None,
            log: &folder.join("log"),
        })
    }

    /// Waits until every server follows, and every Sentinel could name another leader.
    ///
    /// # Errors
    ///
    /// Fails when that takes more than 20 s.
    pub async fn settled(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let known = self.knows_all();
            if matches!(known, Ok(true)) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{known:?}\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn knows_all(&self) -> anyhow::Result<bool> {
        let copies = self.ask(self.leader()?, &["info", "replication"])?;
        let mut all = copies.matches("state=online").count() == 2;
        for number in 0..3 {
            // Else it looks every ten seconds what there is.
            self.sentinel(number, &["debug", "info-period", "500"])?;
            let seen = self.sentinel(number, &["master", "ai-english"])?;
            for name in ["num-slaves", "num-other-sentinels"] {
                all &= seen.contains(&format!("{name}\n2\n"));
            }
            self.sentinel(number, &["ckquorum", "ai-english"])?;
        }
        Ok(all)
    }

    /// Lets Sentinels wait less before they name another leader.
    ///
    /// # Errors
    ///
    /// Fails when one does not take it.
    pub fn hurry(&self) -> anyhow::Result<()> {
        for number in 0..3 {
            for (setting, milliseconds) in
                [("down-after-milliseconds", "1500"), ("failover-timeout", "3000")]
            {
                self.sentinel(number, &["set", "ai-english", setting, milliseconds])?;
            }
        }
        Ok(())
    }

    /// Returns the address by which services find whoever leads.
    #[must_use]
    pub fn url(&self) -> String {
        let [first, second, third] = &self.peers;
        let port = PORTS[1];
        format!(
            "redis-sentinel://:{}@{first}:{port}/0?node={second}:{port}&node={third}:{port}&sentinelServiceName=ai-english",
            self.password
        )
    }

    /// Returns which server leads, as `deploy/redis/leader` finds out.
    ///
    /// # Errors
    ///
    /// Fails when it names none of them.
    pub fn leader(&self) -> anyhow::Result<usize> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/redis/leader");
        let output = Command::new(script).env("REDIS_PEERS", self.peers.join(" ")).output()?;
        let named = succeeded(&output)?;
        let found = self.peers.iter().position(|peer| peer == named.trim());
        found.with_context(|| format!("{named} is none of {:?}", self.peers))
    }

    /// Runs a command of a server.
    ///
    /// # Errors
    ///
    /// Fails when the server does not answer, or refuses.
    pub fn ask(&self, number: usize, arguments: &[&str]) -> anyhow::Result<String> {
        self.cli(number, PORTS[0], arguments)
    }

    fn sentinel(&self, number: usize, arguments: &[&str]) -> anyhow::Result<String> {
        self.cli(number, PORTS[1], &[&["sentinel"], arguments].concat())
    }

    fn cli(&self, number: usize, port: u16, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("redis-cli");
        command.args(["-e", "-h", &self.peers[number], "-p", &port.to_string()]).args(arguments);
        if port == PORTS[0] {
            command.env("REDISCLI_AUTH", &self.password);
        }
        Ok(succeeded(&command.output()?)?.trim().to_owned())
    }

    /// Returns the last lines of every log.
    #[must_use]
    pub fn logs(&self) -> String {
        let processes = self.servers.iter().chain(&self.watchers).flatten();
        let last = |process: &Process| format!("{}:\n{}", process.name(), process.last_words());
        processes.map(last).collect::<Vec<_>>().join("\n")
    }
}
