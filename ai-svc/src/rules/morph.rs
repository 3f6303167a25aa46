//! Inflection of regular English words.

/// Verbs of more than one syllable that double their last consonant.
const DOUBLING: &[&str] = &[
    "admit", "begin", "commit", "compel", "confer", "control", "equip", "forbid", "forget",
    "occur", "omit", "permit", "prefer", "refer", "regret", "submit", "transfer", "transmit",
    "upset",
];

/// Words of one syllable that end like `stop` but double nothing.
const NOT_DOUBLING: &[&str] = &["quiz", "bus", "gas"];

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

fn syllables(word: &str) -> usize {
    let mut groups = 0;
    let mut inside = false;
    for letter in word.chars() {
        let vowel = is_vowel(letter) || letter == 'y';
        if vowel && !inside {
            groups += 1;
        }
        inside = vowel;
    }
    groups
}

fn doubles(word: &str) -> bool {
    if DOUBLING.contains(&word) {
        return true;
    }
    let last: Vec<char> = word.chars().rev().take(3).collect();
    let [end, middle, before] = last[..] else {
        return word.len() == 2 && word.ends_with(['p', 't', 'n']);
    };
    let quiet_u = before == 'u' && word.chars().rev().nth(3) == Some('q');
    syllables(word) == 1
        && !is_vowel(end)
        && !matches!(end, 'w' | 'x' | 'y')
        && is_vowel(middle)
        && (!is_vowel(before) || quiet_u)
        && !NOT_DOUBLING.contains(&word)
}

fn ends_consonant_y(word: &str) -> bool {
    word.ends_with('y') && word.chars().rev().nth(1).is_some_and(|letter| !is_vowel(letter))
}

fn stem(word: &str) -> &str {
    &word[..word.len() - 1]
}

/// Adds the `-s` of plurals and of the third person.
#[must_use]
pub fn with_s(word: &str) -> String {
    if ends_consonant_y(word) {
        format!("{}ies", stem(word))
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end)) {
        if word.ends_with("stomach") || word.ends_with("monarch") {
            format!("{word}s")
        } else if word == "quiz" {
            "quizzes".into()
        } else {
            format!("{word}es")
        }
    } else {
        format!("{word}s")
    }
}

/// Makes the third person singular present.
#[must_use]
pub fn third(base: &str) -> String {
    match base {
        "be" => "is".into(),
        "have" => "has".into(),
        "do" | "go" | "undergo" | "veto" | "echo" => format!("{base}es"),
        _ => with_s(base),
    }
}

/// Makes the `-ing` form.
#[must_use]
pub fn ing(base: &str) -> String {
    match base {
        "be" | "see" | "flee" | "agree" | "disagree" | "foresee" | "guarantee" => {
            format!("{base}ing")
        }
        "panic" | "picnic" | "mimic" | "traffic" => format!("{base}king"),
        "singe" | "dye" => format!("{base}ing"),
        _ if base.ends_with("ie") => format!("{}ying", &base[..base.len() - 2]),
        _ if base.ends_with('e') && !base.ends_with("oe") && !base.ends_with("ee") => {
            format!("{}ing", stem(base))
        }
        _ if doubles(base) => format!("{base}{}ing", last(base)),
        _ => format!("{base}ing"),
    }
}

/// Makes the regular past form.
#[must_use]
pub fn regular_past(base: &str) -> String {
    match base {
        "panic" | "picnic" | "mimic" | "traffic" => format!("{base}ked"),
        _ if base.ends_with('e') => format!("{base}d"),
        _ if ends_consonant_y(base) => format!("{}ied", stem(base)),
        _ if doubles(base) => format!("{base}{}ed", last(base)),
        _ => format!("{base}ed"),
    }
}

fn last(word: &str) -> char {
    word.chars().last().unwrap_or_default()
}

/// Makes the comparative and the superlative in one word, for short adjectives and adverbs.
#[must_use]
pub fn degrees(word: &str) -> Option<(String, String)> {
    let both = |root: &str| Some((format!("{root}er"), format!("{root}est")));
    match word {
        "good" | "well" => return Some(("better".into(), "best".into())),
        "bad" | "badly" | "ill" => return Some(("worse".into(), "worst".into())),
        "far" => return Some(("farther".into(), "farthest".into())),
        "little" => return Some(("less".into(), "least".into())),
        "many" | "much" => return Some(("more".into(), "most".into())),
        "clever" | "quiet" | "narrow" | "gentle" | "simple" | "shallow" | "humble" | "able" => {
            return both(word.strip_suffix('e').unwrap_or(word));
        }
        _ => {}
    }
    if ends_consonant_y(word) && syllables(word) <= 2 && !word.ends_with("ly")
        || matches!(word, "early" | "ugly" | "lonely" | "lovely" | "friendly" | "lively" | "silly")
    {
        return both(&format!("{}i", stem(word)));
    }
    let one = syllables(word) == 1 || (syllables(word) == 2 && silent_e(word));
    if !one || word.ends_with("ed") {
        None
    } else if word.ends_with('e') {
        both(stem(word))
    } else if doubles(word) {
        both(&format!("{word}{}", last(word)))
    } else {
        both(word)
    }
}

