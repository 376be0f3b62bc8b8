import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cdkProgress, runCdk } from '../../../lib/cli/cdk.ts';
import type { Services } from '../../../lib/cli/context.ts';
import { SluiceError } from '../../../lib/core/errors.ts';
import { fakeContext, openRun, PIPELINE, typed } from './fake-context.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  writeFileSync(join(folder, 'job.ts'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A context in the folder whose CDK only notes what it was asked. */
function deploying(services: Partial<Services> = {}) {
  const asked: (readonly string[])[] = [];
  const cdk: Services['cdk'] = async (args) => {
    asked.push(args);
    return { ok: true, lines: [] };
  };
  const fake = fakeContext({ cdk, ...services }, { workingDirectory: folder });
  return { fake, asked };
}

describe('deploy', () => {
  test('bootstraps where that was never done, then deploys the stack, and prints the output', async () => {
    const { fake, asked } = deploying();
    expect(await typed(fake, 'deploy', 'job.ts', '--json')).toBe(0);
    expect(asked.map((args) => args.slice(0, 2))).toEqual([
      ['bootstrap', 'aws://000000000000/us-east-1'],
      ['deploy', 'Sluice-count'],
    ]);
    expect(asked[1]).toContain(`job=${join(folder, 'job.ts')}`);
    const { stack: _stack, ...output } = PIPELINE;
    expect(fake.json()).toEqual(output);
    const out = asked[1]?.[asked[1].indexOf('--output') + 1] ?? '';
    expect(existsSync(dirname(out))).toBe(false);
  });

  test('does not bootstrap again', async () => {
    const { fake, asked } = deploying({ stackStatus: async () => 'CREATE_COMPLETE' });
    await typed(fake, 'deploy', 'job.ts');
    expect(asked).toHaveLength(1);
  });

  test('bootstraps again where that was interrupted', async () => {
    const { fake, asked } = deploying({ stackStatus: async () => 'REVIEW_IN_PROGRESS' });
    await typed(fake, 'deploy', 'job.ts');
    expect(asked).toHaveLength(2);
  });

  test('without a file takes the job of cdk.json', async () => {
    const { fake, asked } = deploying();
    writeFileSync(join(folder, 'cdk.json'), '{"context":{"job":"job.ts"}}');
    expect(await typed(fake, 'deploy')).toBe(0);
    expect(asked[1]).toContain(`job=${join(folder, 'job.ts')}`);
  });

  test('fails before anything is deployed: no job named, no such file, a bad job', async () => {
    const jobName = () => Promise.reject(new SluiceError('jobInvalid', 'no handler'));
    const { fake, asked } = deploying({ jobName });
    await typed(fake, 'deploy');
    await typed(fake, 'deploy', 'nothing.ts');
    await typed(fake, 'deploy', 'job.ts');
    expect(fake.stderr()).toMatch(/error\[usage\][\s\S]*error\[jobNotFound\][\s\S]*error\[jobInvalid\]: no handler/);
    expect(asked).toHaveLength(0);
  });

  test('fails with deployFailed and the last lines, and shows all of them', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const { fake } = deploying({ cdk: async () => ({ ok: false, lines }), stackStatus: async () => 'X' });
    expect(await typed(fake, 'deploy', 'job.ts', '--json')).toBe(1);
    const { code, message } = fake.json().error;
    expect(code).toBe('deployFailed');
    expect(message).toContain('line 19');
    expect(message).not.toContain('line 1\n');
    expect(fake.stderr()).toContain('line 0\n');
  });
});

describe('runCdk', () => {
  const options = () => ({ workingDirectory: folder, environment: process.env, onLine: () => {} });

  test('runs the pinned CDK and keeps what it said', async () => {
    const result = await runCdk(['--version'], { ...options(), signal: new AbortController().signal });
    expect(result).toEqual({ ok: true, lines: [expect.stringMatching(/^2\./)] });
  }, 20_000);

  test('ends it on Ctrl-C', async () => {
    const result = await runCdk(['--version'], { ...options(), signal: AbortSignal.abort() });
    expect(result.ok).toBe(false);
  }, 20_000);
});

test.each([
  [
    'Sluice-count |  3/20 | 10:00:00 | CREATE_COMPLETE      | AWS::SQS::Queue | Job/Queue (JobQueue1)',
    '3/20 AWS::SQS::Queue Job/Queue',
  ],
  [
    'Sluice-count |  3/20 | 10:00:00 | CREATE_FAILED        | AWS::SQS::Queue | Job/Queue (JobQueue1) no',
    '3/20 CREATE_FAILED AWS::SQS::Queue Job/Queue (JobQueue1) no',
  ],
  ['some other line', null],
])('cdkProgress(%s)', (line, expected) => {
  expect(cdkProgress(line)).toBe(expected);
});

describe('destroy', () => {
  function destroying(changes: Partial<Parameters<typeof fakeContext>[1]> = {}, services: Partial<Services> = {}) {
    const done: string[] = [];
    const emptyBucket = async (bucket: string) => {
      done.push(`empty ${bucket}`);
      return 3;
    };
    const deleteStack = async (stack: string) => void done.push(`delete ${stack}`);
    return { done, fake: fakeContext({ emptyBucket, deleteStack, ...services }, changes) };
  }

  test('--yes empties the bucket, then deletes the stack, and says what is gone', async () => {
    const { fake, done } = destroying();
    expect(await typed(fake, 'destroy', '--yes', '--json')).toBe(0);
    expect(done).toEqual(['empty B', 'delete Sluice-count']);
    expect(fake.json()).toEqual({ stack: 'Sluice-count', pipeline: 'count', objects: 3 });
  });

  test('without a terminal it needs --yes', async () => {
    const { fake, done } = destroying();
    expect(await typed(fake, 'destroy')).toBe(1);
    expect(done).toEqual([]);
    expect(fake.stderr()).toContain('--yes');
  });

  test('declining exits non-zero and destroys nothing; agreeing destroys', async () => {
    const declined = destroying({ confirm: async () => false });
    expect(await typed(declined.fake, 'destroy')).toBe(1);
    expect(declined.done).toEqual([]);
    const agreed = destroying({ confirm: async () => true });
    expect(await typed(agreed.fake, 'destroy')).toBe(0);
    expect(agreed.done).toHaveLength(2);
  });

  test('exits with 4 while a run is under way, and says to stop it', async () => {
    const { fake, done } = destroying();
    await openRun(fake);
    expect(await typed(fake, 'destroy', '--yes')).toBe(4);
    expect(done).toEqual([]);
    expect(fake.stderr()).toContain('sluice stop');
  });

  test('exits with 4 when a run has begun while the question stood', async () => {
    const { fake, done } = destroying({
      confirm: async () => {
        await openRun(fake);
        return true;
      },
    });
    expect(await typed(fake, 'destroy')).toBe(4);
    expect(done).toEqual([]);
  });

  test('deletes no stack after Ctrl-C, and says how far it came', async () => {
    const emptyBucket = async () => {
      fake.interrupt();
      return 3;
    };
    const { fake, done } = destroying({}, { emptyBucket });
    expect(await typed(fake, 'destroy', '--yes')).toBe(130);
    expect(done).toEqual([]);
    expect(fake.stderr()).toContain('interrupted: 3 objects deleted, stack Sluice-count stands; run it again');
  });

  test("fails for a pipeline in somebody else's stack", async () => {
    const { fake, done } = destroying({}, { pipelines: async () => [{ ...PIPELINE, stack: 'Web' }] });
    expect(await typed(fake, 'destroy', '--yes')).toBe(1);
    expect(done).toEqual([]);
  });
});
