import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const alias = {
  'sluice/cdk': fileURLToPath(new URL('infra/index.ts', import.meta.url)),
  sluice: fileURLToPath(new URL('lib/index.ts', import.meta.url)),
};

/** The suites that start a local AWS run one file at a time: two cores are not many. */
const oneByOne = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 300_000 } as const;

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          testTimeout: 60_000,
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/unit/**/*.test.ts'],
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'model',
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/model/**/*.test.ts'],
          testTimeout: 240_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'sim',
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/sim/**/*.test.ts'],
          testTimeout: 240_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'browser',
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'infra',
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/infra/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'package',
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'localstack',
          setupFiles: ['test/support/no-aws.ts'],
          include: ['test/localstack/{contract,local-aws,foreign-app}/**/*.test.ts'],
          ...oneByOne,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'pipelines',
          include: ['test/localstack/pipelines/**/*.test.ts'],
          globalSetup: ['test/localstack/pipelines/global-setup.ts'],
          setupFiles: ['test/support/no-aws.ts', 'test/localstack/pipelines/setup.ts'],
          ...oneByOne,
        },
      },
    ],
  },
});
