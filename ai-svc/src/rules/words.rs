//! Closed classes of English words.

/// Subject, object, possessive before a noun, possessive alone and reflexive of each person.
pub const PERSONS: &[[&str; 5]] = &[
    ["i", "me", "my", "mine", "myself"],
    ["you", "you", "your", "yours", "yourself"],
    ["you", "you", "your", "yours", "yourselves"],
    ["he", "him", "his", "his", "himself"],
    ["she", "her", "her", "hers", "herself"],
    ["it", "it", "its", "its", "itself"],
    ["we", "us", "our", "ours", "ourselves"],
    ["they", "them", "their", "theirs", "themselves"],
];
pub const ARTICLES: &[&str] = &["a", "an", "the"];
pub const DETERMINERS: &[&str] = &[
    "this", "that", "these", "those", "some", "any", "each", "every", "either", "neither", "no",
    "another", "other", "both", "all", "many", "much", "few", "little", "several", "enough",
    "such",
];
pub const INDEFINITES: &[&str] = &[
    "another",
    "other",
    "others",
    "one",
    "ones",
    "none",
    "some",
    "any",
    "each",
    "either",
    "neither",
    "both",
    "all",
    "many",
    "much",
    "few",
    "little",
    "everyone",
    "everybody",
    "everything",
    "someone",
    "somebody",
    "something",
    "anyone",
    "anybody",
    "anything",
    "nobody",
    "nothing",
    "no one",
    "most",
    "the other",
    "the others",
    "a few",
    "a little",
    "several",
    "a few",
    "the one",
    "the ones",
    "that",
    "those",
    "it",
    "this",
    "these",
];
pub const PREPOSITIONS: &[&str] = &[
    "of",
    "in",
    "on",
    "at",
    "to",
    "for",
    "with",
    "from",
    "by",
    "into",
    "onto",
    "about",
    "without",
    "within",
    "during",
    "among",
    "between",
    "towards",
    "toward",
    "against",
    "despite",
    "upon",
    "through",
    "throughout",
    "behind",
    "beside",
    "besides",
    "beneath",
    "beyond",
    "except",
    "under",
    "over",
    "above",
    "below",
    "across",
    "along",
    "around",
    "near",
    "past",
    "via",
    "off",
    "out",
    "up",
    "down",
    "inside",
    "outside",
    "amid",
    "per",
    "round",
    "unlike",
    "like",
    "regarding",
    "opposite",
];
pub const COORDINATORS: &[&str] = &["and", "but", "or", "so", "yet", "nor", "for"];
pub const SUBORDINATORS: &[&str] = &[
    "because",
    "although",
    "though",
    "if",
    "unless",
    "until",
    "till",
    "when",
    "while",
    "since",
    "once",
    "whenever",
    "wherever",
    "before",
    "after",
    "as",
    "whereas",
    "than",
    "whether",
    "even if",
    "even though",
    "as if",
    "as though",
    "so that",
    "in case",
    "as long as",
    "as soon as",
    "now that",
    "however",
    "no matter how",
    "no matter what",
    "whatever",
    "whoever",
    "whichever",
    "provided",
    "in order that",
    "only if",
    "if only",
    "for fear that",
    "as far as",
];
pub const RELATIVES: &[&str] = &[
    "which",
    "that",
    "who",
    "whom",
    "whose",
    "where",
    "when",
    "why",
    "what",
    "how",
    "whether",
    "as",
    "whatever",
    "whoever",
    "whichever",
    "whomever",
];
pub const MODALS: &[&str] = &[
    "can",
    "could",
    "will",
    "would",
    "shall",
    "should",
    "must",
    "may",
    "might",
    "ought",
    "need",
    "dare",
    "cannot",
    "can't",
    "couldn't",
    "won't",
    "wouldn't",
    "shan't",
    "shouldn't",
    "mustn't",
    "mightn't",
    "needn't",
    "daren't",
    "oughtn't",
];
pub const BE: &[&str] = &[
    "be", "am", "is", "are", "was", "were", "been", "being", "isn't", "aren't", "wasn't",
    "weren't", "'s", "'re", "'m",
];
pub const HAVE: &[&str] =
    &["have", "has", "had", "having", "haven't", "hasn't", "hadn't", "'ve", "'d"];
pub const DO: &[&str] = &["do", "does", "did", "don't", "doesn't", "didn't", "done", "doing"];
pub const CARDINALS: &[&str] = &[
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "dozen",
];
pub const ORDINALS: &[&str] = &[
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "thirtieth",
    "fortieth",
    "fiftieth",
    "sixtieth",
    "seventieth",
    "eightieth",
    "ninetieth",
    "hundredth",
    "thousandth",
    "millionth",
];
pub const ADVERBS: &[&str] = &[
    "very",
    "too",
    "also",
    "quite",
    "rather",
    "so",
    "well",
    "hard",
    "soon",
    "later",
    "ever",
    "never",
    "always",
    "often",
    "then",
    "now",
    "here",
    "there",
    "just",
    "still",
    "even",
    "only",
    "almost",
    "again",
    "already",
    "else",
    "instead",
    "however",
    "therefore",
    "otherwise",
    "besides",
    "more",
    "most",
    "less",
    "least",
    "not",
    "away",
    "back",
    "together",
    "forward",
    "ago",
    "once",
    "twice",
    "hardly",
    "meanwhile",
    "moreover",
    "anyway",
    "somehow",
    "somewhat",
    "thus",
    "enough",
    "far",
];

/// Says whether a word is a personal, possessive or reflexive pronoun.
pub fn personal(word: &str) -> bool {
    PERSONS.iter().any(|row| row.contains(&word))
}

/// Says whether a word is a possessive before a noun or alone.
pub fn possessive(word: &str) -> bool {
    PERSONS.iter().any(|row| row[2] == word || row[3] == word)
}

/// Says whether a word is a possessive before a noun, as `my`.
pub fn possessive_determiner(word: &str) -> bool {
    PERSONS.iter().any(|row| row[2] == word)
}

/// Says whether a word is a reflexive pronoun.
pub fn reflexive(word: &str) -> bool {
    PERSONS.iter().any(|row| row[4] == word)
}

/// Says whether a word can be a subject and nothing else.
pub fn subject(word: &str) -> bool {
    matches!(word, "i" | "he" | "she" | "we" | "they")
}

/// Says whether a word is a verb that helps another.
pub fn auxiliary(word: &str) -> bool {
    BE.contains(&word) || HAVE.contains(&word) || DO.contains(&word) || MODALS.contains(&word)
}

/// Words of a text in lower case with straight apostrophes; marks stand alone.
pub fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for letter in text.chars() {
        let letter = if matches!(letter, '’' | '`' | '‘') { '\'' } else { letter };
        if letter.is_alphanumeric() || (open && matches!(letter, '\'' | '-')) {
            if !open {
                words.push(String::new());
            }
            open = true;
            if let Some(word) = words.last_mut() {
                word.extend(letter.to_lowercase());
            }
        } else {
            open = false;
            if !letter.is_whitespace() {
                words.push(letter.to_string());
            }
        }
    }
    words
}

/// Says whether a word is one of those in a list with spaces between them.
pub fn one_of(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|other| other == word)
}
