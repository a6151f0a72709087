import { defineConfig } from 'vitest/config';

/** Tests that need programs of others; each says so when one is missing. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Calls last seconds and cost little; several at a time. Files take turns.
    maxConcurrency: 6,
    fileParallelism: false,
  },
});
