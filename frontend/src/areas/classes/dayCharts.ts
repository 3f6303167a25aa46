import type { Schema } from '@/api'
import { countsByName, shortDay } from '@/components/chartAxes'
import type { Colors } from '@/components/ChartWithTable.vue'

interface Names {
  newMistakes: string
  reviews: string
  correct: string
}

/** Days as bars of new mistakes and lines of reviews; lines differ in mark and dash, not in colour alone. */
export function dayOption(days: Schema<'ActivityDay'>[], names: Names) {
  return (color: Colors) => ({
    ...countsByName(color, days.map(({ day }) => shortDay(day))),
    series: [
      { type: 'bar', name: names.newMistakes, barMaxWidth: 18, color: color('--wrong'), data: days.map((day) => day.new_mistakes) },
      { type: 'line', name: names.reviews, symbol: 'circle', color: color('--accent'), data: days.map((day) => day.reviews) },
      {
        type: 'line', name: names.correct, symbol: 'diamond', symbolSize: 8, lineStyle: { type: 'dashed' }, color: color('--right'),
        data: days.map((day) => day.correct_reviews),
      },
    ],
  })
}
