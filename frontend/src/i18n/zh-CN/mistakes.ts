export default {
  list: {
    hint: '全班的错题都在这里：筛选、批量处理，或点开看分析', enter: '录入错题', import: '批量导入', none: '还没有错题', noneHint: '用键盘快速录入，或从 Excel 批量导入。录入后会自动分析错因。',
    question: '题目', pupil: '学生', answers: '错误答案 / 正确答案', type: '类型', status: '掌握情况', analysis: '分析', times: '错误次数', last: '最近出错',
    choose: '选择：{question}', chooseAll: '选择本页全部错题',
  },
  order: { latest: '最近的在前', oldest: '最早的在前', most_frequent: '错得最多的在前' },
  filter: {
    text: '搜索题目、答案、讲解', class: '班级', allClasses: '全部班级', pupil: '学生', allPupils: '全部学生', status: '掌握情况', allStatuses: '全部状态', type: '类型', allTypes: '全部类型',
    order: '排序', more: '更多条件', point: '知识点', topic: '主题', period: '出错日期', analysis: '分析状态', deleted: '只看已删除的（30 天内可以恢复）',
  },
  bulk: {
    label: '批量操作', count: '已选 {count} 题', most: '一次最多选 {count} 题', status: '改掌握情况', analyse: '重新分析', clear: '取消选择',
    statusSet: '{count} 题已改为“{status}”', deleted: '已删除 {count} 题', restored: '已恢复 {count} 题', analysing: '{count} 题正在重新分析',
  },
  entry: {
    title: '录入错题', hint: '全程可以只用键盘：Tab 切换，Ctrl+Enter 保存并录下一题', save: '保存，录下一题', recorded: '刚刚录入', nothing: '还没有录入。',
    saved: '{name} 的错题已录入', repeated: '{name} 已经有这道错题，错误次数改为 {count} 次', again: '重复，第 {count} 次',
    keep: { label: '录下一题时保留', pupil: '这位学生', question: '这道题目' },
    leaveTitle: '这道题还没有保存', leaveText: '离开后，已填写的内容会丢失。', leave: '离开',
  },
  detail: {
    title: '错题', of: '{name} 的错题', analyse: '重新分析', statusSet: '已改为“{status}”', facts: '这道题', source: '来源', unknown: '未填写', entered: '录入时间', by: '录入人', unknownBy: '未知', imported: '来自批量导入',
    first: '第一次出错', last: '最近出错', reviews: '复习次数', due: '下次复习', dueNow: '现在就该复习', recall: '现在记得的可能性', changed: '最近改动', failed: '分析没有完成，可以重新分析。',
  },
  import: {
    title: '导入错题', hint: '从 Excel 或 CSV 导入全班错题，先预览，确认后才写入', steps: '步骤', step: { file: '选择文件', check: '检查预览', done: '完成' },
    class: '导入到哪个班级', chooseClass: '选择班级', classFirst: '请先选择班级', template: '模板', templateHint: '每行一道错题，用学号或姓名对应学生。', reading: '正在读取并检查文件',
    history: '导入记录', none: '还没有导入过错题。', counts: '新增 {fresh}，重复出错 {changed}，不能导入 {refused}',
    state: { ready: '待确认', committed: '已导入', undone: '已撤销' }, another: '换一个文件', commit: '确认导入 {count} 题', committing: '正在写入 {count} 题，请稍等', progress: '已写入的错题', analysing: '还有 {count} 题等待分析', undoneKept: '已撤销；其中 {count} 题之后复习或修改过，予以保留', committed: '已导入 {count} 题',
    nothing: '没有可以导入的行。请按下面的原因修改文件，再换一个文件。', dryRun: '这是预览，还没有写入：新增 {fresh} 题，{changed} 题已有、错误次数加一，{unchanged} 行没有变化，{refused} 行不能导入。',
    done: '{time} 已导入 {count} 题。', wasUndone: '这次导入已在 {time} 撤销。', undo: '撤销导入', undone: '导入已撤销', undoTitle: '撤销这次导入？', undoText: '这次导入的 {count} 题会从错题本里移除（30 天内可以恢复），之后复习或修改过的除外；增加的错误次数会减回去。',
    show: '查看班级错题', encoding: '文件编码：{name}。', ignored: '没有用到的列：{names}。', filter: '按结果筛选', rows: '文件里的行', row: '行', outcomeHead: '结果和原因',
    outcome: { new: '新增', changed: '已有，次数加一', unchanged: '没有变化', refused: '不能导入' }, reason: '{field}：{words}', change: '{field}：{before} → {after}',
    field: {
      student_no: '学号', full_name: '姓名', question: '题目', wrong_answer: '错误答案', correct_answer: '正确答案', type: '类型', explanation: '解析', source: '来源',
      topic: '主题', difficulty_level: '难度', mistaken_at: '日期', times_wrong: '错误次数', last_mistaken_at: '最近出错',
    },
    problem: {
      STUDENT_NOT_FOUND: '班里没有这位学生', AMBIGUOUS: '有重名，请填学号', NAME_DIFFERS: '学号和姓名对不上', REQUIRED: '必填', UNKNOWN: '不认识这个值', INVALID: '格式不正确',
      CELL_ERROR: '单元格里是错误值', FORMULA_WITHOUT_VALUE: '公式没有结果', NUMBER_ROUNDED: '数字太长，被表格软件截短了（如 1.23E+19），请把这一列设为文本后重新填写',
    },
  },
  export: {
    hint: '为班级或学生生成可以打印的错题本', who: '给谁', classes: '按班级', pupils: '按学生', classHint: '每个班得到一个 ZIP，里面每人一份', noClass: '请选择班级', chooseClass: '选择班级',
    some: '只要这些学生（选填）', someHint: '不选就是全班', everybody: '全班', pupilHint: '每位学生一份文件；人多时请按班级', noPupil: '请选择学生', tooMany: '一次最多 {count} 位学生，请去掉几位，或改为按班级选择',
    make: '生成错题本', queued: '{count} 份正在生成，进度在列表里', none: '还没有生成过错题本。选好班级或学生，点“生成错题本”。',
  },
  tool: {
    check: '检查文章', profile: '文章难度', checkHint: '找出英语文章里的错误，说明原因，逐条采纳', profileHint: '看一篇文章有多难，哪些词超出学生的水平',
    text: '英语文章', limit: '最多 {count} 个字符', placeholder: 'Paste or type an English text here.',
  },
  check: {
    go: '检查', result: '检查结果', clean: '没有发现错误', found: '发现 {count} 处，还有 {open} 处没有处理', byRules: '由规则引擎检查', applyAll: '全部采纳', allApplied: '已全部采纳', apply: '采纳', ignore: '忽略',
    applied: '已采纳', ignored: '已忽略', leaveOut: '去掉', becomes: '改为', hint: '检查之后，修改建议会标在原文里。',
  },
  profile: {
    go: '分析难度', result: '分析结果', level: '等级', words: '词数', sentences: '句数', length: '平均句长（词）', share: '占比', from: '标出这个等级以上的词：', marked: '按等级标记的文章',
    distribution: '各等级词数', hard: '较难的词', noHard: '没有较难的词', hint: '分析之后，每个词按 CEFR 等级标出来。',
  },
}
