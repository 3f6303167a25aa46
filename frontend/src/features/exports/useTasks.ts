import { onScopeDispose, watch } from 'vue'
import { api, call, idempotent, type Schema } from '@/api'
import { watchTask } from '@/api/events'
import { download, save, type Downloaded } from '@/api/files'
import { useListQuery } from '@/composables/useListQuery'

type Task = Schema<'Task'>
/** Browsers allow six connections to one server over HTTP/1.1; the rest stay free for calls. */
const STREAMS = 3

export function isLive(task: Task): boolean {
  return task.status === 'queued' || task.status === 'running'
}

/** The caller's exports, page by page, those under way followed live. */
export function useTasks() {
  const list = useListQuery<Task, { status: string }>(
    { status: '' },
    (filters, cursor, signal) => {
      const status = (filters.status || undefined) as Task['status'] | undefined
      return call(api.GET('/api/v1/exports/tasks', { params: { query: { status, cursor, limit: 20 } }, signal }))
    },
    { prefix: 'task_' },
  )
  const watched = new Map<string, AbortController>()

  function put(task: Task): void {
    list.items.value = list.items.value.map((other) => (other.id === task.id ? task : other))
  }
  function end(id: string): void {
    watched.get(id)?.abort()
    watched.delete(id)
  }
  function follow(): void {
    const live = list.items.value.filter(isLive)
    for (const id of [...watched.keys()]) if (!live.some((task) => task.id === id)) end(id)
    // The oldest are served first.
    for (const task of [...live].reverse()) {
      if (watched.size >= STREAMS) return
      if (watched.has(task.id)) continue
      const control = new AbortController()
      watched.set(task.id, control)
      watchTask(task.id, put, control.signal).catch(() => list.reload()).finally(() => {
        if (watched.get(task.id) === control) watched.delete(task.id)
        if (!control.signal.aborted) follow()
      })
    }
  }
  watch(list.items, follow)
  onScopeDispose(() => {
    for (const id of [...watched.keys()]) end(id)
  })

  return {
    list,
    /** Shows new tasks at once, on top; a filter or another page is left for it. */
    add(tasks: Task[]): void {
      if (list.filtered.value || list.hasPrevious.value) list.clear()
      else list.items.value = [...tasks, ...list.items.value]
    },
    async cancel(task: Task): Promise<void> {
      put(await call(api.POST('/api/v1/exports/tasks/{id}/cancel', { params: { path: { id: task.id }, header: idempotent() } })))
    },
    async retry(task: Task): Promise<void> {
      put(await call(api.POST('/api/v1/exports/tasks/{id}/retry', { params: { path: { id: task.id }, header: idempotent() } })))
    },
    async remove(task: Task): Promise<void> {
      const back = list.patch((items) => items.filter((other) => other.id !== task.id))
      try {
        await call(api.DELETE('/api/v1/exports/tasks/{id}', { params: { path: { id: task.id } } }))
      } catch (error) {
        back()
        throw error
      }
    },
  }
}

/** Queues one document; `key` is made once for one action. */
export async function order(body: Schema<'NewTask'>, key: string): Promise<Task> {
  return call(api.POST('/api/v1/exports/tasks', { params: { header: idempotent(key) }, body }))
}

export function fileOf(task: Task): Promise<Downloaded> {
  return download(`/api/v1/exports/tasks/${task.id}/file`, task.file_name ?? 'book')
}

export async function saveFile(task: Task): Promise<void> {
  save(await fileOf(task))
}
