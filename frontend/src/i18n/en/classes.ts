import type { Same } from '..'
import type zh from '../zh-CN/classes'

const en: Same<typeof zh> = {
  list: {
    title: 'Classes', create: 'New class', search: 'Find by name', status: 'State of the classes', active: 'Active', archived: 'Archived',
    pupils: '{count} of {max} students', head: 'Head teacher: {name}', empty: 'No classes yet. Create one, then import its roster.', noArchived: 'No archived classes.',
    archive: 'Archive', archivedNow: 'Archived "{name}"', restoredNow: 'Restored "{name}"', archivedAt: 'Archived {date}',
  },
  form: {
    create: 'New class', edit: 'Change class', name: 'Name', nameHint: 'For example: Grade 11, class 3', grade: 'Grade', semester: 'Semester', semesterHint: 'As in 2026-2027-1',
    max: 'Most students', maxHint: '1 to 500', description: 'Description', created: 'Created "{name}"', saved: 'Saved', semesterWrong: 'Write it as in 2026-2027-1',
  },
  detail: {
    title: 'Class', tabs: 'Parts of the class', import: 'Import roster', books: 'Print mistake books', pupilsTab: 'Students', weakTab: 'Weak points', activityTab: 'Activity',
    assistantsTab: 'Teachers', settingsTab: 'Settings', archived: 'This class is archived and can only be looked at.', notHead: 'Only the head teacher and administrators can change this.',
  },
  join: {
    show: 'Join code', title: 'Join code', hint: 'Sign in, choose "Join a class", and enter this code', copy: 'Copy the code', replace: 'Replace the code', replaceWhy: 'The old code stops working at once. Students who are in the class stay.',
    replaced: 'The join code was replaced',
  },
  pupils: {
    table: 'Mistakes and reviews of the students of this class', name: 'Name', no: 'Number', mistakes: 'Mistakes', mastered: 'Mastered', due: 'Due', week: 'Reviewed', last: 'Last active', never: 'not yet',
    order: 'Order', by: 'By: {name}', choose: 'Choose {name}', chooseAll: 'Choose all', chosen: '{count} chosen', exportChosen: 'Print mistake books', end: 'Take out of the class', find: 'Find a student',
    empty: 'There are no students in this class yet.', noMatch: 'No student matches',
    add: 'Add students', addTitle: 'Add students who have an account', addWho: 'Find by name or username', added: 'Added {count}', already: '{count} was in the class already | {count} were in the class already',
    endTitle: 'Take out of the class', endHow: 'Reason', left: 'Left', graduated: 'Graduated', endWhy: 'Mistakes and reviews are kept. To be taken out: {names}', ended: 'Taken out: {count}',
  },
  weak: {
    title: 'Weak points', hint: 'Students with mistakes that are not mastered, most students first. Press a bar to see who they are.', point: 'Knowledge point', students: 'Students', mistakes: 'Mistakes', mastered: 'Mastered',
    who: '"{name}": which students', show: 'Show students', none: 'No weak points known yet. They appear once mistakes are recorded and analysed.', nobody: 'No student has unmastered mistakes of this point.',
    close: 'Close', more: 'More students',
  },
  activity: {
    title: 'The last 12 weeks', week: 'Week', days: 'Activity by day', period: 'Period', lastDays: 'Last {count} days', day: 'Day', active: 'Active students', newMistakes: 'New mistakes', reviews: 'Reviews', correct: 'Correct', byType: 'Mistakes by type', type: 'Type', mistakes: 'Mistakes', mastered: 'Mastered', other: 'Not mastered',
  },
  figures: {
    students: 'Students', active: 'Active, 7 days', mistakes: 'Mistakes', mastery: 'Mastery', reviews: 'Reviews', correct: 'Correct', unmastered: 'Not mastered', reviewing: 'Reviewing', due: 'Due today',
    streak: 'Days in a row', longest: 'longest', caption: 'Overview',
  },
  teachers: {
    head: 'Head teacher', assistants: 'Assistants', none: 'No assistants. Assistants can see this class, record mistakes and print mistake books.', add: 'Add an assistant', find: 'Find a teacher by name or username',
    remove: 'Remove {name}', added: 'Added {name}', removed: 'Removed {name}', handOver: 'Hand over the class', handOverWhy: '{name} becomes the head teacher. You will no longer be able to change this class.', handedOver: 'Handed over to {name}',
  },
  settings: {
    about: 'About the class', join: 'Join code', joinHint: 'Students join by themselves with this code.', archive: 'Archive the class', archiveHint: 'It leaves the lists. Nothing is deleted, and it can be restored at any time.', restore: 'Restore the class',
  },
  person: { none: 'Nobody found', type: 'Type at least one character' },
}
export default en
