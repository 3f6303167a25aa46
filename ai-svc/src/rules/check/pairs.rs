//! One wrong and one right sentence for rules that no other test shows.

use super::tests::corrected;

const PAIRS: &[(&str, &str)] = &[
    // Past and future have words of their own for a beginning.
    (
        "From now on she worked harder and never complained.",
        "From then on she worked harder and never complained.",
    ),
    // Said twice.
    ("He likes drinks such as like tea and coffee.", "He likes drinks such as tea and coffee."),
    // A thing does nothing to itself.
    (
        "The letter was kind, and it made myself happy.",
        "The letter was kind, and it made me happy.",
    ),
    // A pronoun for several things.
    ("He washed the dishes and dried it.", "He washed the dishes and dried them."),
    // A relative word instead of a pronoun.
    (
        "There are many people they have lost their homes.",
        "There are many people who have lost their homes.",
    ),
    // A length of time that says when.
    (
        "A few days late, he came back with a present.",
        "A few days later, he came back with a present.",
    ),
    // A condition that is possible or needed.
    ("Ask your teacher whatever necessary.", "Ask your teacher whenever necessary."),
    // A word that says “not” already.
    ("Unless you don't hurry, you will be late.", "If you don't hurry, you will be late."),
    // Days before a time of day.
    ("We met on Sunday's morning.", "We met on Sunday morning."),
    // “Well” goes with what one knows.
    ("I remember that summer very much.", "I remember that summer very well."),
    // One of a pair.
    ("He is a tall man with broad shoulder.", "He is a tall man with broad shoulders."),
    // A counted noun after a bare plural.
    ("They filled boxes with toy.", "They filled boxes with toys."),
    // An ordinal without a determiner.
    ("She told me how hard third lesson was.", "She told me how hard the third lesson was."),
    // An ordinal in a row.
    ("They live on the five floor.", "They live on the fifth floor."),
    // An age.
    ("He learned to swim where he was a child.", "He learned to swim when he was a child."),
    // Nothing counted.
    ("The trip cost very many.", "The trip cost very much."),
];

#[test]
fn wrong_sentences_are_mended_and_right_ones_left() {
    let sentences = PAIRS.iter().flat_map(|(wrong, right)| [(wrong, right), (right, right)]);
    let failures = sentences.filter(|(text, right)| corrected(text) != **right);
    let failures: Vec<_> = failures.map(|(text, _)| (text, corrected(text))).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn what_only_looks_wrong_is_left() {
    let rights = [
        "He was two days late, but nobody was angry.",
        "From now on I will get up early.",
        "They all laugh when the clown falls.",
        "It was a warm and inviting room.",
        "The song reminded me of my childhood.",
        "We must wait and see.",
    ];
    let changed = rights.map(corrected);
    assert_eq!(changed, rights);
}
