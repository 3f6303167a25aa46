//! How published Chinese explanations name knowledge points.

use super::{KnowledgePoint, find};

/// Words of explanations and the knowledge point they mean; the more specific words come first.
pub static POINTS: &[(&str, &str)] = &[
    ("状语从句中的省略", "clause.adverbial.ellipsis"),
    ("状语从句的省略", "clause.adverbial.ellipsis"),
    ("非限制性定语从句", "clause.relative.non_restrictive"),
    ("非限定性定语从句", "clause.relative.non_restrictive"),
    ("介词+关系代词", "clause.relative.preposition"),
    ("介词加关系代词", "clause.relative.preposition"),
    ("关系副词", "clause.relative.adverb"),
    ("关系代词", "clause.relative.pronoun"),
    ("定语从句", "clause.relative"),
    ("关系词", "clause.relative"),
    ("同位语从句", "clause.nominal.appositive"),
    ("主语从句", "clause.nominal.subject"),
    ("表语从句", "clause.nominal.predicative"),
    ("宾语从句", "clause.nominal.object"),
    ("名词性从句", "clause.nominal"),
    ("让步状语从句", "clause.adverbial.concession"),
    ("时间状语从句", "clause.adverbial.time"),
    ("地点状语从句", "clause.adverbial.place"),
    ("条件状语从句", "clause.adverbial.condition"),
    ("原因状语从句", "clause.adverbial.cause"),
    ("目的状语从句", "clause.adverbial.purpose"),
    ("结果状语从句", "clause.adverbial.result"),
    ("方式状语从句", "clause.adverbial.manner"),
    ("比较状语从句", "clause.adverbial.manner"),
    ("状语从句", "clause.adverbial"),
    ("强调句", "sentence.emphasis"),
    ("完全倒装", "sentence.inversion.full"),
    ("全部倒装", "sentence.inversion.full"),
    ("部分倒装", "sentence.inversion.partial"),
    ("倒装", "sentence.inversion.partial"),
    ("反意疑问", "mood.tag_question"),
    ("反义疑问", "mood.tag_question"),
    ("祈使句", "mood.imperative"),
    ("感叹句", "mood.exclamation"),
    ("虚拟语气", "mood.subjunctive.conditional"),
    ("独立主格", "nonfinite.absolute"),
    ("复合结构", "nonfinite.absolute"),
    ("不定式作宾语补足语", "nonfinite.infinitive_complement"),
    ("不定式做宾语补足语", "nonfinite.infinitive_complement"),
    ("不定式作宾补", "nonfinite.infinitive_complement"),
    ("不定式作目的状语", "nonfinite.infinitive_purpose"),
    ("不定式做目的状语", "nonfinite.infinitive_purpose"),
    ("不定式表目的", "nonfinite.infinitive_purpose"),
    ("不定式作结果状语", "nonfinite.infinitive_purpose"),
    ("不定式作定语", "nonfinite.infinitive_attribute"),
    ("不定式做定语", "nonfinite.infinitive_attribute"),
    ("不定式作宾语", "nonfinite.infinitive_object"),
    ("不定式", "nonfinite.infinitive"),
    ("动名词作主语", "nonfinite.gerund_subject"),
    ("动名词做主语", "nonfinite.gerund_subject"),
    ("动名词作宾语", "nonfinite.gerund_object"),
    ("动名词做宾语", "nonfinite.gerund_object"),
    ("动名词", "nonfinite.gerund"),
    ("现在分词", "nonfinite.present_participle"),
    ("过去分词", "nonfinite.past_participle"),
    ("非谓语", "nonfinite.general"),
    ("主谓一致", "sentence.agreement"),
    ("过去完成进行时", "verb.tense.past_perfect"),
    ("现在完成进行时", "verb.tense.present_perfect_progressive"),
    ("过去完成时", "verb.tense.past_perfect"),
    ("现在完成时", "verb.tense.present_perfect"),
    ("将来完成时", "verb.tense.future_perfect"),
    ("过去进行时", "verb.tense.past_progressive"),
    ("现在进行时", "verb.tense.present_progressive"),
    ("将来进行时", "verb.tense.future_progressive"),
    ("过去将来时", "verb.tense.past_future"),
    ("一般将来时", "verb.tense.future_simple"),
    ("一般过去", "verb.tense.past_simple"),
    ("一般现在", "verb.tense.present_simple"),
    ("时态", "verb.tense"),
    ("被动语态", "verb.voice.passive"),
    ("语态", "verb.voice.passive"),
    ("情态动词", "verb.modal"),
    ("助动词", "verb.auxiliary"),
    ("系动词", "verb.linking"),
    ("动词短语", "vocabulary.phrasal_verb"),
    ("短语动词", "vocabulary.phrasal_verb"),
    ("动词词组", "vocabulary.phrasal_verb"),
    ("形容词比较级", "adjective.comparative"),
    ("形容词的比较级", "adjective.comparative"),
    ("形容词最高级", "adjective.superlative"),
    ("形容词的最高级", "adjective.superlative"),
    ("副词比较级", "adverb.comparative"),
    ("倍数", "numeral.fraction"),
    ("比较级", "adjective.comparative"),
    ("最高级", "adjective.superlative"),
    ("同级比较", "comparison.as_as"),
    ("不可数名词", "noun.countability"),
    ("名词的数", "noun.number"),
    ("名词单复数", "noun.number"),
    ("名词的单复数", "noun.number"),
    ("名词复数", "noun.number"),
    ("名词的复数", "noun.number"),
    ("单复数", "noun.number"),
    ("名词所有格", "noun.possessive"),
    ("所有格", "noun.possessive"),
    ("名词辨析", "vocabulary.noun"),
    ("名词词义", "vocabulary.noun"),
    ("不定冠词", "article.indefinite"),
    ("定冠词", "article.definite"),
    ("零冠词", "article.zero"),
    ("冠词", "article.definite"),
    ("形容词性物主代词", "pronoun.possessive"),
    ("名词性物主代词", "pronoun.possessive"),
    ("物主代词", "pronoun.possessive"),
    ("反身代词", "pronoun.reflexive"),
    ("人称代词", "pronoun.personal"),
    ("不定代词", "pronoun.indefinite"),
    ("指示代词", "pronoun.demonstrative"),
    ("疑问代词", "pronoun.interrogative"),
    ("代词指代一致", "pronoun.agreement"),
    ("形式主语", "pronoun.it_formal"),
    ("形式宾语", "pronoun.it_formal"),
    ("代词", "pronoun.personal"),
    ("序数词", "numeral.ordinal"),
    ("基数词", "numeral.cardinal"),
    ("数词", "numeral.cardinal"),
    ("副词辨析", "vocabulary.adverb"),
    ("副词词义", "vocabulary.adverb"),
    ("形容词辨析", "vocabulary.adjective"),
    ("形容词的辨析", "vocabulary.adjective"),
    ("形容词词义", "vocabulary.adjective"),
    ("动词辨析", "vocabulary.verb"),
    ("动词词义", "vocabulary.verb"),
    ("介词短语", "preposition.phrase"),
    ("介词", "preposition.use"),
    ("并列连词", "conjunction.coordinating"),
    ("从属连词", "conjunction.subordinating"),
    ("连接词", "conjunction.subordinating"),
    ("连词", "conjunction.coordinating"),
    ("引导词", "conjunction.subordinating"),
    ("there be", "sentence.there_be"),
    ("交际用语", "communication.general"),
    ("情景交际", "communication.general"),
    ("日常用语", "communication.general"),
    ("固定搭配", "vocabulary.collocation"),
    ("固定短语", "vocabulary.collocation"),
    ("固定词组", "vocabulary.collocation"),
    ("固定句", "vocabulary.collocation"),
    ("短语搭配", "vocabulary.collocation"),
    ("词语搭配", "vocabulary.collocation"),
    ("词性转换", "formation.class"),
    ("构词", "formation.class"),
    ("副词", "adverb.use"),
    ("形容词", "adjective.use"),
    ("谓语动词", "verb.form"),
    ("动词", "verb.form"),
    ("名词", "noun.number"),
];

