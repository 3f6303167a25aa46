//! Explains a correction in Chinese and in English, by its type.

use crate::taxonomy::{ErrorType, KnowledgePoint};

/// What changes, as words: `A → B`, `+ B` or `− A`.
fn change(original: &str, replacement: &str) -> (String, String) {
    match (original.is_empty(), replacement.is_empty()) {
        (true, _) => (format!("应加上 {replacement}"), format!("Add “{replacement}”")),
        (_, true) => (format!("应去掉 {original}"), format!("Leave out “{original}”")),
        _ => (
            format!("{original} 应改为 {replacement}"),
            format!("Write “{replacement}” for “{original}”"),
        ),
    }
}

/// Says in both languages what to change, for what reason, and what it is called.
pub fn edit(
    kind: &ErrorType,
    point: &KnowledgePoint,
    original: &str,
    replacement: &str,
    reason: (&str, &str),
) -> (String, String) {
    let (zh, en) = change(original, replacement);
    (
        format!("{zh}：{}。（{}：{}）", reason.0, kind.name_zh, point.name_zh),
        format!("{en}: {}. ({}: {})", reason.1, kind.name_en, point.name_en),
    )
}

/// One sentence on how to remember a knowledge point, in Chinese.
pub fn tip(id: &str) -> &'static str {
    TIPS.iter()
        .filter(|(prefix, _)| {
            id == *prefix || id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
        })
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or("把这句话整句抄进错题本，标出关键词，隔天再做一遍。", |(_, tip)| tip)
}

/// Why a knowledge point asks for what it does, in Chinese: the rule in one sentence.
pub fn rule(id: &str) -> &'static str {
    super::explain_rules::RULES
        .iter()
        .filter(|(prefix, _)| {
            id == *prefix || id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
        })
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or("这里要根据句意和搭配来选词。", |(_, rule)| rule)
}

