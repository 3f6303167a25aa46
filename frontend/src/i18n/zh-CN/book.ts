/** Texts of src/features: mistakes in forms, their analysis and history, mistake books. */
export default {
  field: {
    question: '题目', questionHint: '可以连同选项一起粘贴，选项会自动拆开', options: '选项', optionsHint: '没有选项就留空', option: '选项 {letter}',
    wrong: '错误答案', mine: '我当时的答案', right: '正确答案', rightHint: '多个正确答案用 / 分开；选择题写字母即可', type: '类型', more: '更多：主题、来源、讲解、难度',
    topic: '主题', source: '来源', sourceHint: '例如：2026 期中卷', explanation: '讲解', level: '难度', noLevel: '不填', pupil: '学生',
  },
  editor: {
    title: '修改错题', saved: '错题已修改', again: '题目或答案改动后会重新分析', conflict: '你编辑的时候，别人已经改过这道题。要保留哪一份？', same: '两边的内容一样，可以直接保存。',
    field: '项目', theirs: '现在的内容', mine: '我的修改', keepMine: '保存我的修改', takeTheirs: '放弃我的，用现在的',
  },
  entry: {
    titleOwn: '记一道错题', savedOwn: '已经记进错题本', repeatedOwn: '这道题错题本里已经有了，错误次数记为 {count} 次',
  },
  similar: { title: '相似的错题', everybody: '包括其他学生', none: '没有找到相似的错题', waiting: '分析完成后才能查找相似的错题', share: '相似度 {share}' },
  log: {
    title: '复习记录', none: '还没有复习过', right: '答对', wrong: '答错', again: '忘记了', hard: '有点难', good: '记得', easy: '很轻松',
    seconds: '用时 {seconds} 秒', recall: '当时记得的可能性 {share}', stability: '记忆可保持约 {days} 天',
  },
  pupil: { find: '输入姓名或学号' },
  order: { knowledge_point: '按知识点', date: '按日期', frequency: '按错误次数' },
  answers: { inline: '跟在题后', apart: '集中在最后', none: '不印答案' },
  font: { small: '小', medium: '中', large: '大' },
  paper: { a4: 'A4', b5: 'B5' },
  format: { pdf: 'PDF', markdown: 'Markdown' },
  document: { mistake_book: '错题本', class_mistake_books: '全班错题本（ZIP，每人一份）' },
  form: {
    which: '收录哪些错题', status: '掌握情况', types: '类型', points: '知识点', period: '出错日期', from: '从哪一天', until: '到哪一天', order: '排列',
    what: '印什么', answers: '答案', analysis: '错因分析', similar: '相似题', redo: '留出重做的空白', look: '样式', format: '格式', paper: '纸张', font: '字号', locale: '标题语言',
    makeOwn: '生成我的错题本', options: '选择内容和样式', queuedOwn: '正在生成，完成后可以预览和下载',
  },
  task: {
    history: '生成记录', noneOwn: '还没有生成过错题本。点上面的按钮，生成第一本。', preview: '预览', previewOf: '预览：{title}', cancel: '取消生成', again: '重新生成', delete: '删除：{title}',
    deleteTitle: '删除这份文件？', deleteText: '“{title}”会从记录中删除，文件不能再下载。', until: '保留到 {time}', because: '：{reason}',
    noViewer: '浏览器不能直接显示时，请下载后打开。',
  },
}
