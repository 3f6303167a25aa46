import { computed, ref, shallowRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, call, type Schema } from '@/api'
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
    const answer = await call(api.POST('/api/v1/mistakes/changes', { body }))
    return answer.items
  }
  /**
   * Shows it at once, and takes it back when the server refuses. What is said, and what `undo` is given, are those that the
   * server changed: others were as wanted already.
   */
  async function act(
    show: (items: Mistake[]) => Mistake[],
    change: Omit<Schema<'MistakeChanges'>, 'mistake_ids'>,
    said: (count: number) => string,
    undo?: (changed: Schema<'ChangedMistake'>[]) => Promise<unknown>,
  ): Promise<void> {
    const back = list.patch(show)
    busy.value = true
    try {
      const changed = await send(change, [...chosen.value.keys()])
      const takeBack = undo && changed.length > 0 ? () => undo(changed).then(list.reload) : undefined
      say(said(changed.length), { undo: takeBack })
      clear()
      await list.reload()
    } catch (error) {
      back()
      report(error)
    } finally {
      busy.value = false
    }
  }
  const idsOf = (changed: Schema<'ChangedMistake'>[]) => changed.map(({ id }) => id)
  const without = (items: Mistake[]) => items.filter((item) => !chosen.value.has(item.id))
  const all = (change: Partial<Mistake>) => (items: Mistake[]) => items.map((item) => (chosen.value.has(item.id) ? { ...item, ...change } : item))

  function setStatus(status: Schema<'MistakeStatus'>): Promise<void> {
    return act(
      all({ status }),
      { status },
      (count) => t('mistakes.bulk.statusSet', { count, status: t(`common.status.${status}`) }),
      async (changed) => {
        for (const old of new Set(changed.map((item) => item.previous_status))) {
          await send({ status: old }, idsOf(changed.filter((item) => item.previous_status === old)))
        }
      },
    )
  }
  const remove = () =>
    act(without, { delete: true }, (count) => t('mistakes.bulk.deleted', { count }), (changed) => send({ restore: true }, idsOf(changed)))
  const restore = () =>
    act(without, { restore: true }, (count) => t('mistakes.bulk.restored', { count }), (changed) => send({ delete: true }, idsOf(changed)))
  const analyse = () =>
    act(all({ analysis_status: 'queued' }), { analyse: true }, (count) => t('mistakes.bulk.analysing', { count }))

  return { chosen, count, allHere, someHere, busy, choose, clear, setStatus, remove, restore, analyse }
}
