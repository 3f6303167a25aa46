import type { Schema } from '@/api'
import type { Colors } from '@/components/ChartWithTable.vue'

interface Names {
  newMistakes: string
  reviews: string
  correct: string
}

/** Days as bars of new mistakes and lines of reviews; lines differ in mark and dash, not in colour alone. */
export function dayOption(days: Schema<'ActivityDay'>[], names: Names) {
  return (color: Colors) => ({
    xAxis: {
      type: 'category', data: days.map(({ day }) => day.slice(5).replace('-', '/')), axisTick: { show: false },
      axisLine: { lineStyle: { color: color('--rule-strong') } }, axisLabel: { color: color('--ink-2') },
    },
    yAxis: { type: 'value', minInterval: 1, splitLine: { lineStyle: { color: color('--rule') } }, axisLabel: { color: color('--ink-2') } },
    legend: { top: 0, right: 0, textStyle: { color: color('--ink-2') }, itemWidth: 14 },
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
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