const TIPS: &[(&str, &str)] = &[
    (
        "noun",
        "看到名词先问“可数吗？几个？”：前面有 many、several、数词、one of、each of，名词用复数；不可数名词不加 s。",
    ),
    (
        "noun.possessive",
        "口诀：人的东西加 ’s，物的部分常用 of；作修饰的日期、材料名词多半不加 ’s。",
    ),
    (
        "article",
        "口诀：单数可数不裸奔；第一次提到用 a/an，再次提到或独一无二用 the，泛指复数和不可数不用冠词。",
    ),
    (
        "article.a_an",
        "听发音不看字母：读音以元音开头用 an（an hour），以辅音开头用 a（a university）。",
    ),
    (
        "pronoun",
        "先找代词指谁，再看它在句中的位置：作主语用主格，作宾语用宾格，名词前用 my/your 类，反身指自己用 -self。",
    ),
    ("pronoun.it", "it 指同一件东西，one 指同类中的一个，that 代替前面的不可数名词或特指。"),
    (
        "pronoun.indefinite",
        "先数范围：两者用 both、either、neither、the other；三者及以上用 all、any、none、another。",
    ),
    ("numeral", "“第几”用序数词，“几个”用基数词；倍数放在 as…as 或比较级前面。"),
    (
        "adjective",
        "形容词说明名词，或放在 be、feel、look 等系动词后面；修饰动词、形容词要换成副词。",
    ),
    (
        "adjective.participle",
        "人感到用 -ed，事物令人用 -ing：I am interested，the book is interesting。",
    ),
    ("adjective.comparative", "看见 than 就想比较级；已经有 -er 就不再加 more。"),
    ("adjective.superlative", "有范围（of、in、ever）并且是三者以上，用 the + 最高级。"),
    ("adverb", "副词修饰动词、形容词、副词和整句话；多数是形容词加 -ly，但 hard、fast 不变。"),
    ("comparison", "as…as 中间用原级，than 前面用比较级，倍数放最前面。"),
    ("preposition", "介词跟着搭配记：把“动词/形容词/名词 + 介词”当成一个整体来背。"),
    (
        "preposition.time",
        "口诀：年月季节用 in，具体某天用 on，钟点用 at；every、last、next 前不用介词。",
    ),
    ("conjunction", "先判断前后关系：顺承 and，转折 but/yet，选择 or，结果 so，再下笔。"),
    ("conjunction.doubled", "英语里 although 与 but、because 与 so 只用一个。"),
    ("verb.tense", "先圈时间词，再看前后动词：写过去的事一路用过去时，写习惯和事实用一般现在时。"),
    (
        "verb.tense.present_perfect",
        "since、so far、in the past few years、already 常和 have/has done 同现。",
    ),
    ("verb.tense.past_perfect", "“过去的过去”用 had done，先找出哪件事更早。"),
    ("verb.voice", "问一句“主语是做的还是被做的？”被做就用 be + done。"),
    ("verb.modal", "can 能力，may 可能或许可，must 必须或一定，should 应该；后面一律接动词原形。"),
    ("verb.be", "英语句子必须有动词：形容词、名词作表语时别忘了 be；有了实义动词就别再加 be。"),
    ("verb.pattern", "学动词时连句型一起记：enjoy doing、want to do、make sb do。"),
    ("mood.imperative", "祈使句开头用动词原形，否定加 Don’t。"),
    ("mood.subjunctive", "与事实相反就“往过去退一步”：现在用过去式，过去用 had done。"),
    (
        "nonfinite",
        "句中已有谓语，另一个动词要变形：主动进行 doing，被动完成 done，目的将来 to do。",
    ),
    (
        "nonfinite.bare_infinitive",
        "口诀：一感二听三让四看（feel，hear/listen，let/make/have，see/watch/notice/observe）后接动词原形。",
    ),
    ("nonfinite.gerund_after_preposition", "介词后面的动词一律用 -ing 形式。"),
    ("nonfinite.gerund_object", "enjoy、finish、mind、practise、avoid、suggest、keep 后接 doing。"),
    ("clause.nominal", "从句缺主语或宾语用 what/who，什么都不缺用 that，“是否”用 whether/if。"),
    (
        "clause.relative",
        "先找先行词，再看从句缺什么：缺主语宾语用 which/that/who，缺时间地点状语用 when/where。",
    ),
    (
        "clause.relative.non_restrictive",
        "逗号后面不用 that、what，指事物或整句用 which，指人用 who。",
    ),
    ("clause.adverbial", "先读懂两句话的逻辑关系（时间、条件、原因、让步、结果），再选连接词。"),
    ("sentence.agreement", "找到真正的主语中心词，忽略后面的修饰语；第三人称单数现在时动词加 s。"),
    ("sentence.there_be", "“某处有某物”用 there be，“某人拥有”用 have，两者不混用。"),
    ("sentence.inversion", "only + 状语、否定词放句首时，把助动词提到主语前面。"),
    ("sentence.emphasis", "去掉 It is…that 后句子仍完整，就是强调句，用 that（强调人可用 who）。"),
    ("sentence.parallel", "and、or、but 两边形式要一致：to do 对 to do，doing 对 doing。"),
    ("sentence.redundancy", "一个意思只说一遍：so…that 里不再加 very，such as 后不再加 like。"),
    ("vocabulary", "把词放回句子里读一遍，连同前后搭配一起记，别只记中文意思。"),
    (
        "vocabulary.phrasal_verb",
        "同一个动词配不同小品词意思不同，按动词列一张表，每个短语配一个例句。",
    ),
    ("vocabulary.spelling", "把难写的字母组合圈出来，边读音节边写三遍。"),
    ("formation", "看位置定词性：冠词后是名词，名词前是形容词，动词旁是副词。"),
    ("communication", "先看上一句是感谢、道歉、请求还是建议，再选英语里习惯的回应。"),
    ("reading", "回到原文找到对应句，答案要与原文意思一致，不多不少。"),
    ("listening", "听前先看选项，听时抓住数字、地点和转折词后面的内容。"),
    ("pronunciation", "跟着录音放慢读，录下自己的声音再对比。"),
    ("speaking", "先说短句，想好再开口，少停顿多重复练习。"),
    ("writing", "写完检查三件事：要点齐不齐，时态一致不一致，句子之间有没有连接词。"),
];
