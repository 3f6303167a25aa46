import type { Same } from '..'
import type zh from '../zh-CN/student'

const en: Same<typeof zh> = {
  days: '{count} day | {count} days',
  due: { now: 'due now', minutes: 'in {count} minute | in {count} minutes', hours: 'in about {count} hour | in about {count} hours', tomorrow: 'tomorrow', days: 'in {count} day ({date}) | in {count} days ({date})' },
  today: {
    title: 'Today', hello: 'Hello, {name}', due: 'to review today', capped: '{count} have piled up; these are enough for today.', start: 'Start review', continue: 'Go on',
    done: '{count} reviewed today', emptyTitle: 'Your mistake book is empty', emptyHint: 'Add your first mistake: it is analysed, and comes back for review just before you would forget it.',
    finished: 'Done for today', nothingDue: 'Nothing to review today', next: 'Next review: {when}', toBook: 'Open the mistake book',
    streak: 'Streak', longest: 'Longest: {count} day | Longest: {count} days', mastery: 'Mastery', masteryOf: '{mastered} of {all}',
    classes: 'My classes: {names}', noClass: 'You are in no class yet.',
  },
  week: { title: 'Last seven days', total: '{count} review | {count} reviews', today: 'Today', correct: ' review, {correct} right | reviews, {correct} of them right' },
  encouragement: {
    begin: 'It begins with the first mistake.', allDone: 'The one of today is reviewed. | All {count} of today are reviewed.', underWay: '{count} done today, keep going.', best: '{count} days in a row, your longest so far.',
    streak: '{count} days in a row.', mastered: 'You have truly learnt {count} of your mistakes.', start: '{count} for today, one at a time.', rest: 'Take a rest today.',
  },
  book: {
    title: 'Mistake book', one: 'Mistake', add: 'Add a mistake', status: 'State', search: 'Search questions, answers, notes', type: 'Type', order: 'Order', deleted: 'Recently deleted (kept for 30 days)',
    empty: 'No mistakes yet. Add one, or wait for your teacher to.', due: 'Next review: {when}', removed: 'Mistake deleted', restored: 'Mistake restored', analyse: 'Analyse again',
  },
  order: { latest: 'Latest first', oldest: 'Oldest first', most_frequent: 'Most often wrong first' },
  print: { title: 'My mistake book as PDF', short: 'Print', hint: 'Your mistakes as a booklet to print and do again.' },
  review: {
    title: 'Review', today: "Today's reviews", leave: 'Stop here', recall: 'Answer in your head or on paper, then look.', look: 'Show the answer', choose: 'Choose the answer', write: 'Write your answer', answer: 'Answer',
    how: 'How well did you remember?', byAnswer: 'Answer instead', bySelf: 'Cannot type? Recall and grade yourself', keysChoice: '1-4 or A-D choose, Enter answers', keysWrite: 'Enter answers, Shift + Enter breaks the line',
    next: 'Next', finish: 'Finish',
  },
  rating: {
    again: 'Forgotten', againHint: 'did not come', hard: 'Hard', hardHint: 'took long', good: 'Good', goodHint: 'remembered', easy: 'Easy', easyHint: 'at once',
  },
  result: {
    correct: 'Right', wrong: 'Not yet, that is fine', again: 'Not yet, that is fine', hard: 'Noted: hard', good: 'Noted: good', easy: 'Noted: easy',
    next: 'Next review: {when}', againToday: 'It comes again today: {when}', mastered: 'Mastered. Next review: {when}', now: 'My answer now', before: 'My answer then',
  },
  end: {
    done: 'Done for today', nothing: 'Nothing to review now', sitting: '{answered} answered in this sitting, {correct} right ({share}).', today: '{count} reviewed today, {correct} of them right.',
    more: '{count} more waits for the next days, no hurry. | {count} more wait for the next days, no hurry.', home: 'Back to today', progress: 'See my progress',
  },
  progress: {
    title: 'Progress', curve: 'Mastery over time', recall: 'Mean chance of remembering', state: 'At the end of the day', reviews: 'Reviews', correct: 'Right', notYet: 'Not yet', newMistakes: 'New mistakes', weeks: 'Last twelve weeks', week: 'Week from', byType: 'By type', byPoint: 'By knowledge point, weakest first',
    masteredOf: 'Mastered / all mistakes', calendar: 'Review calendar, half a year', day: 'Day', dayTip: '{day}: {count} review | {day}: {count} reviews',
  },
  join: {
    title: 'Join a class', hint: 'Enter the code that your teacher gave you.', code: 'Class code', go: 'Join', mine: 'My classes', none: 'You are in no class yet.', teacher: 'Teacher: {name}', joined: 'Joined "{name}"',
  },
}

export default en
