import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { bundleOptions, bundleSync, findJob } from '../lib/loading/bundle.ts';
import { lambdaEntries } from './entries.ts';

export const FUNCTION_NAMES = ['open', 'produce', 'settle', 'close', 'worker', 'sideline', 'stopper', 'api'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/**
 * Bundles the lambdas of a job: each entry with the job, Sluice and the AWS SDK in one ES module. The SDK is bundled so
 * that its version is the one that was tested, wherever the function runs.
 *
 * The code's hash is that of the bundle, so it changes only when the code does.
 */
export function bundleFunctions(job: string): Record<FunctionName, lambda.Code> {
  const path = findJob(job);
  const { outputFiles = [] } = buildFunctions(path);
  const texts = new Map(outputFiles.map((file) => [file.path, file.contents]));
  return Object.fromEntries(
    FUNCTION_NAMES.map((name) => [name, codeOf(texts.get(bundlePath(name)) ?? new Uint8Array(), path)]),
  ) as Record<FunctionName, lambda.Code>;
}

/** Where the build says that a function's bundle lies; nothing is written there. */
export function bundlePath(name: FunctionName): string {
  return join('/bundles', `${name}.mjs`);
}

/**
 * @param path the job's absolute path.
 * @param metafile whether to tell what is in each bundle, which a deploy does not ask.
 */
export function buildFunctions(path: string, metafile = false) {
  const entries = lambdaEntries(FUNCTION_NAMES);
  const shared = bundleOptions();
  return bundleSync(
    {
      ...shared,
      entryPoints: Object.fromEntries(FUNCTION_NAMES.map((name) => [name, entries[name]])),
      alias: { ...shared.alias, 'sluice:job': path },
      outdir: '/bundles',
      outExtension: { '.js': '.mjs' },
      write: false,
      metafile,
      minify: true,
      // Stacks, and errors that take their class's name, read as they were written.
      keepNames: true,
    },
    path,
  );
}

/** Lambda loads `index.mjs`; the bundle goes straight into CDK's staging folder, and nothing is read from the job's. */
function codeOf(contents: Uint8Array, job: string): lambda.Code {
  return lambda.Code.fromAsset(dirname(job), {
    assetHash: createHash('sha256').update(contents).digest('hex'),
    assetHashType: AssetHashType.CUSTOM,
    bundling: {
      // Never used: bundling is always done here.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(folder: string) {
          mkdirSync(folder, { recursive: true });
          writeFileSync(join(folder, 'index.mjs'), contents);
          return true;
        },
      },
    },
  });
}
