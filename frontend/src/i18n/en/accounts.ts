import type { Same } from '..'
import type zh from '../zh-CN/accounts'

const en: Same<typeof zh> = {
  reset: {
    title: 'Reset password', ask: 'Reset the password of {name}?', go: 'Reset', text: 'A new random password is made, sessions end at once, and it must be changed at the first sign-in.',
    done: 'New password', once: 'Hand the new password to {name}. It cannot be shown again.', password: 'First password', noted: 'Noted',
  },
}
export default en
