import { configDefaults, defineConfig } from 'vitest/config';

// Only what tests the core: of vitest.config.ts's projects, some start a local AWS.
export default defineConfig({
  test: {
    setupFiles: ['test/support/no-aws.ts'],
    include: ['test/unit/core/**/*.test.ts', 'test/model/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      // they measure the heap over much input: under Stryker's counters that takes minutes and measures the counters
      'test/unit/core/sources/memory.test.ts',
      'test/model/sources/lazy.test.ts',
      // it takes half a minute, and what it tests is not the core
      'test/model/interleavings/**',
    ],
    testTimeout: 60_000,
  },
});
