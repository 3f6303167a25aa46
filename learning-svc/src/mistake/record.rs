//! Recording mistakes, one or twenty thousand: what is there already is counted up.

use std::collections::{BTreeMap, HashMap};

use kit::{
    caller::Caller,
    clock::Clock,
    db::{DbError, GenericClient},
};
use uuid::Uuid;

use super::{NewMistake, fingerprint};
use crate::{
    import::Reporter,
    store::{
        mistake_jobs::{self, Kind},
        occurrences::{self, Occurrence},
        records::{self, Before, Entry},
    },
};

/// Entries that one statement writes: often enough for those who wait to see it go on.
const CHUNK: usize = 1_000;

/// Mistakes of one call that are the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub student_id: Uuid,
    pub fingerprint: [u8; 32],
    /// Places in the call, at least one.
    pub places: Vec<usize>,
}

/// Puts together what is the same mistake of the same student.
#[must_use]
pub fn group(new: &[NewMistake]) -> Vec<Group> {
    let mut groups: BTreeMap<(Uuid, [u8; 32]), Vec<usize>> = BTreeMap::new();
    for (place, mistake) in new.iter().enumerate() {
        let print = fingerprint(&mistake.question, &mistake.correct_answer);
        groups.entry((mistake.student_id, print)).or_default().push(place);
    }
    // Sorted, so that two calls lock the same entries in the same order.
    let groups = groups.into_iter();
    groups
        .map(|((student_id, fingerprint), places)| Group { student_id, fingerprint, places })
        .collect()
}

/// What became of one mistake of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub mistake_id: Uuid,
    /// The entry was there already and its count was raised.
    pub is_repeated: bool,
}

/// What became of a call.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// In the order of the call.
    pub all: Vec<Recorded>,
    /// The entries that were there already, as they stood before.
    pub raised: Vec<Before>,
}

/// Records mistakes and queues the analysis of new ones, and of those that now have another wrong
/// answer.
///
/// `batch` is the id of the call or import, by which it can be found or undone.
pub async fn record(
    tx: &impl GenericClient,
    caller: &Caller,
    (batch, is_bulk): (Uuid, bool),
    new: &[NewMistake],
    clock: &dyn Clock,
    reporter: &Reporter,
) -> Result<Records, DbError> {
    let now = clock.now();
    // A client's clock may be ahead; nothing is got wrong after now.
    let at = |place: usize| new.get(place).and_then(|new| new.mistaken_at).unwrap_or(now).min(now);
    let groups = group(new);
    let entries = groups.iter().filter_map(|group| {
        let times = group.places.iter().map(|place| at(*place));
        let latest = group.places.iter().copied().max_by_key(|place| (at(*place), *place))?;
        Some(Entry {
            id: clock.new_id(),
            fingerprint: &group.fingerprint,
            mistake: new.get(latest)?,
            times_wrong: i32::try_from(group.places.len()).unwrap_or(i32::MAX),
            first_mistaken_at: times.clone().min()?,
            last_mistaken_at: times.max()?,
        })
    });
    let entries: Vec<Entry<'_>> = entries.collect();
    let students: Vec<Uuid> = groups.iter().map(|group| group.student_id).collect();
    let prints: Vec<&[u8]> = groups.iter().map(|group| group.fingerprint.as_slice()).collect();
    let raised = records::lock(tx, &students, &prints).await?;
    let mut there = Vec::new();
    let mut done = 0;
    for chunk in entries.chunks(CHUNK) {
        there.extend(records::upsert(tx, caller, chunk, now).await?);
        done += chunk.iter().map(|entry| entry.times_wrong.unsigned_abs() as usize).sum::<usize>();
        reporter.report(done, new.len()).await;
    }
    let ids: HashMap<(Uuid, &[u8]), Uuid> = there
        .iter()
        .map(|found| ((found.student_id, found.fingerprint.as_slice()), found.id))
        .collect();

    let mut recorded: BTreeMap<usize, Recorded> = BTreeMap::new();
    for (group, entry) in groups.iter().zip(&entries) {
        let key = (group.student_id, group.fingerprint.as_slice());
        let Some(&mistake_id) = ids.get(&key) else { continue };
        let is_new = mistake_id == entry.id;
        for (index, place) in group.places.iter().enumerate() {
            let is_repeated = !is_new || index > 0;
            recorded.insert(*place, Recorded { mistake_id, is_repeated });
        }
    }
    let list = recorded.iter().filter_map(|(place, recorded)| {
        Some(Occurrence {
            mistake_id: recorded.mistake_id,
            position: i32::try_from(*place).unwrap_or(i32::MAX),
            wrong_answer: &new.get(*place)?.wrong_answer,
            mistaken_at: at(*place),
            is_first: !recorded.is_repeated,
        })
    });
    let list: Vec<Occurrence<'_>> = list.collect();
    occurrences::insert(tx, batch, &list).await?;
    let unanalysed = there.iter().filter(|found| found.is_unanalysed);
    let unanalysed: Vec<_> = unanalysed.map(|found| (found.id, found.student_id)).collect();
    mistake_jobs::queue(tx, caller, Kind::Analyse, &unanalysed, is_bulk, now).await?;
    Ok(Records { all: recorded.into_values().collect(), raised })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mistake::MistakeType;

    fn new(student_id: Uuid, question: &str) -> NewMistake {
        NewMistake {
            student_id,
            mistake_type: MistakeType::Grammar,
            question: question.to_owned(),
            wrong_answer: "go".to_owned(),
            correct_answer: "goes".to_owned(),
            explanation: String::new(),
            topic: String::new(),
            difficulty_level: String::new(),
            source: String::new(),
            mistaken_at: None,
        }
    }

    #[test]
    fn same_mistake_of_one_student_is_one_group() {
        let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
        let all = [new(a, "He ___."), new(b, "He ___."), new(a, "he  ___."), new(a, "She ___.")];
        let mut places: Vec<_> = group(&all).into_iter().map(|group| group.places).collect();
        places.sort();
        assert_eq!(places, [vec![0, 2], vec![1], vec![3]]);
    }
}