fn silent_e(word: &str) -> bool {
    word.ends_with('e') && syllables(stem(word)) == 1
}

/// Makes the adverb in `-ly`; `None` for adjectives that have none.
#[must_use]
pub fn adverb(adjective: &str) -> Option<String> {
    let irregular = match adjective {
        "good" => "well",
        "true" => "truly",
        "whole" => "wholly",
        "due" => "duly",
        "full" => "fully",
        "dull" => "dully",
        "shy" => "shyly",
        "dry" => "dryly",
        "public" => "publicly",
        "fast" | "hard" | "late" | "early" | "straight" | "long" | "little" | "much" | "more"
        | "big" | "small" | "tall" | "old" | "young" | "difficult" | "far" | "friendly"
        | "lovely" | "lonely" | "lively" | "silly" | "ugly" | "likely" | "daily" | "weekly"
        | "monthly" | "yearly" | "elderly" | "deadly" | "costly" | "orderly" | "timely"
        | "only" | "next" | "own" | "same" | "such" | "other" | "able" | "afraid" | "alone"
        | "alive" | "asleep" | "awake" | "black" | "white" | "red" | "green" | "blue" | "brown"
        | "yellow" | "fat" | "ill" | "fun" | "female" | "male" | "overseas" | "well" | "online"
        | "best" | "better" => {
            return None;
        }
        _ => "",
    };
    if !irregular.is_empty() {
        return Some(irregular.into());
    }
    Some(if adjective.ends_with("ic") {
        format!("{adjective}ally")
    } else if adjective.ends_with("le")
        && !adjective.ends_with("ole")
        && !adjective.ends_with("ile")
    {
        format!("{}y", stem(adjective))
    } else if ends_consonant_y(adjective) {
        format!("{}ily", stem(adjective))
    } else {
        format!("{adjective}ly")
    })
}

/// Says whether a word takes `an`: by sound, not by letter.
#[must_use]
pub fn takes_an(word: &str) -> bool {
    const SILENT_H: &[&str] = &["hour", "honest", "honor", "honour", "heir"];
    const CONSONANT_SOUND: &[&str] =
        &["uni", "use", "usa", "usu", "eu", "one", "once", "ut", "ubiq", "ewe"];
    const BUT_VOWEL: &[&str] = &["unin", "unim", "unide", "utter", "oneself"];
    // A letter is called by its name: an X-ray, a T-shirt.
    if let Some((letter, _)) = word.split_once('-').filter(|(first, _)| first.len() == 1) {
        return "aefhilmnorsx".contains(letter);
    }
    if SILENT_H.iter().any(|start| word.starts_with(start)) {
        return true;
    }
    if CONSONANT_SOUND.iter().any(|start| word.starts_with(start))
        && !BUT_VOWEL.iter().any(|start| word.starts_with(start))
    {
        return false;
    }
    word.starts_with(is_vowel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_inflect() {
        assert_eq!(ing("run"), "running");
        assert_eq!(ing("lie"), "lying");
        assert_eq!(ing("make"), "making");
        assert_eq!(ing("visit"), "visiting");
        assert_eq!(ing("prefer"), "preferring");
        assert_eq!(ing("quit"), "quitting");
        assert_eq!(regular_past("stop"), "stopped");
        assert_eq!(regular_past("carry"), "carried");
        assert_eq!(regular_past("play"), "played");
        assert_eq!(third("watch"), "watches");
        assert_eq!(third("fly"), "flies");
    }

    #[test]
    fn adjectives_compare() {
        assert_eq!(degrees("big"), Some(("bigger".into(), "biggest".into())));
        assert_eq!(degrees("happy"), Some(("happier".into(), "happiest".into())));
        assert_eq!(degrees("nice"), Some(("nicer".into(), "nicest".into())));
        assert_eq!(degrees("beautiful"), None);
    }

    #[test]
    fn adverbs_derive() {
        assert_eq!(adverb("gentle").as_deref(), Some("gently"));
        assert_eq!(adverb("happy").as_deref(), Some("happily"));
        assert_eq!(adverb("basic").as_deref(), Some("basically"));
        assert_eq!(adverb("fast"), None);
    }

    #[test]
    fn the_article_follows_the_sound() {
        assert!(takes_an("hour") && takes_an("apple") && takes_an("unimportant"));
        assert!(takes_an("x-ray") && takes_an("e-mail") && !takes_an("t-shirt"));
        assert!(!takes_an("u-turn"));
        assert!(!takes_an("university") && !takes_an("useful") && !takes_an("horse"));
    }
}
