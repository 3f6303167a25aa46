//! Writes the report.

use std::fmt::Write as _;

use super::TextResult;
use super::alarms::Alarms;
use super::answers::{LevelResult, PointResult};
use super::learners::{Learners, Sums};

fn share(part: usize, whole: usize) -> String {
    let (Ok(part), Ok(whole)) = (u32::try_from(part), u32::try_from(whole)) else {
        return "–".into();
    };
    if whole == 0 { "–".into() } else { format!("{:.2}", f64::from(part) / f64::from(whole)) }
}

/// Words the report in Markdown.
pub fn write(
    texts: &[TextResult],
    learners: &[Learners],
    choices: &PointResult,
    fills: &PointResult,
    levels: &[LevelResult],
    mended_by_key: &Alarms,
) -> String {
    let sum = |of: fn(&TextResult) -> usize| texts.iter().map(of).sum::<usize>();
    let (keyed, proposed, found, mended) = (
        sum(|text| text.keyed),
        sum(|text| text.proposed),
        sum(|text| text.found),
        sum(|text| text.mended),
    );
    let (explained, typed, agreed) =
        (sum(|text| text.explained), sum(|text| text.typed), sum(|text| text.agreed));
    let unplaced = sum(|text| text.unplaced);
    let mut report = String::from(
        "# Quality of the rules engine\n\nMeasured by `ai-svc quality` without any model, on questions of Chinese college entrance \
         examinations (English part of GAOKAO-Bench, Apache License 2.0). The questions themselves are not part of this repository.\n\n",
    );
    summary(&mut report, &share(mended, keyed), learners);
    report.push_str("\n## Error correction (短文改错)\n\n");
    let _ = write!(
        report,
        "- Keyed errors: {keyed} in {} texts{}\n- Found (an edit at the place of the error): {found}, share {}\n\
         - Mended as keyed: {mended}, share **{}**\n- Edits proposed: {proposed}; precision (mended as keyed): **{}**; precision of place: {}\n\n",
        texts.len(),
        if unplaced == 0 {
            String::new()
        } else {
            format!(
                "; {unplaced} more lines of the key could not be placed in the text and count as neither"
            )
        },
        share(found, keyed),
        share(mended, keyed),
        share(mended, proposed),
        share(found, proposed),
    );
    report.push_str("An edit counts as mended only when place, deleted words and new words are those of the key. Every other edit counts against precision, right or not. The rules are general, but some were written with these texts at hand: expect a smaller share on others.\n\n");
    report.push_str("| text | keyed | proposed | found | mended |\n|---|---|---|---|---|\n");
    for text in texts {
        let _ = writeln!(
            report,
            "| {} | {} | {} | {} | {} |",
            text.name, text.keyed, text.proposed, text.found, text.mended
        );
    }
    sentences(&mut report, learners);
    let _ = write!(
        report,
        "\n## Types of errors\n\nThe types the engine gives to the keyed edits, compared with the published explanations (考查…). \
         {explained} of the keyed edits have an explanation; {typed} of them name a grammatical type (the others give a reason \
         in words or call the edit a set phrase, which is no type).\n\n- Types that agree: {agreed} of the {typed} that can be compared, \
         share **{}**; of all {keyed} keyed edits {} are confirmed, and {} can be neither confirmed nor refuted\n",
        share(agreed, typed),
        share(agreed, keyed),
        keyed - typed
    );
    list(&mut report, "Where they disagree:", texts.iter().flat_map(|text| &text.disagreements));
    let unnamed = texts.iter().flat_map(|text| &text.unnamed);
    list(
        &mut report,
        "What the engine says of the keyed edits whose explanation names no type:",
        unnamed,
    );
    report.push_str("\n## Knowledge points, the explanation withheld\n\nThe main knowledge point of the analysis, compared with the points the explanation names \
         (the same point or one of the same family).\n\n");
    let _ = writeln!(
        report,
        "- Single choice: {} of {}, share {}",
        choices.agreed,
        choices.named,
        share(choices.agreed, choices.named)
    );
    list(&mut report, "Where they disagree:", choices.disagreements.iter());
    let _ = writeln!(
        report,
        "\n- Gaps in a text: {} of {}, share {}",
        fills.agreed,
        fills.named,
        share(fills.agreed, fills.named)
    );
    list(&mut report, "Where they disagree:", fills.disagreements.iter());
    report.push_str("\n## Levels of texts\n\n| kind | texts | A1 | A2 | B1 | B2 | C1 | C2 | words per sentence | words |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for level in levels {
        let counts: Vec<String> = level.levels.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            report,
            "| {} | {} | {} | {:.1} | {} |",
            level.kind,
            level.texts,
            counts.join(" | "),
            level.mean_sentence_length,
            level.words
        );
    }
    alarms(&mut report, levels.iter().map(|level| &level.alarms).chain([mended_by_key]));
    report
}

