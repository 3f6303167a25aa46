/** `ElOptionGroup` as all pages use it: its lists are a group of choices with a name to screen readers, not lists within a choice. */
import type { ComponentPublicInstance } from 'vue'
import { ElOptionGroup } from 'element-plus/es/components/select/index.mjs'

type Inside = ComponentPublicInstance<{ label?: string }>

export default {
  ...ElOptionGroup,
  mounted(this: Inside) {
    const group = this.$el as HTMLElement
    const [title, rest] = group.children
    group.setAttribute('role', 'group')
    title?.setAttribute('aria-hidden', 'true')
    for (const part of [title, rest, rest?.firstElementChild]) part?.setAttribute('role', 'none')
    this.$watch(
      () => this.label,
      (label) => group.setAttribute('aria-label', label ?? ''),
      { immediate: true },
    )
  },
}
