import type { Same } from '..'
import type zh from '../zh-CN/pupils'

const en: Same<typeof zh> = {
  list: {
    title: 'Students', search: 'Name, username or number', klass: 'Class', grade: 'Grade', level: 'Level', table: 'Students', username: 'Username', classes: 'Classes', target: 'Target', empty: 'No students yet. Import a roster into a class first.',
    toClasses: 'To the classes', choose: 'Choose {name}', choosePage: 'Choose this page', chosen: '{count} chosen', export: 'Print mistake books', clear: 'Choose none', filters: 'Filter the students', unknown: 'not set',
  },
  detail: {
    title: 'Student', tabs: 'Parts of the student', overview: 'Overview', mistakes: 'Mistakes', reviews: 'Reviews', edit: 'Edit details', books: 'Print mistake book', inClasses: 'Classes: ', weak: 'Weak points', noWeak: 'No weak points known yet.',
    point: 'Knowledge point', count: 'Mistakes', mastered: 'Mastered', days: 'Reviews of the last 12 weeks', day: 'Day', done: 'Done', correct: 'Correct', due: 'Due',
    profile: 'About the student', no: 'Number', username: 'Username', grade: 'Grade', level: 'CEFR level', exam: 'Target exam', score: 'Target score', goal: 'Goal', saved: 'Saved',
  },
  mistakes: {
    find: 'Find a question', status: 'State', all: 'All states', types: 'All types', type: 'Type', empty: 'No mistakes yet.', times: 'wrong {count} times', due: 'next review {when}', dueNow: 'due now', last: 'last wrong {when}', add: 'Record a mistake', point: 'Knowledge point: {name}',
  },
  reviews: {
    empty: 'No reviews yet.', when: 'When', rating: 'How well', correct: 'Result', answer: 'Answer', duration: 'Time', recall: 'Recall then', look: 'See the mistake', right: 'right', wrong: 'wrong', seconds: '{count} s', table: 'Reviews',
    ratings: { again: 'forgotten', hard: 'with effort', good: 'remembered', easy: 'easily' }, open: 'Mistake',
  },
}
export default en
