import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/slow/**'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 60_000,
    // One for each processor: the process that collects results has little to do.
    maxWorkers: availableParallelism(),
  },
});
