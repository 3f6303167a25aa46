//! Words the analysis for pupils, in Chinese.

use super::choice::Item;
use crate::rules::explain;
use crate::taxonomy::{ErrorType, KnowledgePoint};

/// Longest explanation passed on, in characters.
const LONGEST: usize = 160;

fn quote(text: &str) -> String {
    format!("“{}”", text.trim())
}

/// Says what went wrong.
pub fn wrong(item: &Item, kind: &ErrorType, point: &KnowledgePoint) -> String {
    match (item.wrong.trim().is_empty(), item.right.trim().is_empty()) {
        (true, true) => format!("这道题考查{}。", point.name_zh),
        (true, false) => {
            format!("这道题没有作答，正确答案是{}，考查{}。", quote(&item.right), point.name_zh)
        }
        (false, true) => {
            format!("你的答案是{}，问题类型是“{}”。", quote(&item.wrong), kind.name_zh)
        }
        (false, false) if item.wrong.trim() == item.right.trim() => {
            format!("你的答案与参考答案{}相同，请核对记录。", quote(&item.right))
        }
        (false, false) => format!(
            "你用了{}，应该用{}。这属于“{}”，考查的是{}。",
            quote(&item.wrong),
            quote(&item.right),
            kind.name_zh,
            point.name_zh
        ),
    }
}

/// Says why the right answer is right.
pub fn right(item: &Item, point: &KnowledgePoint, explanation: &str) -> String {
    let rule = explain::rule(point.id);
    let given = clean(explanation);
    let mut text = if item.right.trim().is_empty() {
        format!("{rule}。")
    } else {
        format!("{rule}，所以用{}。", quote(&item.right))
    };
    if !given.is_empty() {
        text.push_str("解析：");
        text.push_str(&given);
    } else if item.gap.is_some() && !item.right.trim().is_empty() {
        let filled = item.filled();
        if filled.chars().count() <= LONGEST {
            text.push_str("代入原句：");
            text.push_str(filled.trim());
        }
    }
    text
}

/// The explanation without headings and line breaks, cut at the end of a sentence.
fn clean(explanation: &str) -> String {
    let mut text = String::new();
    let mut space = false;
    for letter in explanation.chars() {
        if letter.is_whitespace() {
            space = true;
            continue;
        }
        if space
            && text.chars().last().is_some_and(|last| last.is_ascii_graphic())
            && letter.is_ascii_graphic()
        {
            text.push(' ');
        }
        space = false;
        text.push(if letter == '．' { '。' } else { letter });
    }
    for heading in ["【解答】", "【点评】", "【分析】", "【解析】", "【详解】"]
    {
        text = text.replace(heading, "");
    }
    let text = text.trim().to_owned();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    cut.rfind('。').map_or(format!("{cut}…"), |end| cut[..end + '。'.len_utf8()].to_owned())
}

/// Says how to remember; beginners get one step, others one more.
pub fn remember(point: &KnowledgePoint, level: &str) -> String {
    let tip = explain::tip(point.id);
    match level {
        "A1" | "A2" => format!("{tip}先记住这一条，读两遍正确的句子。"),
        "B2" | "C1" | "C2" => {
            format!("{tip}再找两个同类的句子，说出其中“{}”的判断依据。", point.name_zh)
        }
        _ => format!("{tip}用“{}”自己造一个句子，明天再看一遍。", point.name_zh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy;

    #[test]
    fn beginners_are_asked_for_less_than_others() {
        let point = taxonomy::find("verb.tense.past_simple").unwrap();
        let [beginner, middle, advanced] = ["A2", "B1", "C1"].map(|level| remember(point, level));
        assert_eq!(remember(point, "A1"), beginner);
        assert_eq!(remember(point, "C2"), advanced);
        let tip = explain::tip(point.id);
        for (told, step) in
            [(&beginner, "读两遍"), (&middle, "造一个句子"), (&advanced, "判断依据")]
        {
            assert!(told.starts_with(tip) && told.contains(step), "{told}");
        }
    }

    #[test]
    fn explanations_are_tidied() {
        assert_eq!(clean("【解答】 答案 A． was  doing，\n表示过去"), "答案A。was doing，表示过去");
        assert!(clean(&"很长的解析。".repeat(60)).chars().count() <= LONGEST);
    }
}
