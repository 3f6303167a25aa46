import { onScopeDispose, shallowRef, watch } from 'vue'
import { api, call, idempotent, Problem, type Schema } from '@/api'
import { watchTask } from '@/api/events'
import { download, save, type Downloaded } from '@/api/files'
import { useFreshItems } from '@/composables/useFreshItems'
import { useListQuery } from '@/composables/useListQuery'

type Task = Schema<'Task'>

export function isLive(task: Task): boolean {
  return task.status === 'queued' || task.status === 'running'
}

/**
 * The caller's exports, page by page. The one that is served first is followed live; the others are looked at now and
 * then: browsers have six connections to a server over HTTP/1.1, for all tabs together.
 */
export function useTasks() {
  const list = useListQuery<Task, Record<string, never>>(
    {},
    (_filters, cursor, signal) => call(api.GET('/api/v1/exports/tasks', { params: { query: { cursor, limit: 20 } }, signal })),
    { prefix: 'task_' },
  )
  const followed = shallowRef<{ id: string; control: AbortController }>()
  /** Those whose stream the server refuses. */
  const refused = new Set<string>()

  function put(task: Task): void {
    list.items.value = list.items.value.map((other) => (other.id === task.id ? task : other))
  }
  function follow(): void {
    const live = list.items.value.filter(isLive)
    if (live.some((task) => task.id === followed.value?.id)) return
    followed.value?.control.abort()
    followed.value = undefined
    const oldest = live.findLast((task) => !refused.has(task.id))
    if (!oldest) return
    const mine = (followed.value = { id: oldest.id, control: new AbortController() })
    void watchTask(mine.id, put, mine.control.signal)
      .catch(() => refused.add(mine.id))
      .finally(() => {
        if (followed.value !== mine) return
        followed.value = undefined
        follow()
      })
  }
  watch(list.items, follow)
  useFreshItems(list, (items) => items.some((task) => isLive(task) && task.id !== followed.value?.id))
  onScopeDispose(() => followed.value?.control.abort())

  return {
    list,
    /** Shows new tasks at once, on top; another page is left for it. */
    add(tasks: Task[]): void {
      if (list.hasPrevious.value) list.clear()
      else list.items.value = [...tasks, ...list.items.value]
    },
    async cancel(task: Task): Promise<void> {
      put(await call(api.POST('/api/v1/exports/tasks/{id}/cancel', { params: { path: { id: task.id } } })))
    },
    async retry(task: Task): Promise<void> {
      put(await call(api.POST('/api/v1/exports/tasks/{id}/retry', { params: { path: { id: task.id } } })))
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

/** True when a document has to be made again before there is a file. */
export function isFileGone(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'EXPORT_FILE_GONE' || error.code === 'EXPORT_FILE_EXPIRED')
}

export async function saveFile(task: Task): Promise<void> {
  save(await fileOf(task))
}