/// Says first what to expect of texts for which no rule was written.
fn summary(report: &mut String, exams: &str, learners: &[Learners]) {
    report.push_str("| where | mistakes mended |\n|---|---|\n");
    for file in learners.iter().rev() {
        let all = file.all();
        let share = share(all.mended, all.sentences);
        let _ = writeln!(report, "| {} sentences of learners | **{share}** |", file.name);
    }
    let _ = writeln!(report, "| exam texts, with which some rules were written | **{exams}** |");
    report.push_str("\nFor any other text, the share of the unseen sentences is what to expect.\n");
}

fn sentences(report: &mut String, learners: &[Learners]) {
    report.push_str("\n## Sentences of learners\n\nSentences with one mistake each of the kinds that learners with Chinese as their first language make, \
         written for this purpose before the rules were tried on them (`tests/data`). The first file may be \
         used when rules are widened; the second is only counted, so that its figures say what to expect of other sentences.\n");
    for file in learners {
        let all = file.all();
        let _ = write!(
            report,
            "\n### {}: {} sentences\n\n- Mended, and nothing else changed: share **{}**; found: {}\n\
             - Precision of the {} edits proposed: **{}**\n- Edits proposed in the corrected sentences: {}\n\n\
             | mistake | sentences | found | mended |\n|---|---|---|---|\n",
            file.name,
            all.sentences,
            share(all.mended, all.sentences),
            share(all.found, all.sentences),
            all.proposed,
            share(all.right, all.proposed),
            all.alarms
        );
        for (kind, sums) in
            file.kinds.iter().map(|(kind, sums)| (kind.as_str(), sums)).chain([("all", &all)])
        {
            let Sums { sentences, found, mended, .. } = sums;
            let _ = writeln!(report, "| {kind} | {sentences} | {found} | {mended} |");
        }
    }
}

fn alarms<'a>(report: &mut String, kinds: impl Iterator<Item = &'a Alarms>) {
    report.push_str("\n## False alarms on correct text\n\nTexts for reading are good English but for misprints of the data; texts mended by their key keep the errors that could not be placed. Edits proposed in them are nearly all false alarms.\n\n| kind | texts | sentences | edits proposed | per 100 sentences |\n|---|---|---|---|---|\n");
    let mut all = Alarms::new("all");
    for kind in kinds {
        all.texts += kind.texts;
        all.sentences += kind.sentences;
        all.edits += kind.edits;
        row(report, kind);
    }
    row(report, &all);
}

fn row(report: &mut String, alarms: &Alarms) {
    let _ = writeln!(
        report,
        "| {} | {} | {} | {} | {} |",
        alarms.kind,
        alarms.texts,
        alarms.sentences,
        alarms.edits,
        share(100 * alarms.edits, alarms.sentences)
    );
}

fn list<'a>(report: &mut String, heading: &str, items: impl Iterator<Item = &'a String>) {
    let items: Vec<&String> = items.collect();
    if items.is_empty() {
        return;
    }
    let _ = write!(report, "\n{heading}\n\n");
    for item in items {
        let _ = writeln!(report, "- {item}");
    }
}
