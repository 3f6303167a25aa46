//! The knowledge points, by category.

use super::{Category, KnowledgePoint};

static NOUN: Category = Category { id: "noun", name_zh: "名词", name_en: "Nouns" };
static ARTICLE: Category = Category { id: "article", name_zh: "冠词", name_en: "Articles" };
static PRONOUN: Category = Category { id: "pronoun", name_zh: "代词", name_en: "Pronouns" };
static NUMERAL: Category = Category { id: "numeral", name_zh: "数词", name_en: "Numerals" };
static ADJECTIVE: Category =
    Category { id: "adjective", name_zh: "形容词", name_en: "Adjectives" };
static ADVERB: Category = Category { id: "adverb", name_zh: "副词", name_en: "Adverbs" };
static COMPARISON: Category =
    Category { id: "comparison", name_zh: "比较结构", name_en: "Comparison" };
static PREPOSITION: Category =
    Category { id: "preposition", name_zh: "介词", name_en: "Prepositions" };
static CONJUNCTION: Category =
    Category { id: "conjunction", name_zh: "连词", name_en: "Conjunctions" };
static VERB: Category = Category { id: "verb", name_zh: "动词", name_en: "Verbs" };
static TENSE: Category = Category { id: "tense", name_zh: "时态", name_en: "Tenses" };
static VOICE: Category = Category { id: "voice", name_zh: "语态", name_en: "Voice" };
static MODAL: Category = Category { id: "modal", name_zh: "情态动词", name_en: "Modal verbs" };
static MOOD: Category = Category { id: "mood", name_zh: "语气", name_en: "Mood" };
static NONFINITE: Category =
    Category { id: "nonfinite", name_zh: "非谓语动词", name_en: "Non-finite verbs" };
static NOMINAL: Category =
    Category { id: "clause_nominal", name_zh: "名词性从句", name_en: "Nominal clauses" };
static RELATIVE: Category =
    Category { id: "clause_relative", name_zh: "定语从句", name_en: "Relative clauses" };
static ADVERBIAL: Category =
    Category { id: "clause_adverbial", name_zh: "状语从句", name_en: "Adverbial clauses" };
static SENTENCE: Category =
    Category { id: "sentence", name_zh: "句法", name_en: "Sentence structure" };
static VOCABULARY: Category =
    Category { id: "vocabulary", name_zh: "词汇", name_en: "Vocabulary" };
static FORMATION: Category =
    Category { id: "word_formation", name_zh: "构词法", name_en: "Word formation" };
static COMMUNICATION: Category =
    Category { id: "communication", name_zh: "情景交际", name_en: "Communication" };
static READING: Category = Category { id: "reading", name_zh: "阅读", name_en: "Reading" };
static WRITING: Category = Category { id: "writing", name_zh: "写作", name_en: "Writing" };
static LISTENING: Category = Category { id: "listening", name_zh: "听力", name_en: "Listening" };
static PRONUNCIATION: Category =
    Category {
        id: "pronunciation", name_zh: "语音与口语", name_en: "Pronunciation and speaking"
    };

const fn point(
    category: &'static Category,
    id: &'static str,
    name_zh: &'static str,
    name_en: &'static str,
) -> KnowledgePoint {
    KnowledgePoint { id, name_zh, name_en, category }
}

