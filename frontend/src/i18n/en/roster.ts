import type { Same } from '..'
import type zh from '../zh-CN/roster'

const en: Same<typeof zh> = {
  title: 'Import a roster', steps: 'Steps of the import', step1: 'Choose a file', step2: 'Check', step3: 'Done', hint: 'You see a preview first; nothing is written before you confirm.',
  template: 'Download a template', xlsx: 'Excel template', csv: 'CSV template', need: 'Two columns are needed: Student No. and Name. Optional: username, grade, CEFR level, target exam, target score, phone, e-mail.', uploading: 'Reading the file: {name}',
  history: 'Earlier imports', noHistory: 'No roster has been imported into this class yet.', restart: 'Another file', rowsOf: '{count} row | {count} rows',
  status: { ready: 'To be confirmed', committed: 'Written', undone: 'Taken back' },
  outcome: { all: 'All', new: 'New', changed: 'Changed', unchanged: 'Unchanged', refused: 'Refused' },
  filter: 'Filter by outcome', ignored: 'Columns that were not understood and are left out: {names}', encoding: 'Character set: {name}',
  row: 'Row', result: 'Outcome', why: 'Changes and reasons', empty: '(empty)', before: 'before', after: 'after', of: '{field}: ', alike: '{words} (row {line})',
  commit: 'Import {count} student | Import {count} students', nothing: 'There is nothing to import: every row is unchanged or refused.', refusedNote: '{count} refused row will not be imported. Mend it and upload the file again. | {count} refused rows will not be imported. Mend them and upload the file again.',
  writing: 'Writing {count} row and making an account. Please keep this page open | Writing {count} rows and making accounts. Please keep this page open', progress: 'Rows written', done: 'The import is done', doneNote: 'Written {time}', undone: 'This import was taken back', undoneNote: 'Taken back {time}',
  kept: '{count} account had signed in already and stays. | {count} accounts had signed in already and stay.', undo: 'Take this import back', undoWhy: 'New students leave the class, changed fields return, and new accounts that were never used are deleted.', undoneNow: 'The import was taken back',
  passwords: 'First passwords', passwordsWhy: 'The first passwords of new accounts can be taken out only once. Be ready to save or print them: they are never shown again.', take: 'Take out the first passwords', takeTitle: 'Only once', takeNow: 'Take out now',
  takenNote: 'The first passwords were taken out already. A teacher or administrator can reset the password of a student who lost it.', save: 'Save as CSV', print: 'Print', onlyOnce: 'Save or print now: once you leave this page these passwords are never shown again.',
  leaveTitle: 'The passwords are not saved', leaveWhy: 'Once you leave, these first passwords are never shown again.', leave: 'Leave anyway', finished: 'Done', name: 'Name', no: 'Number', username: 'Username', password: 'First password',
  toClass: 'See the class', noPasswords: 'This import made no new accounts, so there are no first passwords.',
  field: {
    student_no: 'Number', full_name: 'Name', username: 'Username', grade: 'Grade', cefr_level: 'Level', target_exam: 'Target exam', target_score: 'Target score', phone: 'Phone', email: 'E-mail', class: 'Class',
  },
  problem: {
    MISSING_FIELD: 'is required', REQUIRED: 'is required', UNKNOWN: 'is none of the allowed values', NUMBER_ROUNDED: 'was cut by the spreadsheet (as in 1.23E+19); format the column as text and enter it again', FORMULA_WITHOUT_VALUE: 'is a formula without a value', DUPLICATE_ROW: 'is in the file twice', CLASS_FULL: 'the class is full', NAME_MISMATCH: 'this number belongs to a student of another name', USERNAME_TAKEN: 'is taken', TAKEN: 'is taken',
    EMAIL_TAKEN: 'is taken', DUPLICATE_EMAIL: 'stands twice in the file', NOT_USED: 'is for new accounts only; this one stays as it is', STUDENT_NO_TAKEN: 'is taken', TOO_LONG: 'is too long', TOO_SHORT: 'is too short', OUT_OF_RANGE: 'is out of range', INVALID_EMAIL: 'is no e-mail address', INVALID_FIELD: 'is not valid',
    INVALID_CHARACTER: 'contains a character that is not allowed', CONTROL_CHARACTER: 'contains an invisible character', NOT_A_NUMBER: 'is no number',
  },
}
export default en
