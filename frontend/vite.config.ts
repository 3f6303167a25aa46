import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { elementPlusParts } from './scripts/element-plus-parts.mjs'
import { defineConfig } from 'vitest/config'

const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8000'

const proxy = { '/api': { target: gateway, ws: true }, '/health': { target: gateway } }

/** Element Plus in parts by what pages need together; what is not named belongs to the base. */
const elementParts: [RegExp, string][] = [
  [/(table|table-column|table-v2|pagination)\//, 'element-table'],
  [/(date-picker|date-picker-panel|time-picker|time-select|calendar)\//, 'element-date'],
  [/(select|select-v2|option|cascader|cascader-panel|tree|tree-select|virtual-list|autocomplete|tag)\//, 'element-select'],
  [/(dialog|drawer|overlay|dropdown|popover|popconfirm|popper|tooltip|menu|tabs|upload|scrollbar|focus-trap|roving-focus-group|collection|slot|teleport)\//, 'element-overlay'],
]

function chunkOf(id: string): string | undefined {
  if (!id.includes('node_modules')) return undefined
  if (/node_modules\/(echarts|zrender)\//.test(id)) return 'echarts'
  if (/node_modules\/dayjs\//.test(id)) return 'element-date'
  if (id.includes('node_modules/element-plus/es/components/')) {
    const part = id.split('element-plus/es/components/')[1] ?? ''
    return elementParts.find(([name]) => new RegExp(`^${name.source}`).test(part))?.[1] ?? 'element-plus'
  }
  if (/node_modules\/(element-plus|@element-plus|@vueuse|@floating-ui|@popperjs|async-validator|lodash)/.test(id)) {
    return /async-validator/.test(id) ? 'element-form' : 'element-plus'
  }
  if (/node_modules\/(@vue|vue|vue-router|pinia|vue-i18n|@intlify)\//.test(id)) return 'vue'
  return undefined
}

export default defineConfig({
  plugins: [
    vue(),
    // Components and styles of Element Plus, each where it is used; their types come from `element-plus/global`.
    Components({ dts: false, dirs: [], resolvers: [elementPlusParts()] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // A test reads the codes of problems out of the services' sources.
  server: { port: 5173, proxy, fs: { allow: ['..'] } },
  preview: { port: 4173, proxy },
  build: {
    target: 'es2022',
    cssCodeSplit: true,
    manifest: true, // for scripts/weigh.mjs, which takes it away
    minify: 'terser',
    terserOptions: { compress: { drop_console: true, drop_debugger: true } },
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks: chunkOf,
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  // Element Plus goes through Vite, as its styles are more than Node.js can import.
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], server: { deps: { inline: ['element-plus'] } } },
})
