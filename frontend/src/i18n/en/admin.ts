import type { Same } from '..'
import type zh from '../zh-CN/admin'

const en: Same<typeof zh> = {
  actions: 'Actions',
  accounts: {
    title: 'Accounts', search: 'Search name, username, e-mail', name: 'Name', username: 'Username', role: 'Role', state: 'State', anyState: 'Any state', active: 'Active', inactive: 'Deactivated',
    lastLogin: 'Last sign-in', never: 'Never', you: 'you', firstPassword: 'must change the password', deactivate: 'Deactivate', reactivate: 'Reactivate',
    deactivated: '{name} is deactivated and signed out', reactivated: '{name} is active again',
  },
  create: {
    title: 'New accounts', one: 'One', many: 'Many', email: 'E-mail', usernameHint: '3 or more letters, digits, _ or -', lines: 'One account a line', wrongLines: 'Name or username is missing, or something is neither a role nor an e-mail address, in line {lines}', refusedLines: 'Correct these accounts first:',
    linesHint: 'Name, username, role, e-mail. Paste from a spreadsheet; role and e-mail may be left out, the role above is used then.', createMany: 'Create {count} account | Create {count} accounts',
    done: '{count} account created | {count} accounts created', once: 'First passwords are shown this once: save them now. They must be changed at the first sign-in.', lost: 'These accounts were made by the try before, and their first passwords cannot be shown again. Reset the passwords in the list of accounts.', download: 'Save as a table', again: 'Create more', fileName: 'first-passwords.csv',
    leave: 'The first passwords are not saved and cannot be shown again. Leave?',
  },
  edit: { ask: 'Edit {name}', phone: 'Phone', end: 'End all sessions', endHint: 'Signs the account out everywhere at once.', ended: '{count} session ended | {count} sessions ended' },
  role: { title: 'Role', ask: 'Role of {name}', text: 'The account has to sign in again.', changed: '{name} is now: {role}' },
  invitations: {
    title: 'Invitations', hint: 'With a code people register by themselves and join the school.', for: 'Role', uses: 'Uses', days: 'Days valid', make: 'Make a code', made: 'Code {code} is ready', empty: 'No codes yet. Make the first one above.',
    code: 'Code', used: 'Used', until: 'Expires', copyCode: 'Copy code', copyLink: 'Copy link', withdraw: 'Withdraw', withdrawn: 'The code is withdrawn',
    ask: 'Withdraw the code {code}?', askText: 'Nobody can register with it any more. Accounts that exist stay.',
    state: { open: 'Open', used: 'Used up', expired: 'Expired', revoked: 'Withdrawn' },
  },
  organization: {
    title: 'School', name: 'Name', type: 'Kind', teachers: 'Teachers', students: 'Students', since: 'Since',
    types: { school: 'School', training_center: 'Training centre', individual: 'Individual' },
  },
  ai: {
    title: 'AI status', refresh: 'Refresh', mode: 'Who answers now', modes: { model: 'AI model', rules: 'Rules engine' },
    modeHints: { model: 'The rules engine stands in when no model answers.', rules: 'No model is available; the rules engine answers, without a network.' },
    search: 'Search of similar mistakes', healthy: 'Working', ill: 'Not working', engines: { embedded: 'Embedded engine', qdrant: 'Qdrant' }, embedding: 'Embedding model', dimension: '{count} dimensions',
    providers: 'Model providers', noProvider: 'No provider is configured. The rules engine serves every feature.', provider: 'Provider', model: 'Model', lastSuccess: 'Last success', lastFailure: 'Last failure',
    circuits: { closed: 'Working', open: 'Resting after failures', half_open: 'Being tried again' },
  },
  usage: {
    title: 'Usage and budget', range: 'Range', days: '{count} days', spentOf: '{spent} of {budget} spent this month', spent: '{spent} spent this month, no budget set.',
    withoutPrices: 'A model has no price, so its use costs nothing here and no budget limits it. Prices are set on the server (OPENAI_PRICE_PROMPT and its like).',
    over: 'The budget is spent; the rules engine answers now.', hint: 'Nothing stops when the budget is spent: cheaper models or the rules engine answer.', budget: 'Monthly budget ({currency})', noLimit: 'No limit', saved: 'Budget saved',
    none: 'No model was called in this time.', byDay: 'Cost by day ({currency}, days in UTC)', byFeature: 'By feature and model', day: 'Day', feature: 'Feature', calls: 'Calls', failures: 'Failures', tokens: 'Tokens', cost: 'Cost',
    features: { analysis: 'Analysis of mistakes', text_check: 'Text check', embedding: 'Embeddings' },
  },
  audit: {
    title: 'Audit log', kind: 'Event', anyKind: 'All events', whom: 'Account', who: 'Done by', from: 'From', until: 'Until', at: 'Time', where: 'Address', self: 'themself', stranger: 'not signed in',
  },
  kind: {
    registered: 'Registered', login_succeeded: 'Signed in', login_failed: 'Sign-in failed', logged_out: 'Signed out', logged_out_everywhere: 'Signed out everywhere', session_refreshed_twice: 'Session token used twice',
    sessions_ended: 'Sessions ended', password_changed: 'Password changed', password_reset_requested: 'Password reset requested', password_reset: 'Password reset', password_reset_by_staff: 'Password reset by staff',
    user_created: 'Account created', user_changed: 'Account changed', user_deleted: 'Account deleted', user_deactivated: 'Account deactivated', user_reactivated: 'Account reactivated', role_changed: 'Role changed',
    invitation_created: 'Invitation made', invitation_used: 'Invitation used', invitation_revoked: 'Invitation withdrawn',
    password_change_failed: 'Password change failed', organization_changed: 'School changed', organization_joined: 'Account came over to the school',
  },
}

export default en
