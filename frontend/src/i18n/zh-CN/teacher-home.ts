export default {
  title: '首页', hello: '{name}，您好', today: '今天', active: '今天学习的学生', of: '共 {count} 人', newMistakes: '今天的新错题', reviews: '今天的复习', correct: '答对 {share}',
  exports: '正在生成的文档', queued: '排队 {count}', analyses: '等待分析的错题', week: '最近 7 天', needy: '需要关注的班级', fine: '现在没有需要特别关注的班级。',
  reasons: { no_students: '还没有学生', inactive_students: '近 7 天只有 {active} / {students} 人学习', overdue_reviews: '积压 {count} 道复习', low_mastery: '掌握率 {share}' },
  start: '开始使用', start1: '新建班级', start1Hint: '例如：高二（3）班', start2: '导入学生名单', start2Hint: '在班级页面里拖入 Excel 或 CSV 文件', start3: '录入错题，打印错题本', start3Hint: '可以手工录入，也可以批量导入',
  toClasses: '全部班级',
}
