import { backOff } from '@/lib/backOff'
import { sleep } from '@/lib/signal'
import type { Schema } from '.'
import { Problem, isAborted } from './problem'
import { send } from './transport'

export interface ServerEvent {
  event: string
  data: string
}

/** Cuts a stream of text into server-sent events. */
export class EventParser {
  private rest = ''

  push(text: string): ServerEvent[] {
    this.rest = (this.rest + text).replace(/\r\n?/g, '\n')
    const blocks = this.rest.split('\n\n')
    this.rest = blocks.pop() ?? ''
    return blocks.map(parse).filter((event) => event !== undefined)
  }
}

function parse(block: string): ServerEvent | undefined {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (name === 'event') event = value
    if (name === 'data') data.push(value)
  }
  return data.length > 0 ? { event, data: data.join('\n') } : undefined
}

const ENDED = new Set(['completed', 'failed', 'cancelled', 'expired'])

/**
 * Follows one export task until it has ended or `signal` aborts. Connects again when the stream breaks off; throws
 * only when the server refuses.
 */
export async function watchTask(id: string, onTask: (task: Schema<'Task'>) => void, signal: AbortSignal): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      const url = new URL(`/api/v1/exports/tasks/${id}/events`, location.origin)
      const response = await send(new Request(url, { headers: { accept: 'text/event-stream' }, signal }), { deadline: 0 })
      if (await follow(response, onTask, () => (failures = 0))) return
    } catch (error) {
      if (isAborted(error) || signal.aborted) return
      if (error instanceof Problem && !error.passing && error.status !== 429) throw error
    }
    failures += 1
    await sleep(backOff(failures, { longest: 15_000 }))
  }
}

/** True when the task has ended. */
async function follow(response: Response, onTask: (task: Schema<'Task'>) => void, onLife: () => void): Promise<boolean> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const parser = new EventParser()
  for (;;) {
    const read = await reader?.read()
    if (read === undefined || read.done) return false
    for (const event of parser.push(read.value)) {
      if (event.event !== 'task') continue
      const task = JSON.parse(event.data) as Schema<'Task'>
      onLife()
      onTask(task)
      if (task.status && ENDED.has(task.status)) return true
    }
  }
}
