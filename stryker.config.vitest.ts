import { configDefaults, defineConfig } from 'vitest/config';

// Only what tests the core: of vitest.config.ts's projects, some start a local AWS.
export default defineConfig({
  test: {
    setupFiles: ['test/support/no-aws.ts'],
    include: ['test/unit/core/**/*.test.ts', 'test/model/**/*.test.ts'],
    // it measures the heap over 200 MiB of input: under Stryker's counters that takes minutes and measures the counters
    exclude: [...configDefaults.exclude, 'test/unit/core/sources/memory.test.ts'],
    testTimeout: 60_000,
  },
});
