import { useI18n } from 'vue-i18n'
import { api, call, type Schema } from '@/api'
import { useProblemToast } from '@/composables/useProblemText'
import { useUndo } from '@/composables/useUndo'

type Class = Schema<'Class'>

/** Archives and restores classes, each with the other one as its undo; `changed` learns of every change. */
export function useArchive(changed: (changed: Class) => void) {
  const { t } = useI18n()
  const { say } = useUndo()
  const { report } = useProblemToast()

  const send = async (id: string, archive: boolean) => {
    const params = { path: { id } }
    const answer = archive ? api.POST('/api/v1/classes/{id}/archive', { params }) : api.POST('/api/v1/classes/{id}/restore', { params })
    changed(await call(answer))
  }
  /** `rollback` takes back what was shown before the server answered. */
  async function setArchived({ id, name }: Class, archive: boolean, rollback?: () => void): Promise<void> {
    try {
      await send(id, archive)
      say(t(archive ? 'classes.list.archivedNow' : 'classes.list.restoredNow', { name }), { undo: () => send(id, !archive) })
    } catch (error) {
      rollback?.()
      report(error)
    }
  }
  return { setArchived }
}
