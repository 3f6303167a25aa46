export default {
  list: {
    title: '班级', create: '新建班级', search: '按名称查找', status: '班级状态', active: '使用中', archived: '已归档',
    pupils: '{count} / {max} 人', head: '班主任：{name}', empty: '还没有班级。新建一个，再导入学生名单。', noArchived: '没有归档的班级。',
    archive: '归档', archivedNow: '已归档“{name}”', restoredNow: '已恢复“{name}”', archivedAt: '归档于 {date}',
  },
  form: {
    create: '新建班级', edit: '修改班级', name: '班级名称', nameHint: '如：高二（3）班', grade: '年级', semester: '学期', semesterHint: '如 2026-2027-1',
    max: '人数上限', maxHint: '1 到 500', description: '说明', created: '已新建“{name}”', saved: '已保存', semesterWrong: '写成 2026-2027-1 的样子',
  },
  detail: {
    title: '班级', tabs: '班级内容', import: '导入名单', books: '打印错题本', pupilsTab: '学生', weakTab: '薄弱知识点', activityTab: '学习情况',
    assistantsTab: '教师', settingsTab: '设置', archived: '这个班级已归档，只能查看。', notHead: '只有班主任和管理员可以修改。',
  },
  join: {
    show: '入班码', title: '入班码', hint: '登录后点“加入班级”，输入这个入班码', copy: '复制入班码', replace: '换一个入班码', replaceWhy: '换了以后，旧的入班码马上失效；已在班里的学生不受影响。',
    replaced: '入班码已更换',
  },
  pupils: {
    table: '本班学生的错题与复习', name: '姓名', no: '学号', mistakes: '错题', mastered: '已掌握', due: '待复习', week: '本周复习', last: '最近学习', never: '还没有',
    order: '排序', by: '按{name}排序', choose: '选择 {name}', chooseAll: '全选', chosen: '已选 {count} 人', exportChosen: '打印错题本', end: '移出班级', find: '查找学生',
    empty: '班里还没有学生。', noMatch: '没有符合的学生',
    add: '添加学生', addTitle: '添加已有账号的学生', addWho: '按姓名或用户名查找', added: '已添加 {count} 人', already: '{count} 人已在班里',
    endTitle: '移出班级', endHow: '原因', left: '转出', graduated: '毕业', endWhy: '学生的错题和复习记录都会保留。将移出：{names}', ended: '已移出 {count} 人',
  },
  weak: {
    title: '薄弱知识点', hint: '还有未掌握错题的学生人数，最多的在前。点一条看是哪些学生。', point: '知识点', students: '学生', mistakes: '错题', mastered: '已掌握',
    who: '“{name}”：哪些学生', show: '查看学生', none: '还没有分析出薄弱知识点。录入错题并完成分析后会显示在这里。', nobody: '没有学生还有这个知识点的未掌握错题。',
    close: '收起', more: '更多学生',
  },
  activity: {
    title: '最近 12 周', week: '周', days: '每天的学习情况', period: '时间范围', lastDays: '最近 {count} 天', day: '日期', active: '学习人数', newMistakes: '新错题', reviews: '复习', correct: '答对', byType: '错题类型', type: '类型', mistakes: '错题', mastered: '已掌握', other: '未掌握',
  },
  figures: {
    students: '学生', active: '近 7 天学习', mistakes: '错题', mastery: '掌握率', reviews: '复习次数', correct: '答对率', unmastered: '未掌握', reviewing: '复习中', due: '今天待复习',
    streak: '连续天数', longest: '最长连续', caption: '概况',
  },
  teachers: {
    head: '班主任', assistants: '协助教师', none: '没有协助教师。协助教师可以查看本班、录入错题和打印错题本。', add: '添加协助教师', find: '按姓名或用户名查找教师',
    remove: '移除 {name}', added: '已添加 {name}', removed: '已移除 {name}', handOver: '移交班级', handOverWhy: '移交后由 {name} 担任班主任，您将不能再修改这个班级。', handedOver: '班级已移交给 {name}',
  },
  settings: {
    about: '基本信息', join: '入班码', joinHint: '学生自己用入班码加入。', archive: '归档班级', archiveHint: '归档后不再出现在列表里，数据都保留，随时可以恢复。', restore: '恢复班级',
  },
  person: { none: '没有找到', type: '输入至少一个字' },
}
