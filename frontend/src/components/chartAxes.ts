import type { Colors } from './ChartWithTable.vue'

/** Axis of names, as of days, along the foot. */
export const namedAxis = (color: Colors, names: string[]) => ({
  type: 'category', data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: color('--rule-strong') } },
  axisLabel: { color: color('--ink-2') },
})

/** Axis of whole numbers. */
export const countAxis = (color: Colors) => ({
  type: 'value', minInterval: 1, splitLine: { lineStyle: { color: color('--rule') } }, axisLabel: { color: color('--ink-2') },
})

/** Both, with a legend above. */
export const countsByName = (color: Colors, names: string[]) => ({
  xAxis: namedAxis(color, names),
  yAxis: countAxis(color),
  legend: { top: 0, right: 0, textStyle: { color: color('--ink-2') }, itemWidth: 14 },
  grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
})

/** 2026-11-24 → 11/24 */
export const shortDay = (day: string) => day.slice(5).replace('-', '/')
