/** `ElSelect` as all pages use it: the box in which its list scrolls can be reached by the Tab key in every browser, as in Chromium. */
import type { ComponentPublicInstance } from 'vue'
import { ElSelect } from 'element-plus/es/components/select/index.mjs'

type Inside = ComponentPublicInstance & { scrollbarRef?: { wrapRef?: HTMLElement } }

export default {
  ...ElSelect,
  mounted(this: Inside) {
    this.$watch(
      () => this.scrollbarRef?.wrapRef,
      (box) => {
        if (box) box.tabIndex = 0
      },
      { immediate: true, flush: 'post' },
    )
  },
}
