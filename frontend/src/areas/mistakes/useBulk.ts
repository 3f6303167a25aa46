import { computed, ref, shallowRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, call, idempotent, type Schema } from '@/api'
import { useProblemToast } from '@/composables/useProblemText'
import { useUndo } from '@/composables/useUndo'

type Mistake = Schema<'Mistake'>
/** As many as one call takes. */
export const MOST = 200

/** Choosing mistakes over several pages, and what is done with all of them; changes are shown at once and can be undone. */
export function useBulk(list: {
  items: Ref<Mistake[]>
  patch: (change: (items: Mistake[]) => Mistake[]) => () => void
  reload: () => Promise<void>
}) {
  const { t } = useI18n()
  const { say } = useUndo()
  const { report } = useProblemToast()
  const chosen = shallowRef(new Map<string, Mistake>())
  const busy = ref(false)
  const count = computed(() => chosen.value.size)
  const allHere = computed(() => list.items.value.length > 0 && list.items.value.every((item) => chosen.value.has(item.id)))
  const someHere = computed(() => !allHere.value && list.items.value.some((item) => chosen.value.has(item.id)))

  function choose(items: Mistake[], on: boolean): void {
    const next = new Map(chosen.value)
    for (const item of items) {
      if (!on) next.delete(item.id)
      else if (next.size < MOST) next.set(item.id, item)
    }
    chosen.value = next
  }
  const clear = () => (chosen.value = new Map())

  async function send(change: Omit<Schema<'MistakeChanges'>, 'mistake_ids'>, ids: string[]): Promise<Schema<'ChangedMistake'>[]> {
    if (ids.length === 0) return []
    const body = { ...change, mistake_ids: ids }
    const answer = await call(api.POST('/api/v1/mistakes/changes', { params: { header: idempotent() }, body }))
    return answer.items
  }
  /** Shows it at once; takes it back when the server refuses. */
  async function act(show: (items: Mistake[]) => Mistake[], go: (ids: string[]) => Promise<unknown>, said: (count: number) => void) {
    const ids = [...chosen.value.keys()]
    const back = list.patch(show)
    busy.value = true
    try {
      await go(ids)
      said(ids.length)
      clear()
      await list.reload()
    } catch (error) {
      back()
      report(error)
    } finally {
      busy.value = false
    }
  }

  function setStatus(status: Schema<'MistakeStatus'>): Promise<void> {
    // What they were is what the server says, not what this page showed.
    let before: Schema<'ChangedMistake'>[] = []
    const undo = async () => {
      for (const old of new Set(before.map((item) => item.previous_status))) {
        await send({ status: old }, before.filter((item) => item.previous_status === old).map((item) => item.id))
      }
      await list.reload()
    }
    return act(
      (items) => items.map((item) => (chosen.value.has(item.id) ? { ...item, status } : item)),
      async (ids) => {
        before = await send({ status }, ids)
      },
      (number) => say(t('mistakes.bulk.statusSet', { count: number, status: t(`common.status.${status}`) }), { undo }),
    )
  }
  function remove(): Promise<void> {
    const gone = [...chosen.value.keys()]
    const undo = async () => {
      await send({ restore: true }, gone)
      await list.reload()
    }
    return act(
      (items) => items.filter((item) => !chosen.value.has(item.id)),
      (ids) => send({ delete: true }, ids),
      (number) => say(t('mistakes.bulk.deleted', { count: number }), { undo }),
    )
  }
  function restore(): Promise<void> {
    return act(
      (items) => items.filter((item) => !chosen.value.has(item.id)),
      (ids) => send({ restore: true }, ids),
      (number) => say(t('mistakes.bulk.restored', { count: number })),
    )
  }
  function analyse(): Promise<void> {
    return act(
      (items) => items.map((item) => (chosen.value.has(item.id) ? { ...item, analysis_status: 'queued' } : item)),
      (ids) => send({ analyse: true }, ids),
      (number) => say(t('mistakes.bulk.analysing', { count: number })),
    )
  }

  return { chosen, count, allHere, someHere, busy, choose, clear, setStatus, remove, restore, analyse }
}
