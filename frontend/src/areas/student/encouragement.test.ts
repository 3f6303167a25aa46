import { describe, expect, it } from 'vitest'
import { encouragement, type Facts } from './encouragement'

function facts(due: Partial<Facts['due']>, statistics: Partial<Facts['statistics']>, figures: Partial<Facts['statistics']['figures']> = {}): Facts {
  return {
    due: { due_today: 0, done_today: 0, overdue: 0, planned_today: 0, correct_today: 0, next_due_at: null, items: [], ...due },
    statistics: { due_today: 0, streak_days: 0, longest_streak_days: 0, ...statistics, figures: { mistakes: 9, mastered: 0, ...figures } },
  } as Facts
}

describe('encouragement', () => {
  it('says only what is so', () => {
    expect(encouragement(facts({}, {}, { mistakes: 0 })).key).toBe('begin')
    expect(encouragement(facts({ done_today: 5 }, {}))).toEqual({ key: 'allDone', count: 5 })
    expect(encouragement(facts({ done_today: 5, due_today: 2 }, {}))).toEqual({ key: 'underWay', count: 5 })
    expect(encouragement(facts({ due_today: 2 }, { streak_days: 4, longest_streak_days: 4 }))).toEqual({ key: 'best', count: 4 })
    expect(encouragement(facts({ due_today: 2 }, { streak_days: 4, longest_streak_days: 9 }))).toEqual({ key: 'streak', count: 4 })
    expect(encouragement(facts({ due_today: 2 }, {}, { mastered: 3 }))).toEqual({ key: 'mastered', count: 3 })
    expect(encouragement(facts({ due_today: 2 }, {}))).toEqual({ key: 'start', count: 2 })
    expect(encouragement(facts({}, {})).key).toBe('rest')
  })
})
