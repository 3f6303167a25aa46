/** Texts of the pupils' pages. */
export default {
  days: '{count} 天',
  due: { now: '待复习', minutes: '{count} 分钟后', hours: '约 {count} 小时后', tomorrow: '明天', days: '{count} 天后（{date}）' },
  today: {
    title: '今天', hello: '{name}，你好', due: '道题等着今天复习', capped: '一共积累了 {count} 道，今天先做这些就好。', start: '开始复习', continue: '继续复习',
    done: '今天已经复习 {count} 道', emptyTitle: '错题本还是空的', emptyHint: '记下第一道错题，系统会分析原因，并在快要忘记的时候提醒你复习。',
    finished: '今天的复习完成了', nothingDue: '今天没有要复习的题', next: '下一次复习：{when}', toBook: '看看错题本',
    streak: '连续复习', longest: '最长 {count} 天', mastery: '掌握率', masteryOf: '{all} 道中的 {mastered} 道',
    classes: '我的班级：{names}', noClass: '还没有加入班级。',
  },
  week: { title: '最近七天', total: '共复习 {count} 次', today: '今天', correct: ' 次复习，答对 {correct} 次' },
  encouragement: {
    begin: '从第一道错题开始。', allDone: '今天的 {count} 道全部复习完了。', underWay: '今天已经完成 {count} 道，接着来。', best: '连续 {count} 天，是你目前最长的纪录。',
    streak: '已经连续复习 {count} 天。', mastered: '已经有 {count} 道题被你真正记住了。', start: '今天有 {count} 道题，一道一道来。', rest: '今天可以休息一下。',
  },
  book: {
    title: '错题本', one: '错题', add: '记一道错题', status: '掌握情况', search: '搜索题目、答案、讲解', type: '类型', order: '排列', deleted: '最近删除的（30 天内可恢复）',
    empty: '错题本里还没有题。记下一道，或等老师录入。', due: '下次复习：{when}', removed: '错题已删除', restored: '错题已恢复', analyse: '重新分析',
  },
  order: { latest: '最近错的在前', oldest: '最早错的在前', most_frequent: '错得最多的在前' },
  print: { title: '我的错题本 PDF', short: '打印', hint: '把错题排成可以打印、可以重做的小册子。' },
  review: {
    title: '复习', today: '今天的复习', leave: '先到这里', recall: '先在心里回答，或写在纸上，再看答案。', look: '看答案', choose: '选择答案', write: '写下你的答案', answer: '提交答案',
    how: '记得怎么样？', byAnswer: '改为作答', bySelf: '不方便输入？自己回想再打分', keysChoice: '按 1-4 或 A-D 选择，回车提交', keysWrite: '回车提交，Shift + 回车换行',
    next: '下一题', finish: '完成',
  },
  rating: {
    again: '忘记了', againHint: '没想起来', hard: '有点难', hardHint: '想了很久', good: '记得', goodHint: '想得起来', easy: '很轻松', easyHint: '马上就会',
  },
  result: {
    correct: '答对了', wrong: '这次还没记住，没关系', again: '这次还没记住，没关系', hard: '记下了：有点难', good: '记下了：记得', easy: '记下了：很轻松',
    next: '下次复习：{when}', againToday: '今天还会再出现一次：{when}', mastered: '这道题已掌握。下次复习：{when}', now: '这次的答案', before: '当时写的',
  },
  end: {
    done: '今天的复习完成了', nothing: '现在没有要复习的题', sitting: '这次答了 {answered} 道，答对 {correct} 道（{share}）。', today: '今天一共复习 {count} 道，答对 {correct} 道。',
    more: '还有 {count} 道排在后面几天，不用着急。', home: '回到今天', progress: '看看进步',
  },
  progress: {
    title: '进步', curve: '掌握率的变化', recall: '平均记得的可能性', state: '当天结束时', reviews: '复习次数', correct: '答对', notYet: '还没记住', newMistakes: '新错题', weeks: '最近十二周', week: '周（起始日）', byType: '按类型', byPoint: '按知识点（最薄弱的在前）',
    masteredOf: '已掌握 / 全部错题', calendar: '复习日历（近半年）', day: '日期', dayTip: '{day}：复习 {count} 次',
  },
  join: {
    title: '加入班级', hint: '输入老师给的入班码。', code: '入班码', go: '加入', mine: '我的班级', none: '还没有加入班级。', teacher: '班主任：{name}', joined: '已加入“{name}”',
  },
}
