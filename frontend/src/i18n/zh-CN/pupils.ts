export default {
  list: {
    title: '学生', search: '姓名、用户名或学号', klass: '班级', grade: '年级', level: '水平', table: '学生名单', username: '用户名', classes: '班级', target: '目标', empty: '还没有学生。先在班级里导入名单。',
    toClasses: '去班级', choose: '选择 {name}', choosePage: '选择本页', chosen: '已选 {count} 人', export: '打印错题本', clear: '取消选择', filters: '筛选学生', unknown: '未定',
  },
  detail: {
    title: '学生', tabs: '学生的资料', overview: '概况', mistakes: '错题', reviews: '复习记录', edit: '修改资料', books: '打印错题本', inClasses: '班级：', weak: '薄弱知识点', noWeak: '还没有分析出薄弱知识点。',
    point: '知识点', count: '错题', mastered: '已掌握', days: '最近 12 周的复习', day: '日期', done: '已复习', correct: '答对', due: '待复习',
    profile: '资料', no: '学号', username: '用户名', grade: '年级', level: '英语水平', exam: '目标考试', score: '目标分数', goal: '学习目标', saved: '已保存',
  },
  mistakes: {
    find: '查找题目', status: '状态', all: '全部状态', types: '全部类型', type: '类型', empty: '还没有错题。', times: '错 {count} 次', due: '下次复习 {when}', dueNow: '现在该复习', last: '最近错于 {when}', add: '录入错题', point: '知识点：{name}',
  },
  reviews: {
    empty: '还没有复习记录。', when: '时间', rating: '掌握程度', correct: '结果', answer: '回答', duration: '用时', recall: '当时的记忆概率', look: '查看错题', right: '答对', wrong: '答错', seconds: '{count} 秒', table: '复习记录',
    ratings: { again: '忘了', hard: '吃力', good: '记得', easy: '轻松' }, open: '错题',
  },
}
