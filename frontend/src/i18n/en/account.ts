import type { Same } from '..'
import type zh from '../zh-CN/account'

const en: Same<typeof zh> = {
  signIn: { title: 'Sign in', welcome: 'Welcome back', hint: 'Use the account of your school', username: 'Username or e-mail', password: 'Password', go: 'Sign in', forgot: 'Forgot your password?', noAccount: 'Have an invitation code?', register: 'Register' },
  motto: { line: 'Every mistake is where the next right answer begins.', example: 'What a mistake looks like' },
  register: {
    title: 'Register', code: 'Invitation code', codeHint: 'From the administrator of your school or your teacher', found: 'Found a new school', join: 'Join a school by invitation', school: 'Name of the school', joins: 'Joins {school} as {role}',
    name: 'Full name', username: 'Username', usernameHint: '3 to 100 letters, digits, underscores or hyphens', email: 'E-mail (optional)', password: 'Password',
    passwordHint: '8 characters or more, with upper case, lower case and a digit', go: 'Register', have: 'Have an account?', signIn: 'Sign in', closed: 'Registration is closed here; ask the administrator of your school for an account.',
  },
  forgot: {
    title: 'Forgotten password', hint: 'Enter the e-mail address of your account, and we send you a link.', email: 'E-mail', go: 'Send link', sent: 'If the address belongs to an account, the link is on its way. Look into your mail.',
    noMail: 'Letters are not set up here. Students ask their teacher, teachers the administrator of their school.', back: 'Back to sign-in',
  },
  reset: { title: 'New password', password: 'New password', again: 'Once more', differs: 'The two are not the same', go: 'Save new password', done: 'Your password is changed; sign in with the new one.', noToken: 'The link is not complete; open it from the letter again.', ask: 'Ask for a new link' },
  profile: {
    title: 'My account', about: 'About me', name: 'Full name', email: 'E-mail', phone: 'Phone', saved: 'Saved',
    look: 'Language and appearance', security: 'Security', password: 'Change password', sessions: 'Signed-in devices', sessionsHint: 'See and end sessions on other devices',
  },
  join: { title: 'Join a school', hint: 'When your school is here already, move over with an invitation code from its administrator. Accounts with classes or colleagues of their own cannot move.', go: 'Join', done: 'Joined {school}' },
  password: {
    title: 'Change password', old: 'Present password', next: 'New password', again: 'New password once more', go: 'Change password', done: 'Password changed; other devices are signed out',
    must: 'Your first password was set by somebody else; please choose your own first.',
  },
  sessions: {
    title: 'Signed-in devices', hint: 'End what you do not know, and change your password.', current: 'This device', lastUsed: 'Last used: {time}', since: 'Signed in: {time}', end: 'End', ended: 'Session ended',
    endAll: 'Sign out everywhere', endAllText: 'All devices, this one too, are signed out.', unknown: 'Unknown device',
  },
}
export default en
