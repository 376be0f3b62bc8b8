import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ForeignApp, makeForeignApp, type Result } from './foreign-app.ts';
import { objectsIn, resourcesAt } from './resources.ts';

const ROWS = 2_600;
const STACK = 'Analytics';
const APP = ['--app', 'node app.ts', '--no-notices'];
/** What was synthesised, so that it is not done again. */
const SYNTHESISED = ['--app', 'cdk.out', '--no-notices'];
const NAG = `
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
`;
const CARELESS = `
import { Queue } from 'aws-cdk-lib/aws-sqs';
if (app.node.tryGetContext('careless')) new Queue(stack, 'Careless');
`;
/** Results too large for the ledger, so that the bucket has something in it. */
const BULKY = `import { randomBytes } from 'node:crypto';
import { defineJob, range } from 'sluice';
export default defineJob({ name: 'bulky', source: range(40), batchSize: 10, handler: async () => randomBytes(3_000).toString('hex') });
`;

let app: ForeignApp;
let endpoint = '';

beforeAll(() => {
  app = makeForeignApp();
  const row = (n: number) => `${n},${n},C${n % 7}\n`;
  writeFileSync(join(app.folder, 'jobs', 'ranges.csv'), Array.from({ length: ROWS }, (_, n) => row(n)).join(''));
  writeFileSync(join(app.folder, 'jobs', 'bulky.ts'), BULKY);
  appendFileSync(join(app.folder, 'app.ts'), NAG + CARELESS);
}, 280_000);
afterAll(async () => {
  await app?.run('sluice', 'local', 'down');
  app?.remove();
}, 60_000);

/** The one object that a command prints, once it has gone well. */
async function json(...args: readonly string[]) {
  const result = await app.run('sluice', ...args, '--json');
  expect(result.code, result.stderr).toBe(0);
  return JSON.parse(result.stdout);
}

async function cdk(...args: readonly string[]): Promise<Result> {
  const result = await app.run('cdk', ...args);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return result;
}

/** What a command says that a reader would have to do something about. */
const complaints = ({ stdout, stderr }: Result) =>
  `${stdout}\n${stderr}`.split('\n').filter((line) => /warn|error|deprecat|violation|AwsSolutions/i.test(line));

const results = async (pipeline: string, runId: string): Promise<unknown[]> => {
  const { stdout } = await app.run('sluice', 'results', runId, '--pipeline', pipeline, '--out', '-');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

describe('an app outside of the repository, with the packed package', () => {
  it('starts a local AWS of its own, and points other tools at it', async () => {
    const { code, stdout, stderr } = await app.run('sluice', 'local', 'up');
    expect(code, stderr).toBe(0);
    const exports = [...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);
    app.point(Object.fromEntries(exports));
    ({ endpoint } = await json('local', 'status'));
    expect(Object.fromEntries(exports).AWS_ENDPOINT_URL).toBe(endpoint);
  });

  it('is told what to install when it would deploy without the CDK', async () => {
    const { code, stdout } = await app.run('sluice', 'deploy', 'jobs/count.ts', '--json');
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('deployFailed');
    expect(error.message).toContain('npm install --save-dev aws-cdk');
  });

  it('compiles, strictly and without skipLibCheck', async () => {
    app.add('aws-cdk-lib', 'constructs', 'aws-cdk', 'cdk-nag', 'typescript');
    const how = ['--module', 'nodenext', '--target', 'esnext', '--types', '', '--skipLibCheck', 'false'];
    const { stdout } = await app.run('tsc', '--noEmit', '--strict', ...how, 'app.ts', 'jobs/count.ts');
    expect(stdout).toBe('');
  });

  it('synthesises two pipelines without a warning, under cdk-nag', async () => {
    const result = await cdk('synth', ...APP, '--quiet');
    expect(complaints(result)).toEqual([]);
    expect(readdirSync(join(app.folder, 'cdk.out'))).toContain(`${STACK}.template.json`);
  });

  it('is still told by cdk-nag of what is careless beside them', async () => {
    const careless = ['--quiet', '--output', 'careless', '--context', 'careless=true'];
    const result = await app.run('cdk', 'synth', ...APP, ...careless);
    expect(result.code).not.toBe(0);
    expect(complaints(result).join('\n')).toContain('AwsSolutions-SQS4');
  });

  it('deploys them, and each runs to its end with every result', async () => {
    await cdk('bootstrap', 'aws://000000000000/us-east-1', '--no-notices');
    await cdk('deploy', ...SYNTHESISED, STACK, '--require-approval', 'never');
    for (const [pipeline, workers] of [
      ['count', 4],
      ['recount', 10],
    ] as const) {
      const status = await json('run', '--wait', '--pipeline', pipeline);
      expect(status).toMatchObject({
        ...{ job: 'count', state: 'succeeded', workers, cap: workers * 100 },
        items: { total: ROWS, generated: ROWS, succeeded: ROWS, failed: 0, dead: 0 },
        batches: { reserved: 6, finished: 6, outstanding: 0 },
      });
      const expected = (n: number) => ({ item: n, result: { country: `C${n % 7}`, key: `${status.runId}/${n}` } });
      expect(await results(pipeline, status.runId)).toEqual(Array.from({ length: ROWS }, (_, n) => expected(n)));
    }
  }, 300_000);

  it('is looked over by the doctor', async () => {
    const { stdout } = await app.run('sluice', 'doctor', STACK, '--json');
    const { looked, findings } = JSON.parse(stdout);
    expect(looked.mappings).toBe(4);
    expect(findings).toEqual([]);
  });

  it('has nothing left of a pipeline that sluice deploys, runs and destroys', async () => {
    const before = await resourcesAt(endpoint);
    const { bucket } = await json('deploy', 'jobs/bulky.ts');
    const { state } = await json('run', '--wait', '--pipeline', 'bulky');
    expect(state).toBe('succeeded');
    const objects = await objectsIn(endpoint, bucket);
    expect(objects).toBeGreaterThan(0);
    expect((await resourcesAt(endpoint)).length - before.length).toBeGreaterThan(40);
    expect(await json('destroy', '--yes', '--pipeline', 'bulky')).toEqual({
      ...{ stack: 'Sluice-bulky', pipeline: 'bulky', objects },
    });
    expect(await resourcesAt(endpoint)).toEqual(before);
  });

  it('keeps of its own stack what it asks to keep: ledgers, buckets and logs', async () => {
    await cdk('destroy', ...SYNTHESISED, STACK, '--force');
    const left = await resourcesAt(endpoint);
    expect([...new Set(left.map((one) => one.replace(/ [^ ]*$/, '')))]).toEqual(['bucket', 'log group', 'table']);
    const count = (kind: string) => left.filter((one) => one.startsWith(kind)).length;
    // of each function one group, and none that Lambda would make by itself
    expect([count('bucket'), count('log group'), count('table')]).toEqual([2, 2 * 7, 2]);
  });
});
