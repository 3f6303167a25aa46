import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Schema } from '@/api'
import { inSetup } from '@/testing'
import { useTasks } from './useTasks'

type Task = Schema<'Task'>
const task = (id: string, status: Task['status']) => ({ id, status }) as Task
let tasks: Task[]
let streams: Map<string, ReadableStreamDefaultController<Uint8Array>>
let refuses: boolean
let lists: number

beforeEach(() => {
  vi.useFakeTimers()
  tasks = [task('c', 'queued'), task('b', 'queued'), task('a', 'running')]
  streams = new Map()
  refuses = false
  lists = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    const id = /tasks\/(\w+)\/events/.exec(request.url)?.[1]
    if (id === undefined) {
      lists += 1
      return Response.json({ items: tasks, next_cursor: null })
    }
    streams.set(id, undefined as never)
    if (refuses) return Response.json({ code: 'EXPORT_NOT_FOUND' }, { status: 404 })
    return new Response(new ReadableStream({ start: (control) => void streams.set(id, control) }))
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
function say(told: Task): void {
  streams.get(told.id)?.enqueue(new TextEncoder().encode(`event: task\ndata: ${JSON.stringify(told)}\n\n`))
}
const settle = () => vi.advanceTimersByTimeAsync(10)

it('follows the one that is served first over one stream, and looks at the others now and then', async () => {
  const { made, end } = await inSetup(useTasks)
  await settle()
  expect([...streams.keys()]).toEqual(['a'])
  tasks = [task('c', 'queued'), task('b', 'running'), task('a', 'running')]
  await vi.advanceTimersByTimeAsync(4_000)
  expect(made.list.items.value[1]?.status).toBe('running')
  say(task('a', 'completed'))
  await settle()
  expect(made.list.items.value[2]?.status).toBe('completed')
  expect([...streams.keys()]).toEqual(['a', 'b'])
  end()
})

it('does not ask for a refused stream again, and still learns how the task ends', async () => {
  refuses = true
  tasks = [task('a', 'running')]
  const { made, end } = await inSetup(useTasks)
  await vi.advanceTimersByTimeAsync(30_000)
  expect([...streams.keys()]).toEqual(['a'])
  expect(lists).toBeLessThan(12)
  tasks = [task('a', 'failed')]
  await vi.advanceTimersByTimeAsync(5_000)
  expect(made.list.items.value[0]?.status).toBe('failed')
  end()
})
