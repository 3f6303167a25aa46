export default {
  signIn: { title: '登录', welcome: '欢迎回来', hint: '用学校的账号登录', username: '用户名或邮箱', password: '密码', go: '登录', forgot: '忘记密码？', noAccount: '有邀请码？', register: '注册账号' },
  motto: { line: '每一道错题，都是下一次做对的开始。', example: '一道错题的样子' },
  register: {
    title: '注册', code: '邀请码', codeHint: '由学校管理员或老师提供', found: '创建一所新学校', join: '用邀请码加入学校', school: '学校名称', joins: '加入 {school}，身份：{role}',
    name: '姓名', username: '用户名', usernameHint: '3 到 100 个字母、数字、下划线或连字符', email: '邮箱（选填）', password: '密码',
    passwordHint: '8 个以上字符，含大写字母、小写字母和数字', go: '注册', have: '已有账号？', signIn: '去登录', closed: '这里不开放注册，请向学校管理员要账号。',
  },
  forgot: {
    title: '忘记密码', hint: '填写账号的邮箱，我们把重置链接发给你。', email: '邮箱', go: '发送链接', sent: '如果这个邮箱属于某个账号，重置链接已经发出。请查看邮箱。',
    noMail: '这里没有开通邮件找回。学生请找老师重置密码，教师请找学校管理员。', back: '返回登录',
  },
  reset: { title: '设置新密码', password: '新密码', again: '再输入一次', differs: '两次输入不一样', go: '保存新密码', done: '密码已更新，请用新密码登录。', noToken: '链接不完整，请从邮件里重新打开。', ask: '重新申请链接' },
  profile: {
    title: '我的账号', about: '个人资料', name: '姓名', email: '邮箱', phone: '电话', saved: '资料已保存',
    look: '语言和外观', security: '安全', password: '修改密码', sessions: '登录的设备', sessionsHint: '查看并结束其他设备上的登录',
  },
  join: { title: '加入学校', hint: '如果学校已经在这里，用学校管理员给的邀请码转过去。自己已经有班级或其他成员的账号不能转。', go: '加入', done: '已加入 {school}' },
  password: {
    title: '修改密码', old: '现在的密码', next: '新密码', again: '再输入一次新密码', go: '修改密码', done: '密码已修改，其他设备已退出登录',
    must: '你的初始密码是别人设置的，请先换成自己的密码。',
  },
  sessions: {
    title: '登录的设备', hint: '不认识的登录请立即结束，并修改密码。', current: '本机', lastUsed: '最近使用：{time}', since: '登录时间：{time}', end: '结束', ended: '已结束登录',
    endAll: '全部退出登录', endAllText: '所有设备（包括这一台）都会退出登录。', unknown: '未知设备',
  },
}
