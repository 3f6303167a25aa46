//! Processor time of the programs that a measurement started.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

/// Length of the unit of `/proc/<id>/stat`, which is the same on every Linux.
const TICK: Duration = Duration::from_millis(10);
/// Programs whose time is told.
const TOLD: [&str; 4] = ["gateway", "learning-svc", "postgres", "redis-server"];
/// Microseconds below which a program did nothing for the call.
const LEAST: f64 = 1.0;

/// Processor time used so far, by program.
pub struct Used(BTreeMap<&'static str, Duration>);

impl Used {
    /// Reads the times of all programs below this process.
    pub fn now() -> anyhow::Result<Self> {
        let all: Vec<Process> = fs::read_dir("/proc")?
            .filter_map(|entry| Process::read(&entry.ok()?.file_name().into_string().ok()?))
            .collect();
        let mut ours = BTreeSet::from([std::process::id()]);
        loop {
            let children = all.iter().filter(|one| ours.contains(&one.parent));
            let more: Vec<u32> =
                children.map(|one| one.id).filter(|id| !ours.contains(id)).collect();
            if more.is_empty() {
                break;
            }
            ours.extend(more);
        }
        let mut used = BTreeMap::new();
        for one in all.iter().filter(|one| ours.contains(&one.id)) {
            if let Some(name) = TOLD.into_iter().find(|name| *name == one.name) {
                *used.entry(name).or_default() += one.used;
            }
        }
        Ok(Self(used))
    }

    /// Tells how much each program used for one of `calls` calls since `before`.
    pub fn each(&self, before: &Self, calls: f64) -> String {
        let parts = self.0.iter().filter_map(|(name, used)| {
            let earlier = before.0.get(name).copied().unwrap_or_default();
            let each = used.saturating_sub(earlier).as_secs_f64() * 1e6 / calls.max(1.0);
            (each >= LEAST).then(|| format!("{name} {each:.0} µs"))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

struct Process {
    id: u32,
    parent: u32,
    name: String,
    used: Duration,
}

impl Process {
    /// Reads `/proc/<id>/stat`: the id, the name in brackets, the state, the parent; the times in user
    /// and kernel mode are its 14th and 15th word, followed by those of its children that have ended.
    fn read(id: &str) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (start, rest) = text.rsplit_once(") ")?;
        let (_, name) = start.split_once(" (")?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |place: usize| words.get(place)?.parse::<u32>().ok();
        Some(Self {
            id: id.parse().ok()?,
            parent: words.get(1)?.parse().ok()?,
            name: name.to_owned(),
            used: TICK * (ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)?),
        })
    }
}
