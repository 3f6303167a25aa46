export default {
  title: '导入学生名单', steps: '导入步骤', step1: '选择文件', step2: '核对', step3: '完成', hint: '先预览，确认后才会写入。',
  template: '下载模板', xlsx: 'Excel 模板', csv: 'CSV 模板', need: '需要两列：学号、姓名。可选：用户名、年级、英语水平、目标考试、目标分数、电话、邮箱。', uploading: '正在读取文件：{name}',
  history: '以前的导入', noHistory: '这个班级还没有导入过名单。', restart: '换一个文件', rowsOf: '{count} 行',
  status: { ready: '待确认', committed: '已写入', undone: '已撤销' },
  outcome: { all: '全部', new: '新增', changed: '有变化', unchanged: '无变化', refused: '拒绝' },
  filter: '按结果筛选', ignored: '没有识别的列，已忽略：{names}', encoding: '文件编码：{name}',
  row: '行', result: '结果', why: '变化与原因', empty: '（空）', before: '原来', after: '改为', of: '{field}：', alike: '{words}（第 {line} 行）',
  commit: '确认导入（{count} 人）', nothing: '没有可以导入的内容：所有行都没有变化或被拒绝。', refusedNote: '被拒绝的 {count} 行不会导入。改好后可以把文件再传一次。',
  writing: '正在写入 {count} 行并建立账号，请不要关闭页面', progress: '已写入的行', done: '导入完成', doneNote: '写入于 {time}', undone: '这次导入已撤销', undoneNote: '撤销于 {time}',
  kept: '{count} 个账号已经登录过，因此保留。', undo: '撤销这次导入', undoWhy: '新加入的学生会移出班级，改过的内容恢复原样，还没有登录过的新账号会删除。', undoneNow: '已撤销导入',
  passwords: '初始密码', passwordsWhy: '新账号的初始密码只能取出一次。请先准备好保存或打印，取出后再也看不到。', take: '取出初始密码', takeTitle: '只能取出一次', takeNow: '现在取出',
  takenNote: '初始密码已经取出过了。忘记密码的学生可以由教师或管理员重置密码。', save: '保存为 CSV', print: '打印', onlyOnce: '请马上保存或打印：离开这个页面后，这些密码再也看不到。',
  leaveTitle: '密码还没有保存', leaveWhy: '离开后这些初始密码再也看不到。', leave: '仍然离开', finished: '完成', name: '姓名', no: '学号', username: '用户名', password: '初始密码',
  toClass: '查看班级', noPasswords: '这次导入没有建立新账号，因此没有初始密码。',
  field: {
    student_no: '学号', full_name: '姓名', username: '用户名', grade: '年级', cefr_level: '英语水平', target_exam: '目标考试', target_score: '目标分数', phone: '电话', email: '邮箱', class: '班级',
  },
  problem: {
    MISSING_FIELD: '必填', REQUIRED: '必填', UNKNOWN: '不是允许的值', NUMBER_ROUNDED: '数字太长，被表格软件截短了（如 1.23E+19），请把这一列设为文本后重新填写', FORMULA_WITHOUT_VALUE: '公式没有结果', DUPLICATE_ROW: '文件里有重复的行', CLASS_FULL: '班级人数已满', NAME_MISMATCH: '这个学号已属于另一个姓名的学生', USERNAME_TAKEN: '用户名已被使用', TAKEN: '已被使用',
    EMAIL_TAKEN: '邮箱已被使用', DUPLICATE_EMAIL: '文件里有重复的邮箱', NOT_USED: '仅用于新账号，已有账号不会改变', STUDENT_NO_TAKEN: '学号已被使用', TOO_LONG: '太长了', TOO_SHORT: '太短了', OUT_OF_RANGE: '超出允许的范围', INVALID_EMAIL: '邮箱格式不正确', INVALID_FIELD: '格式不正确',
    INVALID_CHARACTER: '含有不允许的字符', CONTROL_CHARACTER: '含有不可见的字符', NOT_A_NUMBER: '不是数字',
  },
}
