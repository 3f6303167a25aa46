import type { Schema } from '@/api'

type Row = Schema<'UsageRow'>
export interface Sum {
  key: string
  calls: number
  failures: number
  tokens: number
  cost: number
}

/** Adds up the ledger by day, feature or model, in the order of first appearance. */
export function sumBy(rows: Row[], key: (row: Row) => string): Sum[] {
  const sums = new Map<string, Sum>()
  for (const row of rows) {
    const name = key(row)
    const sum = sums.get(name) ?? { key: name, calls: 0, failures: 0, tokens: 0, cost: 0 }
    sum.calls += row.calls
    sum.failures += row.failures
    sum.tokens += row.prompt_tokens + row.completion_tokens
    sum.cost += row.cost
    sums.set(name, sum)
  }
  return [...sums.values()]
}