/// Every knowledge point, in the order of the syllabus.
pub(super) static POINTS: &[KnowledgePoint] = &[
    point(&NOUN, "noun.number", "名词单复数", "Singular and plural of nouns"),
    point(&NOUN, "noun.countability", "可数与不可数名词", "Countable and uncountable nouns"),
    point(&NOUN, "noun.possessive", "名词所有格", "Possessive of nouns"),
    point(&NOUN, "noun.attributive", "名词作定语", "Nouns as attributes"),
    point(&NOUN, "noun.proper", "专有名词与大小写", "Proper nouns and capital letters"),
    point(&ARTICLE, "article.indefinite", "不定冠词 a/an", "Indefinite article"),
    point(&ARTICLE, "article.a_an", "a 与 an 的区别", "Choice between a and an"),
    point(&ARTICLE, "article.definite", "定冠词 the", "Definite article"),
    point(&ARTICLE, "article.zero", "零冠词", "Zero article"),
    point(&PRONOUN, "pronoun.personal", "人称代词", "Personal pronouns"),
    point(&PRONOUN, "pronoun.possessive", "物主代词", "Possessive pronouns"),
    point(&PRONOUN, "pronoun.reflexive", "反身代词", "Reflexive pronouns"),
    point(&PRONOUN, "pronoun.demonstrative", "指示代词", "Demonstrative pronouns"),
    point(&PRONOUN, "pronoun.indefinite", "不定代词", "Indefinite pronouns"),
    point(&PRONOUN, "pronoun.agreement", "代词指代一致", "Agreement of pronouns"),
    point(&PRONOUN, "pronoun.interrogative", "疑问代词", "Interrogative pronouns"),
    point(&PRONOUN, "pronoun.it", "it 的用法", "Uses of it"),
    point(
        &PRONOUN,
        "pronoun.it_formal",
        "it 作形式主语或形式宾语",
        "It as formal subject or object",
    ),
    point(&NUMERAL, "numeral.cardinal", "基数词", "Cardinal numbers"),
    point(&NUMERAL, "numeral.ordinal", "序数词", "Ordinal numbers"),
    point(
        &NUMERAL,
        "numeral.fraction",
        "分数、百分数与倍数",
        "Fractions, percentages and multiples",
    ),
    point(&NUMERAL, "numeral.quantifier", "数量限定词", "Quantifiers"),
    point(
        &ADJECTIVE,
        "adjective.use",
        "形容词作定语和表语",
        "Adjectives as attributes and predicatives",
    ),
    point(&ADJECTIVE, "adjective.participle", "-ing 与 -ed 形容词", "Adjectives in -ing and -ed"),
    point(&ADJECTIVE, "adjective.order", "形容词的位置与顺序", "Position and order of adjectives"),
    point(&ADJECTIVE, "adjective.comparative", "形容词比较级", "Comparative of adjectives"),
    point(&ADJECTIVE, "adjective.superlative", "形容词最高级", "Superlative of adjectives"),
    point(&ADVERB, "adverb.use", "副词作状语", "Adverbs as modifiers"),
    point(&ADVERB, "adverb.degree", "程度副词", "Adverbs of degree"),
    point(&ADVERB, "adverb.comparative", "副词比较级和最高级", "Comparison of adverbs"),
    point(&ADVERB, "adverb.linking", "连接性副词", "Linking adverbs"),
    point(&ADVERB, "adverb.position", "副词的位置", "Position of adverbs"),
    point(&COMPARISON, "comparison.as_as", "as…as 同级比较", "Comparison with as ... as"),
    point(&COMPARISON, "comparison.than", "than 引导的比较", "Comparison with than"),
    point(&COMPARISON, "comparison.the_the", "the more … the more …", "The more ... the more ..."),
    point(&COMPARISON, "comparison.modified", "比较级的修饰语", "Modifiers of comparatives"),
    point(&PREPOSITION, "preposition.time", "时间介词", "Prepositions of time"),
    point(
        &PREPOSITION,
        "preposition.place",
        "地点与方位介词",
        "Prepositions of place and direction",
    ),
    point(
        &PREPOSITION,
        "preposition.manner",
        "方式、手段与原因介词",
        "Prepositions of manner, means and cause",
    ),
    point(&PREPOSITION, "preposition.verb", "动词与介词的搭配", "Prepositions after verbs"),
    point(
        &PREPOSITION,
        "preposition.adjective",
        "形容词与介词的搭配",
        "Prepositions after adjectives",
    ),
    point(&PREPOSITION, "preposition.noun", "名词与介词的搭配", "Prepositions after nouns"),
    point(&PREPOSITION, "preposition.use", "介词的用法", "Use of prepositions"),
    point(&PREPOSITION, "preposition.phrase", "介词短语", "Prepositional phrases"),
    point(&CONJUNCTION, "conjunction.coordinating", "并列连词", "Coordinating conjunctions"),
    point(
        &CONJUNCTION,
        "conjunction.correlative",
        "关联连词（both…and 等）",
        "Correlative conjunctions",
    ),
    point(&CONJUNCTION, "conjunction.subordinating", "从属连词", "Subordinating conjunctions"),
    point(
        &CONJUNCTION,
        "conjunction.doubled",
        "连词重复（although…but 等）",
        "Doubled conjunctions",
    ),
    point(&VERB, "verb.form", "动词的形式变化", "Forms of verbs"),
    point(&VERB, "verb.transitivity", "及物与不及物动词", "Transitive and intransitive verbs"),
    point(&VERB, "verb.linking", "系动词", "Linking verbs"),
    point(&VERB, "verb.auxiliary", "助动词", "Auxiliary verbs"),
    point(&VERB, "verb.be", "be 动词的遗漏与多余", "Missing and extra be"),
    point(&VERB, "verb.pattern", "动词句型（动词后的宾语和补语）", "Verb patterns"),
    point(&TENSE, "verb.tense", "时态综合", "Tenses in general"),
    point(&TENSE, "verb.tense.present_simple", "一般现在时", "Present simple"),
    point(&TENSE, "verb.tense.past_simple", "一般过去时", "Past simple"),
    point(&TENSE, "verb.tense.future_simple", "一般将来时", "Future simple"),
    point(&TENSE, "verb.tense.past_future", "过去将来时", "Future in the past"),
    point(&TENSE, "verb.tense.present_progressive", "现在进行时", "Present progressive"),
    point(&TENSE, "verb.tense.past_progressive", "过去进行时", "Past progressive"),
    point(&TENSE, "verb.tense.future_progressive", "将来进行时", "Future progressive"),
    point(&TENSE, "verb.tense.present_perfect", "现在完成时", "Present perfect"),
    point(&TENSE, "verb.tense.past_perfect", "过去完成时", "Past perfect"),
    point(&TENSE, "verb.tense.future_perfect", "将来完成时", "Future perfect"),
    point(
        &TENSE,
        "verb.tense.present_perfect_progressive",
        "现在完成进行时",
        "Present perfect progressive",
    ),
    point(&TENSE, "verb.tense.consistency", "时态一致", "Consistency of tenses"),
    point(&VOICE, "verb.voice.passive", "被动语态", "Passive voice"),
    point(&VOICE, "verb.voice.active_meaning", "主动表被动", "Active form with passive meaning"),
    point(&VOICE, "verb.voice.get", "get/have 与过去分词", "Get and have with a past participle"),
    point(&MODAL, "verb.modal", "情态动词的用法", "Use of modal verbs"),
    point(&MODAL, "verb.modal.base", "情态动词后接动词原形", "Base form after modal verbs"),
    point(&MODAL, "verb.modal.deduction", "情态动词表推测", "Modal verbs of deduction"),
    point(&MODAL, "verb.modal.perfect", "情态动词 + have done", "Modal verbs with have done"),
    point(
        &MODAL,
        "verb.modal.permission",
        "情态动词表请求与许可",
        "Modal verbs of request and permission",
    ),
    point(&MODAL, "verb.modal.obligation", "情态动词表义务与必要", "Modal verbs of obligation"),
    point(
        &MOOD,
        "mood.subjunctive.conditional",
        "条件句中的虚拟语气",
        "Subjunctive in conditional sentences",
    ),
    point(
        &MOOD,
        "mood.subjunctive.wish",
        "wish、if only 后的虚拟语气",
        "Subjunctive after wish and if only",
    ),
    point(
        &MOOD,
        "mood.subjunctive.should",
        "suggest 等后的虚拟语气",
        "Subjunctive after suggest and the like",
    ),
    point(&MOOD, "mood.imperative", "祈使句", "Imperative"),
    point(&MOOD, "mood.exclamation", "感叹句", "Exclamations"),
    point(&MOOD, "mood.tag_question", "反意疑问句", "Tag questions"),
    point(&MOOD, "mood.question", "一般与特殊疑问句", "Questions"),
    point(&NONFINITE, "nonfinite.general", "非谓语动词综合", "Non-finite verbs in general"),
    point(&NONFINITE, "nonfinite.infinitive", "动词不定式", "Infinitive"),
    point(
        &NONFINITE,
        "nonfinite.infinitive_purpose",
        "不定式作目的与结果状语",
        "Infinitive of purpose and result",
    ),
    point(&NONFINITE, "nonfinite.infinitive_object", "不定式作宾语", "Infinitive as object"),
    point(
        &NONFINITE,
        "nonfinite.infinitive_complement",
        "不定式作宾语补足语",
        "Infinitive as object complement",
    ),
    point(&NONFINITE, "nonfinite.infinitive_attribute", "不定式作定语", "Infinitive as attribute"),
    point(&NONFINITE, "nonfinite.bare_infinitive", "不带 to 的不定式", "Bare infinitive"),
    point(&NONFINITE, "nonfinite.gerund", "动名词", "Gerund"),
    point(
        &NONFINITE,
        "nonfinite.gerund_after_preposition",
        "介词后接动名词",
        "Gerund after prepositions",
    ),
    point(&NONFINITE, "nonfinite.gerund_object", "动名词作宾语", "Gerund as object"),
    point(&NONFINITE, "nonfinite.gerund_subject", "动名词作主语", "Gerund as subject"),
    point(&NONFINITE, "nonfinite.present_participle", "现在分词作状语和定语", "Present participle"),
    point(&NONFINITE, "nonfinite.past_participle", "过去分词作状语和定语", "Past participle"),
    point(
        &NONFINITE,
        "nonfinite.participle_complement",
        "分词作宾语补足语",
        "Participles as object complement",
    ),
    point(
        &NONFINITE,
        "nonfinite.absolute",
        "独立主格与 with 复合结构",
        "Absolute and with constructions",
    ),
    point(&NOMINAL, "clause.nominal", "名词性从句综合", "Nominal clauses in general"),
    point(&NOMINAL, "clause.nominal.subject", "主语从句", "Subject clauses"),
    point(&NOMINAL, "clause.nominal.object", "宾语从句", "Object clauses"),
    point(&NOMINAL, "clause.nominal.predicative", "表语从句", "Predicative clauses"),
    point(&NOMINAL, "clause.nominal.appositive", "同位语从句", "Appositive clauses"),
    point(&NOMINAL, "clause.nominal.order", "从句的陈述语序", "Statement order in clauses"),
    point(&RELATIVE, "clause.relative", "定语从句综合", "Relative clauses in general"),
    point(&RELATIVE, "clause.relative.pronoun", "关系代词", "Relative pronouns"),
    point(&RELATIVE, "clause.relative.adverb", "关系副词", "Relative adverbs"),
    point(
        &RELATIVE,
        "clause.relative.non_restrictive",
        "非限制性定语从句",
        "Non-restrictive relative clauses",
    ),
    point(
        &RELATIVE,
        "clause.relative.preposition",
        "介词 + 关系代词",
        "Preposition with relative pronoun",
    ),
    point(&RELATIVE, "clause.relative.as", "as 引导的定语从句", "Relative clauses with as"),
    point(&ADVERBIAL, "clause.adverbial", "状语从句综合", "Adverbial clauses in general"),
    point(&ADVERBIAL, "clause.adverbial.time", "时间状语从句", "Clauses of time"),
    point(&ADVERBIAL, "clause.adverbial.place", "地点状语从句", "Clauses of place"),
    point(&ADVERBIAL, "clause.adverbial.condition", "条件状语从句", "Clauses of condition"),
    point(&ADVERBIAL, "clause.adverbial.cause", "原因状语从句", "Clauses of cause"),
    point(&ADVERBIAL, "clause.adverbial.concession", "让步状语从句", "Clauses of concession"),
    point(&ADVERBIAL, "clause.adverbial.purpose", "目的状语从句", "Clauses of purpose"),
    point(
        &ADVERBIAL,
        "clause.adverbial.result",
        "结果状语从句（so/such…that）",
        "Clauses of result",
    ),
    point(
        &ADVERBIAL,
        "clause.adverbial.manner",
        "方式与比较状语从句",
        "Clauses of manner and comparison",
    ),
    point(
        &ADVERBIAL,
        "clause.adverbial.ellipsis",
        "状语从句的省略",
        "Ellipsis in adverbial clauses",
    ),
    point(&SENTENCE, "sentence.agreement", "主谓一致", "Subject-verb agreement"),
    point(
        &SENTENCE,
        "sentence.agreement.proximity",
        "就近一致与就远一致",
        "Agreement with the nearer or farther subject",
    ),
    point(&SENTENCE, "sentence.inversion.full", "完全倒装", "Full inversion"),
    point(&SENTENCE, "sentence.inversion.partial", "部分倒装", "Partial inversion"),
    point(&SENTENCE, "sentence.emphasis", "强调句", "Emphatic sentences"),
    point(&SENTENCE, "sentence.ellipsis", "省略与替代", "Ellipsis and substitution"),
    point(&SENTENCE, "sentence.there_be", "there be 句型", "There be"),
    point(&SENTENCE, "sentence.parallel", "平行结构", "Parallel structure"),
    point(&SENTENCE, "sentence.negation", "否定", "Negation"),
    point(&SENTENCE, "sentence.word_order", "语序", "Word order"),
    point(&SENTENCE, "sentence.run_on", "连写句与残缺句", "Run-on sentences and fragments"),
    point(&SENTENCE, "sentence.redundancy", "成分多余", "Redundant elements"),
    point(&VOCABULARY, "vocabulary.noun", "名词辨析", "Choice of nouns"),
    point(&VOCABULARY, "vocabulary.verb", "动词辨析", "Choice of verbs"),
    point(&VOCABULARY, "vocabulary.adjective", "形容词辨析", "Choice of adjectives"),
    point(&VOCABULARY, "vocabulary.adverb", "副词辨析", "Choice of adverbs"),
    point(&VOCABULARY, "vocabulary.phrasal_verb", "动词短语辨析", "Choice of phrasal verbs"),
    point(&VOCABULARY, "vocabulary.collocation", "固定搭配", "Fixed expressions and collocations"),
    point(&VOCABULARY, "vocabulary.context", "语境中的词义", "Meaning in context"),
    point(
        &VOCABULARY,
        "vocabulary.confusable",
        "形近与音近词",
        "Words confused for their form or sound",
    ),
    point(&VOCABULARY, "vocabulary.spelling", "单词拼写", "Spelling"),
    point(&VOCABULARY, "vocabulary.idiom", "习语与谚语", "Idioms and proverbs"),
    point(&FORMATION, "formation.noun", "名词的派生", "Derived nouns"),
    point(&FORMATION, "formation.adjective", "形容词的派生", "Derived adjectives"),
    point(&FORMATION, "formation.adverb", "副词的派生", "Derived adverbs"),
    point(&FORMATION, "formation.verb", "动词的派生", "Derived verbs"),
    point(&FORMATION, "formation.negative", "否定前缀与后缀", "Negative prefixes and suffixes"),
    point(&FORMATION, "formation.class", "词性转换", "Change of word class"),
    point(&COMMUNICATION, "communication.general", "情景交际综合", "Everyday English in general"),
    point(&COMMUNICATION, "communication.thanks", "感谢与应答", "Thanks and replies"),
    point(&COMMUNICATION, "communication.apology", "道歉与应答", "Apologies and replies"),
    point(&COMMUNICATION, "communication.request", "请求与应答", "Requests and replies"),
    point(&COMMUNICATION, "communication.suggestion", "建议与应答", "Suggestions and replies"),
    point(&COMMUNICATION, "communication.opinion", "同意与不同意", "Agreeing and disagreeing"),
    point(&COMMUNICATION, "communication.emotion", "情感与态度", "Feelings and attitudes"),
    point(
        &COMMUNICATION,
        "communication.social",
        "问候、介绍与祝愿",
        "Greetings, introductions and wishes",
    ),
    point(&READING, "reading.detail", "细节理解", "Understanding details"),
    point(&READING, "reading.main_idea", "主旨大意", "Main idea"),
    point(&READING, "reading.inference", "推理判断", "Inference"),
    point(&READING, "reading.word_meaning", "词义猜测", "Guessing the meaning of words"),
    point(&READING, "reading.attitude", "观点态度", "Opinion and attitude"),
    point(&READING, "reading.structure", "篇章结构与衔接", "Text structure and cohesion"),
    point(&WRITING, "writing.content", "内容要点", "Content and key points"),
    point(&WRITING, "writing.coherence", "连贯与衔接", "Coherence"),
    point(&WRITING, "writing.variety", "句式多样", "Variety of sentences"),
    point(&WRITING, "writing.punctuation", "标点符号", "Punctuation"),
    point(&WRITING, "writing.format", "格式与文体", "Format and register"),
    point(&LISTENING, "listening.detail", "听取细节", "Listening for detail"),
    point(&LISTENING, "listening.gist", "听取大意", "Listening for gist"),
    point(&LISTENING, "listening.inference", "听力推断", "Inference from listening"),
    point(&PRONUNCIATION, "pronunciation.vowel", "元音", "Vowels"),
    point(&PRONUNCIATION, "pronunciation.consonant", "辅音", "Consonants"),
    point(&PRONUNCIATION, "pronunciation.stress", "重音与语调", "Stress and intonation"),
    point(&PRONUNCIATION, "speaking.fluency", "口语流利度", "Fluency in speaking"),
];
