import { defineConfig } from 'vitest/config'

/** Journeys in a browser; `cargo test -p system-tests web` starts the system and runs them. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/*.e2e.ts'],
    // One browser at a time: the machine also runs the whole system.
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // What a page shows after an answer, on a machine that has much else to do.
    expect: { poll: { timeout: 15_000 } },
    retry: 0,
  },
})
