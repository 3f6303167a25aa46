//! Measures the rules on sentences with one mistake each, as learners make them.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result};

use crate::rules::{Engine, apply};

/// What came of the sentences with one kind of mistake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub sentences: usize,
    /// With an edit at the place of the mistake.
    pub found: usize,
    /// Corrected, with nothing else changed.
    pub mended: usize,
    pub proposed: usize,
    /// Edits that are the correction or a part of it.
    pub right: usize,
    /// Edits proposed in the corrected sentence.
    pub alarms: usize,
}

/// The sentences of one file.
#[derive(Debug)]
pub struct Learners {
    pub name: &'static str,
    pub kinds: BTreeMap<String, Sums>,
}

impl Learners {
    /// Adds up all kinds.
    pub fn all(&self) -> Sums {
        self.kinds.values().fold(Sums::default(), |a, b| Sums {
            sentences: a.sentences + b.sentences,
            found: a.found + b.found,
            mended: a.mended + b.mended,
            proposed: a.proposed + b.proposed,
            right: a.right + b.right,
            alarms: a.alarms + b.alarms,
        })
    }
}

/// Measures on a file of lines: kind, wrong sentence and right one, parted by tabs.
pub fn measure(engine: &Engine, name: &'static str, file: &Path) -> Result<Learners> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut kinds: BTreeMap<String, Sums> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut fields = line.split('\t');
        let (Some(kind), Some(wrong), Some(right)) = (fields.next(), fields.next(), fields.next())
        else {
            anyhow::bail!("{}: a line has no three fields", file.display());
        };
        add(engine, wrong, right, kinds.entry(kind.to_owned()).or_default());
    }
    Ok(Learners { name, kinds })
}

fn add(engine: &Engine, wrong: &str, right: &str, sums: &mut Sums) {
    let edits = engine.check(wrong);
    let place = changed(wrong, right);
    let touches = |start: usize, end: usize| start <= place.1 && place.0 <= end;
    let mended = apply(wrong, &edits) == right;
    sums.sentences += 1;
    sums.found += usize::from(edits.iter().any(|edit| touches(edit.start, edit.end)));
    sums.mended += usize::from(mended);
    sums.proposed += edits.len();
    sums.right += if mended {
        edits.len()
    } else {
        edits.iter().filter(|edit| apply(wrong, std::slice::from_ref(*edit)) == right).count()
    };
    sums.alarms += engine.check(right).len();
}

/// Returns where two sentences differ, in characters of the first.
fn changed(wrong: &str, right: &str) -> (usize, usize) {
    let (a, b): (Vec<char>, Vec<char>) = (wrong.chars().collect(), right.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let rest = a[start..].iter().rev().zip(b[start..].iter().rev());
    (start, a.len() - rest.take_while(|(x, y)| x == y).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_counted() {
        let mut sums = Sums::default();
        let engine = Engine::new();
        add(&engine, "She have a dog.", "She has a dog.", &mut sums);
        add(&engine, "Blue sleeps ideas.", "Blue ideas sleep.", &mut sums);
        assert_eq!((sums.sentences, sums.mended, sums.right), (2, 1, 1));
        assert_eq!(changed("a cat sat", "a dog sat"), (2, 5));
    }
}
