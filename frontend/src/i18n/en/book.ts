import type { Same } from '..'
import type zh from '../zh-CN/book'

const en: Same<typeof zh> = {
  field: {
    question: 'Question', questionHint: 'Paste it with its options: they are taken apart', options: 'Options', optionsHint: 'Leave empty when there are none', option: 'Option {letter}',
    wrong: 'Wrong answer', mine: 'My answer then', right: 'Right answer', rightHint: 'Several right answers are separated by /; a letter is enough for a choice', type: 'Type', more: 'More: topic, source, explanation, level',
    topic: 'Topic', source: 'Source', sourceHint: 'As in: 2026 midterm', explanation: 'Explanation', level: 'Level', noLevel: 'None', pupil: 'Student',
  },
  editor: {
    title: 'Edit mistake', saved: 'Mistake changed', again: 'A changed question or answer is analysed again', conflict: 'Somebody else changed this mistake while you were editing. Which one should stay?', same: 'Both are the same now; just save.',
    field: 'Field', theirs: 'As it is now', mine: 'My change', keepMine: 'Save mine', takeTheirs: 'Drop mine, take the present one',
  },
  entry: {
    titleOwn: 'Add a mistake', savedOwn: 'Added to your mistake book', repeatedOwn: 'It was in your book already; counted as wrong {count} times',
  },
  similar: { title: 'Similar mistakes', everybody: 'Other students too', none: 'No similar mistakes found', waiting: 'Similar mistakes can be found once the analysis is done', share: '{share} alike' },
  log: {
    title: 'Review log', none: 'Not reviewed yet', right: 'Right', wrong: 'Wrong', again: 'forgotten', hard: 'hard', good: 'remembered', easy: 'easy',
    seconds: '{seconds} second | {seconds} seconds', recall: 'chance of recall {share}', stability: 'memory lasts about {days} day | memory lasts about {days} days',
  },
  pupil: { find: 'Name or number' },
  order: { knowledge_point: 'By knowledge point', date: 'By date', frequency: 'By times wrong' },
  answers: { inline: 'After each question', apart: 'All at the end', none: 'None' },
  font: { small: 'Small', medium: 'Medium', large: 'Large' },
  paper: { a4: 'A4', b5: 'B5' },
  format: { pdf: 'PDF', markdown: 'Markdown' },
  document: { mistake_book: 'Mistake book', class_mistake_books: 'Books of a class (ZIP, one for each student)' },
  form: {
    which: 'Which mistakes', status: 'Status', types: 'Types', points: 'Knowledge points', period: 'Mistaken between', from: 'First day', until: 'Last day', order: 'Order',
    what: 'What is printed', answers: 'Answers', analysis: 'Analyses', similar: 'Similar questions', redo: 'Space to redo', look: 'Look', format: 'Format', paper: 'Paper', font: 'Font size', locale: 'Language of headings',
    makeOwn: 'Make my mistake book', options: 'Choose content and look', queuedOwn: 'Being made; you can preview and download it when it is done',
  },
  task: {
    history: 'Documents', noneOwn: 'No book yet. Press the button above to make the first one.', preview: 'Preview', previewOf: 'Preview: {title}', cancel: 'Cancel', again: 'Make again', delete: 'Delete: {title}',
    deleteTitle: 'Delete this document?', deleteText: '"{title}" leaves the list and can no longer be downloaded.', until: 'kept until {time}', because: ': {reason}',
    noViewer: 'Download it when your browser cannot show it here.',
  },
}
export default en
