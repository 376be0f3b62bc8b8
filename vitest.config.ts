import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const alias = {
  'sluice/cdk': fileURLToPath(new URL('infra/index.ts', import.meta.url)),
  sluice: fileURLToPath(new URL('lib/index.ts', import.meta.url)),
};

/** The suites that start a local AWS run one file at a time, after the others: two cores are not many. */
const oneByOne = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 300_000 } as const;

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/model/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'localstack',
          include: ['test/localstack/{contract,local-aws}/**/*.test.ts'],
          ...oneByOne,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'pipelines',
          include: ['test/localstack/pipelines/**/*.test.ts'],
          globalSetup: ['test/localstack/pipelines/global-setup.ts'],
          ...oneByOne,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
