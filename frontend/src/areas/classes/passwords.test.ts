import { describe, expect, it } from 'vitest'
import { passwordsCsv } from './passwords'

describe('passwordsCsv', () => {
  it('quotes what needs it, guards names against formulas and keeps passwords as they are', () => {
    const csv = passwordsCsv(['No', 'Name', 'User', 'Password'], [
      { student_id: '1', student_no: '01', full_name: '=HYPERLINK("x")', username: 'a,b', password: '=a"b' },
    ])
    expect(csv).toBe('\uFEFFNo,Name,User,Password\r\n01,"\'=HYPERLINK(""x"")","a,b","=a""b"\r\n')
  })
})
