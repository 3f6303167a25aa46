import type { Same } from '..'
import type zh from '../zh-CN/teacher-home'
const en: Same<typeof zh> = {
  title: 'Home', hello: 'Hello, {name}', today: 'Today', active: 'Active students today', of: 'of {count}', newMistakes: 'New mistakes today', reviews: 'Reviews today', correct: '{share} correct',
  exports: 'Documents being made', queued: '{count} queued', analyses: 'Mistakes to be analysed', week: 'The last 7 days', needy: 'Classes that need attention', fine: 'No class needs special attention now.',
  reasons: { no_students: 'no students yet', inactive_students: 'only {active} of {students} active in 7 days', overdue_reviews: '{count} overdue review | {count} overdue reviews', low_mastery: 'mastery {share}' },
  start: 'Getting started', start1: 'Create a class', start1Hint: 'For example: Grade 11, class 3', start2: 'Import its roster', start2Hint: 'Drop an Excel or CSV file on the page of the class', start3: 'Record mistakes, print mistake books', start3Hint: 'One by one or from a spreadsheet',
  toClasses: 'All classes',
}
export default en
