import type { Same } from '..'
import type zh from '../zh-CN/mistakes'

const en: Same<typeof zh> = {
  list: {
    hint: 'All mistakes of your classes: filter, change many at once, open one for its analysis', enter: 'Enter mistakes', import: 'Import', none: 'No mistakes yet', noneHint: 'Enter them by keyboard, or import a spreadsheet. They are analysed by themselves.',
    question: 'Question', pupil: 'Student', answers: 'Wrong / right answer', type: 'Type', status: 'Status', analysis: 'Analysis', times: 'Times wrong', last: 'Last mistaken',
    choose: 'Choose: {question}', chooseAll: 'Choose all on this page',
  },
  order: { latest: 'Latest first', oldest: 'Oldest first', most_frequent: 'Most frequent first' },
  filter: {
    text: 'Search questions, answers, notes', class: 'Class', allClasses: 'All classes', pupil: 'Student', allPupils: 'All students', status: 'Status', allStatuses: 'Any status', type: 'Type', allTypes: 'Any type',
    order: 'Order', more: 'More filters', point: 'Knowledge point', topic: 'Topic', period: 'Mistaken between', analysis: 'Analysis', deleted: 'Deleted ones only (can be restored for 30 days)',
  },
  bulk: {
    label: 'With what is chosen', count: '{count} chosen', most: 'at most {count} at once', status: 'Set status', analyse: 'Analyse again', clear: 'Choose none',
    statusSet: '{count} set to "{status}"', deleted: '{count} deleted', restored: '{count} restored', analysing: '{count} being analysed again',
  },
  entry: {
    title: 'Enter mistakes', hint: 'By keyboard alone: Tab to move, Ctrl+Enter to save and go on', save: 'Save, next', recorded: 'Just entered', nothing: 'Nothing entered yet.',
    saved: 'Entered for {name}', repeated: '{name} had this mistake already; counted as wrong {count} times', again: 'wrong {count} times by now',
    keep: { label: 'Keep for the next one', pupil: 'The student', question: 'The question' },
    leaveTitle: 'This mistake is not saved', leaveText: 'What you typed is lost when you leave.', leave: 'Leave',
  },
  detail: {
    title: 'Mistake', of: 'Mistake of {name}', analyse: 'Analyse again', statusSet: 'Set to "{status}"', facts: 'This mistake', source: 'Source', unknown: 'not given', entered: 'Entered', by: 'Entered by', unknownBy: 'not known', imported: 'from an import',
    first: 'First mistaken', last: 'Last mistaken', reviews: 'Reviews', due: 'Next review', dueNow: 'due now', recall: 'Chance of recall now', changed: 'Last change', failed: 'The analysis did not finish; you can ask for it again.',
  },
  import: {
    title: 'Import mistakes', hint: 'From Excel or CSV for a whole class: preview first, nothing is written before you confirm', steps: 'Steps', step: { file: 'Choose a file', check: 'Check', done: 'Done' },
    class: 'Into which class', chooseClass: 'Choose a class', classFirst: 'Choose a class first', template: 'Template', templateHint: 'One mistake a row; students by number or name.', reading: 'Reading and checking the file',
    history: 'Earlier imports', none: 'No imports yet.', counts: '{fresh} new, {changed} repeated, {refused} refused',
    state: { ready: 'To be confirmed', committed: 'Imported', undone: 'Undone' }, another: 'Another file', commit: 'Import {count}', committing: 'Writing {count} mistake; one moment | Writing {count} mistakes; one moment', progress: 'Mistakes written', analysing: '{count} mistake is waiting for its analysis | {count} mistakes are waiting for their analysis', undoneKept: 'Taken back; {count} that was reviewed or edited since stays | Taken back; {count} that were reviewed or edited since stay', committed: '{count} imported',
    nothing: 'No row can be imported. Mend the file by the reasons below, then choose it again.', dryRun: 'A preview, nothing is written yet: {fresh} new, {changed} known and counted once more, {unchanged} unchanged, {refused} refused.',
    done: '{count} mistake imported on {time}. | {count} mistakes imported on {time}.', wasUndone: 'This import was undone on {time}.', undo: 'Undo import', undone: 'Import undone', undoTitle: 'Undo this import?', undoText: 'The {count} mistake of this import leaves the book unless it was reviewed or edited since; it can be restored for 30 days. Counts go back. | The {count} mistakes of this import leave the books, except those that were reviewed or edited since; they can be restored for 30 days. Counts go back.',
    show: 'Show mistakes of the class', encoding: 'Encoding: {name}.', ignored: 'Columns not used: {names}.', filter: 'By outcome', rows: 'Rows of the file', row: 'Row', outcomeHead: 'Outcome and reason',
    outcome: { new: 'New', changed: 'Known, counted again', unchanged: 'Unchanged', refused: 'Refused' }, reason: '{field}: {words}', change: '{field}: {before} → {after}',
    field: {
      student_no: 'Student No.', full_name: 'Name', question: 'Question', wrong_answer: 'Wrong answer', correct_answer: 'Right answer', type: 'Type', explanation: 'Explanation', source: 'Source',
      topic: 'Topic', difficulty_level: 'Level', mistaken_at: 'Date', times_wrong: 'Times wrong', last_mistaken_at: 'Last mistaken',
    },
    problem: {
      STUDENT_NOT_FOUND: 'no such student in this class', AMBIGUOUS: 'several have this name; give the number', NAME_DIFFERS: 'number and name do not belong together', REQUIRED: 'required', UNKNOWN: 'unknown value', INVALID: 'not valid',
      CELL_ERROR: 'the cell holds an error', FORMULA_WITHOUT_VALUE: 'the formula has no result', NUMBER_ROUNDED: 'the number was cut by the spreadsheet (as in 1.23E+19); format the column as text and enter it again',
    },
  },
  export: {
    hint: 'Make mistake books to print, for classes or students', who: 'For whom', classes: 'Classes', pupils: 'Students', classHint: 'A ZIP for each class, with one book for each student', noClass: 'Choose a class', chooseClass: 'Choose classes',
    some: 'Only these students (optional)', someHint: 'None chosen means all', everybody: 'The whole class', pupilHint: 'One file for each student; for many choose the class', noPupil: 'Choose a student', tooMany: '{count} students at most; remove some, or choose the class',
    make: 'Make mistake books', queued: '{count} queued; see the list', none: 'No books yet. Choose a class or students, then "Make mistake books".',
  },
  tool: {
    check: 'Check a text', profile: 'Profile a text', checkHint: 'Find mistakes in an English text, see why, take them over one by one', profileHint: 'See how hard a text is, and which words are beyond your students',
    text: 'English text', limit: 'at most {count} characters', placeholder: 'Paste or type an English text here.',
  },
  check: {
    go: 'Check', result: 'Result', clean: 'No mistakes found', found: '{count} found, {open} left', byRules: 'Checked by rules', applyAll: 'Apply all', allApplied: 'All applied', apply: 'Apply', ignore: 'Ignore',
    applied: 'applied', ignored: 'ignored', leaveOut: 'leave out', becomes: 'becomes', hint: 'After checking, corrections are marked in the text.',
  },
  profile: {
    go: 'Profile', result: 'Result', level: 'Level', words: 'Words', sentences: 'Sentences', length: 'Words per sentence', share: 'Share', from: 'Mark words from this level on:', marked: 'The text, marked by level',
    distribution: 'Words by level', hard: 'Hard words', noHard: 'No hard words', hint: 'After profiling, every word shows its CEFR level.',
  },
}
export default en
