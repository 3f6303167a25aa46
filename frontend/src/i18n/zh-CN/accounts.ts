/** Texts of what is done with accounts in several areas. */
export default {
  reset: {
    title: '重置密码', ask: '重置“{name}”的密码？', go: '重置', text: '会生成新的随机密码，现有登录立即失效，首次登录时要改密码。',
    done: '新密码', once: '请把新密码交给“{name}”。关闭后不能再看到。', password: '初始密码', noted: '已记下',
  },
}