/// Points that explanations also name when they mean a whole class, as 冠词 and 连词, with the
/// beginnings of ids that may be meant.
const GENERAL: &[(&str, &[&str])] = &[
    ("article.definite", &["article"]),
    ("pronoun.personal", &["pronoun"]),
    ("conjunction.coordinating", &["conjunction", "clause"]),
    ("conjunction.subordinating", &["conjunction", "clause"]),
    ("noun.number", &["noun", "vocabulary.noun"]),
    ("mood.subjunctive.conditional", &["mood.subjunctive"]),
];

/// Says whether the name of one point may mean another, more special one.
#[must_use]
pub fn may_mean(named: &str, id: &str) -> bool {
    GENERAL.iter().any(|(general, starts)| {
        *general == named
            && starts.iter().any(|start| {
                id.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
    })
}

/// Words before which an explanation names what is tested.
const MARKERS: &[&str] = &["考查", "考察", "考点", "知识点"];

/// Longest distance, in characters, from the marker to the name of the point.
const REACH: usize = 24;

/// Returns the clause of an explanation that says what is tested, without spaces.
#[must_use]
pub fn tested(explanation: &str) -> Option<String> {
    let plain: String = explanation.chars().filter(|letter| !letter.is_whitespace()).collect();
    let at = MARKERS.iter().filter_map(|marker| Some(plain.find(marker)? + marker.len())).min()?;
    let ends = ['．', '。', '，', ',', ';', '；', '\n'];
    Some(plain[at..].chars().take(REACH).take_while(|letter| !ends.contains(letter)).collect())
}

/// Finds the knowledge points named in words of an explanation, most specific first, at most three.
#[must_use]
pub fn points(words: &str) -> Vec<&'static KnowledgePoint> {
    let mut rest: String = words.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut found: Vec<&'static KnowledgePoint> = Vec::new();
    for (name, id) in POINTS {
        let name = name.replace(' ', "");
        if found.len() < 3
            && rest.contains(&name)
            && let Some(point) = find(id)
        {
            // A longer name hides the shorter ones inside it.
            rest = rest.replace(&name, "|");
            if !found.contains(&point) {
                found.push(point);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tested_point_is_found() {
        let words = tested("1．cup改为cups　考查 名词复数．结合下文可知").unwrap();
        assert_eq!(words, "名词复数");
        assert_eq!(points(&words)[0].id, "noun.number");
        assert_eq!(tested("句意：他走了。"), None);
    }

    #[test]
    fn the_specific_name_hides_the_general_one() {
        let found = points("非限制性定语从句");
        assert_eq!(
            found.iter().map(|point| point.id).collect::<Vec<_>>(),
            ["clause.relative.non_restrictive"]
        );
    }
}
