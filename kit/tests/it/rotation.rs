//! Log files that are rotated.

use std::{fs, io::Write as _, path::PathBuf, thread};

use kit::telemetry::RotatingFile;
use uuid::Uuid;

struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("kit-logs-{}", Uuid::now_v7())))
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.0.join(name)).ok()
    }

    /// Returns the lines of all files, in order.
    fn lines(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let text: String = files.map(|path| fs::read_to_string(path).unwrap()).collect();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn say(mut log: &RotatingFile, line: &str) {
    log.write_all(line.as_bytes()).unwrap();
}

#[test]
fn full_file_moves_on_and_only_so_many_are_kept() {
    let dir = Dir::new();
    let log = RotatingFile::open(&dir.0.join("app.log"), 10, 2).unwrap();
    for line in ["one\n", "two\n", "three\n", "four\n", "five\n", "sixsix\n", "seven\n"] {
        say(&log, line);
    }
    assert_eq!(dir.read("app.log").as_deref(), Some("seven\n"));
    assert_eq!(dir.read("app.log.1").as_deref(), Some("sixsix\n"));
    assert_eq!(dir.read("app.log.2").as_deref(), Some("four\nfive\n"));
    assert_eq!(dir.read("app.log.3"), None);
}

#[test]
fn two_writers_share_one_file() {
    let dir = Dir::new();
    let path = dir.0.join("app.log");
    let writers = [1, 2].map(|_| RotatingFile::open(&path, 50, 100).unwrap());
    for number in 0..40 {
        say(&writers[number % 2], &format!("{number:02}\n"));
        // The other one notices the rotation at its own next one, or within a second.
        writers[1 - number % 2].reopen().unwrap();
    }
    let expected: Vec<String> = (0..40).map(|number| format!("{number:02}")).collect();
    assert_eq!(dir.lines(), expected);
}

#[test]
fn no_line_is_lost_when_somebody_else_moves_the_file_in_the_middle() {
    let dir = Dir::new();
    let path = dir.0.join("app.log");
    let log = RotatingFile::open(&path, 12, 500).unwrap();
    thread::scope(|threads| {
        let writer =
            threads.spawn(|| (0..500).for_each(|number| say(&log, &format!("{number:03}\n"))));
        for number in 0.. {
            if writer.is_finished() {
                break;
            }
            // Now and then nothing is there.
            drop(fs::rename(&path, dir.0.join(format!("moved-{number}"))));
        }
    });
    let expected: Vec<String> = (0..500).map(|number| format!("{number:03}")).collect();
    assert_eq!(dir.lines(), expected);
}

#[test]
fn moved_file_is_followed_after_reopening() {
    let dir = Dir::new();
    let log = RotatingFile::open(&dir.0.join("app.log"), 1_000, 1).unwrap();
    say(&log, "before\n");
    fs::rename(dir.0.join("app.log"), dir.0.join("moved.log")).unwrap();
    log.reopen().unwrap();
    say(&log, "after\n");
    assert_eq!(dir.read("moved.log").as_deref(), Some("before\n"));
    assert_eq!(dir.read("app.log").as_deref(), Some("after\n"));
}
