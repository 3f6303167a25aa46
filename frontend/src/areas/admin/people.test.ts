import { describe, expect, it } from 'vitest'
import { passwordsAsCsv, readPeople } from './people'
import { sumBy } from './usage'

describe('people', () => {
  it('reads pasted lines', () => {
    expect(readPeople('李雷\tlilei\n\n韩梅梅，hanmm，教师，h@x.cn\r\nAnn, ann, student', 'student')).toEqual({
      users: [
        { full_name: '李雷', username: 'lilei', role: 'student', email: null },
        { full_name: '韩梅梅', username: 'hanmm', role: 'teacher', email: 'h@x.cn' },
        { full_name: 'Ann', username: 'ann', role: 'student', email: null },
      ],
      wrong: [],
    })
    expect(readPeople('李雷\n王芳, wang', 'teacher').wrong).toEqual([1])
  })
  it('passes over a row of headings, and names the lines that say something unknown', () => {
    expect(readPeople('姓名\t用户名\t角色\t邮箱\n李雷\tlilei\t\tl@x.cn', 'student')).toEqual({
      users: [{ full_name: '李雷', username: 'lilei', role: 'student', email: 'l@x.cn' }],
      wrong: [],
    })
    expect(readPeople('Name, Username\n王芳, wang, 班主任\n韩梅梅, hanmm, h.x.cn\nAnn, ann, @', 'student')).toEqual({ users: [], wrong: [2, 3, 4] })
  })
  it('writes no formula into a table', () => {
    const user = { full_name: '=1+1', username: 'a"b' }
    const csv = passwordsAsCsv([{ user, password: 'Ab1' }] as unknown as Parameters<typeof passwordsAsCsv>[0], ['n', 'u', 'p'])
    expect(csv).toBe('\uFEFF"n","u","p"\r\n"\'=1+1","a""b","Ab1"\r\n')
  })
})

it('adds up the ledger', () => {
  const row = { day: '2026-11-24', feature: 'analysis', model: 'm', calls: 2, failures: 1, prompt_tokens: 10, completion_tokens: 5, cost: 0.5, mean_latency_ms: 1 }
  expect(sumBy([row, { ...row, model: 'n' }], ({ feature }) => feature)).toEqual([{ key: 'analysis', calls: 4, failures: 2, tokens: 30, cost: 1 }])
})
