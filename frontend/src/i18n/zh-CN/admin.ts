/** Texts of the administrator's pages. */
export default {
  actions: '操作',
  accounts: {
    title: '账号', search: '搜索姓名、用户名、邮箱', name: '姓名', username: '用户名', role: '角色', state: '状态', anyState: '所有状态', active: '使用中', inactive: '已停用',
    lastLogin: '最近登录', never: '从未登录', you: '你自己', firstPassword: '首次登录要改密码', deactivate: '停用', reactivate: '启用',
    deactivated: '已停用“{name}”，登录随即失效', reactivated: '已启用“{name}”',
  },
  create: {
    title: '新建账号', one: '一个', many: '批量', email: '邮箱', usernameHint: '3 个以上字母、数字、_ 或 -', lines: '每行一个账号', wrongLines: '这些行缺少姓名或用户名，或者有既不是角色也不是邮箱的内容：{lines}', refusedLines: '请先改正这些账号：',
    linesHint: '姓名，用户名，角色，邮箱。可以直接从表格粘贴；角色和邮箱可以不写，不写角色时用上面选的。', createMany: '创建 {count} 个账号',
    done: '已创建 {count} 个账号', once: '初始密码只显示这一次，请现在保存。首次登录时要改密码。', lost: '这些账号在上一次提交时已经创建，初始密码不能再显示。请在账号列表里重置密码。', download: '保存为表格', again: '继续新建', fileName: '初始密码.csv',
    leave: '初始密码还没有保存，离开后不能再看到。确定离开吗？',
  },
  edit: { ask: '修改“{name}”的资料', phone: '电话', end: '结束所有登录', endHint: '在别的设备上的登录会立即失效。', ended: '已结束 {count} 个登录' },
  role: { title: '角色', ask: '修改“{name}”的角色', text: '修改后，这个账号需要重新登录。', changed: '“{name}”现在是{role}' },
  invitations: {
    title: '邀请码', hint: '凭邀请码可以自己注册并加入学校。', for: '角色', uses: '可用次数', days: '有效天数', make: '生成邀请码', made: '已生成邀请码 {code}', empty: '还没有邀请码。在上面生成第一个。',
    code: '邀请码', used: '已用', until: '到期', copyCode: '复制邀请码', copyLink: '复制链接', withdraw: '作废', withdrawn: '邀请码已作废',
    ask: '作废邀请码 {code}？', askText: '还没有注册的人不能再使用它。已经注册的账号不受影响。',
    state: { open: '可用', used: '已用完', expired: '已过期', revoked: '已作废' },
  },
  organization: {
    title: '学校', name: '名称', type: '性质', teachers: '教师', students: '学生', since: '创建于',
    types: { school: '学校', training_center: '培训机构', individual: '个人' },
  },
  ai: {
    title: 'AI 状态', refresh: '刷新', mode: '现在由谁回答', modes: { model: 'AI 模型', rules: '规则引擎' },
    modeHints: { model: '模型不可用时自动改用规则引擎。', rules: '没有可用的模型，由不联网的规则引擎回答。' },
    search: '相似题搜索', healthy: '正常', ill: '不可用', engines: { embedded: '内置引擎', qdrant: 'Qdrant' }, embedding: '向量模型', dimension: '{count} 维',
    providers: '模型服务', noProvider: '没有配置模型服务。所有功能都由规则引擎提供。', provider: '服务', model: '模型', lastSuccess: '最近成功', lastFailure: '最近失败',
    circuits: { closed: '正常', open: '暂停（连续失败）', half_open: '试探恢复' },
  },
  usage: {
    title: '用量与预算', range: '时间范围', days: '{count} 天', spentOf: '本月已用 {spent} / 预算 {budget}', spent: '本月已用 {spent}，没有设置预算。',
    withoutPrices: '有模型没有设置价格：它的用量按零计费，预算对它不起作用。价格在服务器上设置（OPENAI_PRICE_PROMPT 等）。',
    over: '预算已用完，现在由规则引擎回答。', hint: '预算用完后功能不会停止，改由更便宜的模型或规则引擎回答。', budget: '每月预算（{currency}）', noLimit: '不限', saved: '预算已保存',
    none: '这段时间没有调用模型。', byDay: '每天费用（{currency}，按 UTC 日期）', byFeature: '按功能和模型', day: '日期', feature: '功能', calls: '调用', failures: '失败', tokens: 'Token', cost: '费用',
    features: { analysis: '错题分析', text_check: '文本检查', embedding: '向量' },
  },
  audit: {
    title: '审计日志', kind: '事件', anyKind: '所有事件', whom: '涉及账号', who: '操作人', from: '从哪一天', until: '到哪一天', at: '时间', where: '来源地址', self: '本人', stranger: '未登录',
  },
  kind: {
    registered: '注册', login_succeeded: '登录', login_failed: '登录失败', logged_out: '退出登录', logged_out_everywhere: '退出所有设备', session_refreshed_twice: '登录凭证被重复使用',
    sessions_ended: '登录被结束', password_changed: '修改密码', password_reset_requested: '申请重置密码', password_reset: '重置密码', password_reset_by_staff: '密码被重置',
    user_created: '创建账号', user_changed: '修改账号资料', user_deleted: '删除账号', user_deactivated: '停用账号', user_reactivated: '启用账号', role_changed: '修改角色',
    invitation_created: '生成邀请码', invitation_used: '使用邀请码', invitation_revoked: '作废邀请码',
    password_change_failed: '修改密码失败', organization_changed: '修改学校资料', organization_joined: '账号转入本校',
  },
}
