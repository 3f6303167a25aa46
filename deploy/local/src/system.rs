//! The whole system: stores, services, in the right order.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{
    beside,
    environment::{self, Environment},
    files,
    postgres::{DATABASE, Postgres},
    process::{self, Process, Program, Signal},
    redis::Redis,
    service::{Ports, Service, free_port},
};

/// How long a service may take to finish its work when asked to stop.
const GRACE: Duration = Duration::from_secs(15);

/// What to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder for data, logs and secrets.
    pub folder: PathBuf,
    /// Folder with the services' binaries.
    pub binaries: PathBuf,
    pub ports: Ports,
    /// Variables beside those that tie the parts together.
    pub environment: Environment,
    /// Settings of PostgreSQL, as in `fsync=off`.
    pub postgres_settings: Vec<&'static str>,
}

/// Everything that runs. Stopped in reverse order when dropped.
#[derive(Debug)]
pub struct System {
    options: Options,
    secret: String,
    services: BTreeMap<Service, Process>,
    pub redis: Redis,
    /// Follows `postgres`, once [`Self::replicate`] has started it.
    pub replica: Option<Postgres>,
    pub postgres: Postgres,
}

impl System {
    /// Starts the stores and prepares the database; no service runs yet.
    ///
    /// # Errors
    ///
    /// Fails when a store does not start.
    pub async fn stores(options: Options) -> anyhow::Result<Self> {
        files::private_folder(&options.folder)?;
        if files::is_root() {
            open_for_traversal(&options.folder)?;
        }
        std::fs::create_dir_all(options.folder.join("logs"))?;
        let secret = files::secret(&options.folder.join("secret"))?;
        let folder = &options.folder;
        let settings = &options.postgres_settings;
        let postgres = Postgres::start(folder, options.ports.postgres, &secret, settings).await?;
        let redis = Redis::start(folder, options.ports.redis, &secret)?;
        postgres.prepare().await?;
        Ok(Self { options, secret, services: BTreeMap::new(), redis, replica: None, postgres })
    }

    /// Starts a replica of PostgreSQL; services that are launched from then on know it.
    ///
    /// # Errors
    ///
    /// Fails when it does not start.
    pub async fn replicate(&mut self) -> anyhow::Result<()> {
        let port = free_port()?;
        let folder = self.options.folder.join("replica");
        self.replica = Some(self.postgres.replica(&folder, port).await?);
        Ok(())
    }

