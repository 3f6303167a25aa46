//! Processor, memory and files of this process, under the names that Prometheus' own libraries use.

use std::{fmt::Write as _, fs};

/// Ticks of a second in `/proc`: the same wherever Linux runs on a processor of these decades.
const TICKS: f64 = 100.0;

/// Appends what is known; nothing where there is no `/proc`.
pub(super) fn write(text: &mut String) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let kibibytes = |name| number(&status, name, 0).map(|kibibytes| kibibytes * 1024.0);
    // One of them is open for this count.
    let files = fs::read_dir("/proc/self/fd").map(|files| files.count().saturating_sub(1));
    let files = files.ok().and_then(|files| u32::try_from(files).ok()).map(f64::from);
    let values = [
        ("cpu_seconds_total", "counter", "processor time", cpu(&stat)),
        ("start_time_seconds", "gauge", "when it started, since 1970", start(&stat)),
        ("resident_memory_bytes", "gauge", "memory in use", kibibytes("VmRSS:")),
        ("virtual_memory_bytes", "gauge", "memory that is mapped", kibibytes("VmSize:")),
        ("threads", "gauge", "threads", number(&status, "Threads:", 0)),
        ("open_fds", "gauge", "open files and sockets", files),
        ("max_fds", "gauge", "files and sockets at most", number(&limits, "Max open files", 0)),
    ];
    for (name, kind, help, value) in values {
        if let Some(value) = value {
            let name = format!("process_{name}");
            let _ = write!(
                text,
                "# HELP {name} {help} of this process\n# TYPE {name} {kind}\n{name} {value}\n\n"
            );
        }
    }
}

/// Reads a number behind a name: the one with that place among the words of its line.
fn number(text: &str, name: &str, place: usize) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().nth(place)?.parse().ok()
}

/// Reads a field of `/proc/self/stat`, as proc(5) counts them; the name before may hold anything.
fn field(stat: &str, number: usize) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

fn cpu(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / TICKS)
}

fn start(stat: &str) -> Option<f64> {
    let machine = fs::read_to_string("/proc/stat").ok()?;
    Some(number(&machine, "btime ", 0)? + field(stat, 22)? / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_behind_any_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 900 0 3 0 250 150 0 0 20 0 9 0 1000 1 2";
        assert_eq!(cpu(stat), Some(4.0));
        assert_eq!(field(stat, 22), Some(1000.0));
        assert_eq!(field("", 22), None);
        assert_eq!(number("A:\t 7 kB\nB: 8", "A:", 0), Some(7.0));
    }
}
