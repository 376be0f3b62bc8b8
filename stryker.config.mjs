// Mutation testing of the pure core, on demand: `npm run mutation`. docs/mutation.md says how to read it.
export default {
  mutate: ['lib/core/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'stryker.config.vitest.ts' },
  // two cores are not many, and each runner takes a good half of one GiB
  concurrency: 2,
  coverageAnalysis: 'perTest',
  // a mutant may loop for ever: it gets this much more than its tests took without it
  timeoutMS: 10_000,
  // Stryker rewrites a tsconfig.json with the compiler's API, which TypeScript 7 does not have; vitest needs none of it
  tsconfigFile: 'none',
  tempDirName: 'out/stryker',
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { reportTests: false },
  htmlReporter: { fileName: 'out/mutation.html' },
  jsonReporter: { fileName: 'out/mutation.json' },
  thresholds: { high: 100, low: 95, break: 95 },
};