    /// Starts everything and waits until every part is ready.
    ///
    /// # Errors
    ///
    /// Fails when a part does not get ready; the message carries the end of its log.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let mut system = Self::stores(options).await?;
        system.serve().await?;
        Ok(system)
    }

    /// Starts all services beside the stores and waits until every one is ready.
    ///
    /// # Errors
    ///
    /// Fails when one does not get ready; the message carries the end of its log.
    pub async fn serve(&mut self) -> anyhow::Result<()> {
        for service in Service::ALL {
            self.launch(service)?;
        }
        for service in Service::ALL {
            self.ready(service, Duration::from_mins(1)).await?;
        }
        Ok(())
    }

    /// Starts one service without waiting for it.
    ///
    /// # Errors
    ///
    /// Fails when the binary does not exist.
    pub fn launch(&mut self, service: Service) -> anyhow::Result<()> {
        let environment = self.environment(service);
        let name = service.binary();
        self.keep(name, &environment)?;
        let process = Process::start(Program {
            name,
            path: &self.options.binaries.join(name),
            arguments: Vec::new(),
            environment: environment.pairs(),
            user: None,
            log: &self.log(name),
        })?;
        self.services.insert(service, process);
        Ok(())
    }

    /// Keeps what a service was started with and where its program lies, for whoever wants to know what
    /// is wrong with it.
    fn keep(&self, name: &str, environment: &Environment) -> anyhow::Result<()> {
        let folder = self.options.folder.join("env");
        files::private_folder(&folder)?;
        let lines = environment.pairs().iter().map(|(name, value)| format!("{name}={value}\n"));
        files::write_private(&folder.join(format!("{name}.env")), &lines.collect::<String>())?;
        let binaries = self.options.folder.join("bin");
        let _ = std::fs::remove_file(&binaries);
        std::os::unix::fs::symlink(self.options.binaries.canonicalize()?, binaries)?;
        Ok(())
    }

    /// Runs a subcommand of a service's binary to its end, with the service's settings.
    ///
    /// # Errors
    ///
    /// Fails when the command does.
    pub fn command(&self, service: Service, arguments: &[&str]) -> anyhow::Result<()> {
        let environment = self.environment(service);
        process::run(Program {
            name: service.binary(),
            path: &self.options.binaries.join(service.binary()),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            environment: environment.pairs(),
            user: None,
            log: &self.log(&format!("{}-{}", service.binary(), arguments.first().unwrap_or(&""))),
        })
    }

    /// Waits until `service` says that it is ready.
    ///
    /// # Errors
    ///
    /// Fails when it has ended or is not ready within `limit`.
    pub async fn ready(&mut self, service: Service, limit: Duration) -> anyhow::Result<()> {
        let url = match service {
            Service::Gateway => self.url(),
            Service::Auth | Service::Ai | Service::Learning | Service::Export => {
                format!("http://127.0.0.1:{}", self.options.ports.of(service))
            }
        } + "/health/ready";
        let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
        let deadline = Instant::now() + limit;
        loop {
            let answer = client.get(&url).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            let process = self.services.get_mut(&service).context("was not started")?;
            if let Some(status) = process.ended()? {
                bail!("{} ended with {status}:\n{}", process.name(), process.last_words());
            }
            if Instant::now() > deadline {
                bail!("{} is not ready:\n{}", process.name(), process.last_words());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Kills one service at once, as a crash would.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be waited for.
    pub fn kill(&mut self, service: Service) -> anyhow::Result<()> {
        self.services.remove(&service).map_or(Ok(()), |mut process| process.kill())
    }

    /// Sends a signal to one running service.
    pub fn signal(&self, service: Service, signal: Signal) {
        if let Some(process) = self.services.get(&service) {
            process.signal(signal);
        }
    }

    /// Starts stores and services again that have ended by themselves, and returns their names.
    ///
    /// # Errors
    ///
    /// Fails when one cannot be started.
    pub async fn revive(&mut self) -> anyhow::Result<Vec<&'static str>> {
        let mut names = Vec::new();
        if self.postgres.has_ended()? {
            self.postgres.resume().await?;
            names.push("PostgreSQL");
        }
        if self.redis.has_ended()? {
            self.redis.resume()?;
            names.push("Redis");
        }
        let mut ended = Vec::new();
        for (&service, process) in &mut self.services {
            if process.ended()?.is_some() {
                ended.push(service);
            }
        }
        for &service in &ended {
            self.launch(service)?;
        }
        names.extend(ended.into_iter().map(Service::binary));
        Ok(names)
    }

    /// Stops everything in order and says what had to be killed.
    ///
    /// # Errors
    ///
    /// Fails when a part did not stop by itself.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let outcome = self.stop_services();
        let replica = self.replica.as_mut().map_or(Ok(()), Postgres::stop);
        outcome.and(self.redis.stop()).and(replica).and(self.postgres.stop())
    }

    /// Stops the services and leaves the stores running.
    ///
    /// # Errors
    ///
    /// Fails when a service did not stop by itself.
    pub fn stop_services(&mut self) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        for service in Service::ALL.into_iter().rev() {
            if let Some(mut process) = self.services.remove(&service) {
                outcome = outcome.and(process.stop(Signal::TERM, GRACE));
            }
        }
        outcome
    }

    /// Returns what it was started with.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Returns the address of the gateway, as a browser on this machine reaches it.
    #[must_use]
    pub fn url(&self) -> String {
        let mut address = environment::gateway(&self.options.ports, &self.options.environment);
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            IpAddr::V4(_) | IpAddr::V6(_) => {}
        }
        format!("http://{address}")
    }

    /// Returns where everything listens.
    #[must_use]
    pub const fn ports(&self) -> &Ports {
        &self.options.ports
    }

    /// Returns the id of a running service's process.
    #[must_use]
    pub fn process_id(&self, service: Service) -> Option<u32> {
        self.services.get(&service).map(Process::id)
    }

    /// Returns the variables that `service` is started with.
    #[must_use]
    pub fn environment(&self, service: Service) -> Environment {
        let folder = &self.options.folder;
        let mut environment = Environment::default();
        environment.set("APP_ENV", "development");
        environment.set("LOG_FORMAT", "plain");
        // Hashing and layout take megabytes for milliseconds: glibc gives such blocks back at once.
        environment.set("MALLOC_MMAP_THRESHOLD_", 1 << 20);
        environment.extend(&self.options.environment);
        let given = &self.options.environment;
        environment.extend(&environment::addresses(&self.options.ports, given));
        environment.set("REDIS_URL", self.redis.url());
        environment.set("JWT_SECRET_KEY", &self.secret);
        environment.extend(&beside::folders(folder));
        if let Some(schema) = service.schema() {
            let url = environment::database_url(&self.options.ports, &self.secret, schema);
            environment.set("DATABASE_URL", url);
        }
        if let Some(replica) = &self.replica
            && service == Service::Learning
        {
            environment.set("DATABASE_REPLICA_URL", replica.url("learning_svc", DATABASE));
        }
        environment
    }

    fn log(&self, name: &str) -> PathBuf {
        self.options.folder.join("logs").join(format!("{name}.log"))
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Lets the database's own account pass through the folder, but not list it.
fn open_for_traversal(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))?;
    Ok(())
}
