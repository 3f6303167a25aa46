//! A made-up book, to look at the design and to measure with.

use chrono::{Days, NaiveDate};

use super::{Analysis, Book, KnowledgePoint, Mistake, MistakeStatus, MistakeType, Similar, Style};
use crate::task::{Answers, BookOptions, FontSize, Order, Paper};

/// Question, wrong answer, right answer, similar question, its answer.
type Item = [&'static str; 5];
/// Knowledge point, what went wrong, why the answer is right, how to remember.
type Point = [&'static str; 5];

const POINTS: [(Point, MistakeType, [Item; 3]); 5] = [
    (
        [
            "现在完成时",
            "Present perfect",
            "看到动作发生在过去就用了一般过去时，忽略了句中的 for / since 时间状语。",
            "for + 一段时间、since + 时间点说明动作从过去延续到现在，主句用 have/has + 过去分词。",
            "先圈出时间状语：见到 for、since、so far、already，先想“完成时”。",
        ],
        MistakeType::Grammar,
        [
            [
                "{name} ____ in this town since 2019, and the neighbours all know the family well.\nA. lives\nB. lived\nC. has lived\nD. is living",
                "B",
                "C",
                "We ____ each other for ten years. (know)",
                "have known",
            ],
            [
                "So far this term, {name} ____ three English novels. (read)",
                "readed",
                "has read",
                "They ____ already ____ their homework. (finish)",
                "have; finished",
            ],
            [
                "改错：{name} has gone to Beijing twice, so the old streets are no longer new to anyone at home.",
                "gone → went",
                "has gone → has been",
                "Where is Tom? — He ____ to the library. (been / gone)",
                "has gone",
            ],
        ],
    ),
    (
        [
            "定语从句",
            "Relative clauses",
            "先行词是地点就选了 where，没有看从句里缺什么成分。",
            "从句中 visit 缺宾语，应当用关系代词 which/that；只有缺状语时才用 where。",
            "把先行词放回从句：能直接做主语或宾语，用 that/which；要加介词，用 where/when。",
        ],
        MistakeType::Grammar,
        [
            [
                "This is the museum ____ {name} visited with the class last autumn.\nA. where\nB. which\nC. who\nD. when",
                "A",
                "B",
                "I still remember the day ____ we first met.",
                "when",
            ],
            [
                "用关系词合并句子：The girl is {name}’s cousin. Her bike was stolen.",
                "The girl who bike was stolen is {name}’s cousin.",
                "The girl whose bike was stolen is {name}’s cousin.",
                "The house ____ windows face the river is ours.",
                "whose",
            ],
            [
                "All ____ {name} needs now is a quiet hour and a cup of tea.\nA. that\nB. which\nC. what\nD. it",
                "C",
                "A",
                "Everything ____ he said was true.",
                "that",
            ],
        ],
    ),
    (
        [
            "词义辨析",
            "Word choice",
            "把 affect 和 effect 当成了同一个词。",
            "affect 是动词“影响”，effect 是名词“效果”；have an effect on = affect。",
            "a 开头的 affect 是动作（action），e 开头的 effect 是结果（end）。",
        ],
        MistakeType::Vocabulary,
        [
            [
                "The long drought has had a serious ____ on the farms near {name}’s village.\nA. affect B. effect C. effort D. offer",
                "A",
                "B",
                "Too little sleep will ____ your memory. (affect / effect)",
                "affect",
            ],
            [
                "{name} 把雨伞落在公共汽车上了。（翻译，用 leave）",
                "{name} forgot the umbrella on the bus.",
                "{name} left the umbrella on the bus.",
                "我把钥匙落在家里了。",
                "I left my keys at home.",
            ],
            [
                "用 rise 或 raise 的正确形式填空：Prices ____ sharply last month, so {name}’s boss ____ everyone’s pay.",
                "raised; rose",
                "rose; raised",
                "The sun ____ in the east.",
                "rises",
            ],
        ],
    ),
    (
        [
            "非谓语动词",
            "Non-finite verbs",
            "没有判断逻辑主语与动词是主动还是被动。",
            "逻辑主语与动词是被动关系时用过去分词，主动关系用现在分词。",
            "问一句“谁做这件事”：主语自己做，用 doing；主语被做，用 done。",
        ],
        MistakeType::Grammar,
        [
            [
                "____ from the top of the hill, the lake near {name}’s school looks like a mirror.\nA. Seeing\nB. Seen\nC. To see\nD. Having seen",
                "A",
                "B",
                "____ the news, she burst into tears. (hear)",
                "Hearing",
            ],
            [
                "{name} is looking forward to ____ the pen friend from New Zealand. (meet)",
                "meet",
                "meeting",
                "He is used to ____ up early. (get)",
                "getting",
            ],
            [
                "With so much homework ____ tonight, {name} cannot join the football match.\nA. to do\nB. doing\nC. done\nD. do",
                "B",
                "A",
                "With the work ____, they went home. (finish)",
                "finished",
            ],
        ],
    ),
    (
        [
            "阅读推断",
            "Inference in reading",
            "选了文中原话出现的选项，题目问的却是作者的言外之意。",
            "第二句的 but 之后才是作者的态度：忙碌本身不等于进步。",
            "推断题先找转折词，再问自己“作者为什么写这一句”。",
        ],
        MistakeType::Reading,
        [
            [
                "Every evening {name} filled a whole page with plans for the next day. The list grew longer each week, but the books on the shelf stayed as clean as the day they were bought. What can we infer from the passage?\nA. Planning takes no time at all.\nB. {name} enjoys cleaning the bookshelf.\nC. Making plans took the place of carrying them out.\nD. The books were too expensive to read.",
                "A",
                "C",
                "What does the writer suggest by “the shelf stayed clean”?",
                "The books were never opened.",
            ],
            [
                "The café was loud, yet {name} heard nothing but the turning of pages. How did {name} most probably feel?\nA. Annoyed. B. Absorbed. C. Lonely. D. Hungry.",
                "A",
                "B",
                "Which word is closest to “absorbed”: interested, wet or tired?",
                "interested",
            ],
            [
                "书面表达：请以 “A lesson I learned” 为题，写一段 60 词左右的短文。",
                "Last year I learn a lesson. I am late for a important exam because I not set the alarm.",
                "Last year I learned a lesson. I was late for an important exam because I had not set the alarm.",
                "用过去时改写：I am late because I do not set the alarm.",
                "I was late because I did not set the alarm.",
            ],
        ],
    ),
];

const NAMES: [&str; 7] = ["Lily", "Mike", "Li Hua", "Grandma Zhou", "Jenny", "Captain Wu", "Sam"];
const STATUSES: [MistakeStatus; 4] = [
    MistakeStatus::Pending,
    MistakeStatus::Reviewing,
    MistakeStatus::Pending,
    MistakeStatus::Mastered,
];

/// Returns a book with `count` mistakes; the first ones differ in everything, later ones in names.
#[must_use]
pub fn sample(count: usize) -> Book {
    let first = NaiveDate::from_ymd_opt(2026, 2, 24).unwrap_or_default();
    let day = |index: usize| first + Days::new(u64::try_from(index % 60).unwrap_or_default());
    let mistakes: Vec<_> = (0..count).map(|index| mistake(index, day(index * 7))).collect();
    let whole = u32::try_from(count).unwrap_or(u32::MAX);
    Book {
        pupil: "林晓雨".to_owned(),
        student_no: "2024030127".to_owned(),
        class: "高二（3）班".to_owned(),
        teacher: "陈老师".to_owned(),
        period: (count > 0).then(|| (first, day(59))),
        made_on: day(59) + Days::new(1),
        total: whole + whole / 5,
        mastered: whole / 4 + whole / 5,
        ignored: 0,
        truncated: false,
        wanted_points: Vec::new(),
        mistakes,
        style: Style::of(&options()),
    }
}

/// Returns the options of an order that says nothing, with everything in the book.
pub(super) fn options() -> BookOptions {
    BookOptions {
        paper: Paper::A4,
        order: Order::KnowledgePoint,
        answers: Answers::Inline,
        font_size: FontSize::Medium,
        with_redo_space: true,
        with_similar: true,
        with_analysis: true,
        statuses: Vec::new(),
        mistake_types: Vec::new(),
        knowledge_point_ids: Vec::new(),
        topic: String::new(),
        from: None,
        until: None,
        locale: "zh-CN".to_owned(),
    }
}

fn mistake(index: usize, day: NaiveDate) -> Mistake {
    // Earlier points come more often, as in a real book.
    let place = [0, 1, 2, 0, 3, 1, 4, 0][index % 8];
    let (point, kind, items) = &POINTS[place];
    let [question, wrong, right, similar, similar_right] = items[(index / 2) % items.len()];
    let names = || {
        let name = NAMES[index % NAMES.len()];
        let round = index / NAMES.len();
        if round == 0 { name.to_owned() } else { format!("{name} {round}") }
    };
    let [name_zh, name_en, what, why, how] = *point;
    Mistake {
        kind: *kind,
        status: STATUSES[index % STATUSES.len()],
        question: question.replace("{name}", &names()),
        wrong: wrong.replace("{name}", &names()),
        right: right.replace("{name}", &names()),
        explanation: if index % 6 == 5 {
            "期中讲评时请再看一遍第 14 页的笔记。".to_owned()
        } else {
            String::new()
        },
        topic: String::new(),
        level: ["A2", "B1", "B1", "B2"][index % 4].to_owned(),
        points: vec![KnowledgePoint {
            id: name_en.to_owned(),
            name_zh: name_zh.to_owned(),
            name_en: name_en.to_owned(),
        }],
        source: ["期中试卷 A", "周测 6", "", "课后作业"][index % 4].to_owned(),
        times_wrong: [1, 2, 1, 3, 1][index % 5],
        mistaken_on: Some(day),
        analysis: Some(Analysis {
            kind_zh: "概念混淆".to_owned(),
            kind_en: "Mixed-up concepts".to_owned(),
            what_went_wrong: format!("{what}（{}）", names()),
            why_right: why.to_owned(),
            how_to_remember: how.to_owned(),
            model: index.is_multiple_of(3).then(|| "qwen-plus".to_owned()),
        }),
        similar: index
            .is_multiple_of(2)
            .then(|| Similar { question: similar.to_owned(), right: similar_right.to_owned() })
            .into_iter()
            .collect(),
    }
}
