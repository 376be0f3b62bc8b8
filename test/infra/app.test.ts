import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from './support.ts';

const entry = fileURLToPath(new URL('../../bin/app.ts', import.meta.url));
let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-app-'));
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Runs the app as `cdk` does: its context and its output folder come by environment variables. */
function app(context: object) {
  return spawnSync(process.execPath, [entry], {
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(context) },
    timeout: 60_000,
  });
}

describe('the CDK app', () => {
  it('makes the stack of the job in the context', () => {
    expect(app({ job: fixture('count.ts') }).status).toBe(0);
    expect(readdirSync(out)).toContain('Sluice-count.template.json');
  });

  it.each(['true', true])('gives it an API where the context says %j', (api) => {
    const apis = () =>
      readFileSync(join(out, 'Sluice-count.template.json'), 'utf8').includes('AWS::ApiGateway::RestApi');
    expect(app({ job: fixture('count.ts') }).status).toBe(0);
    expect(apis()).toBe(false);
    expect(app({ job: fixture('count.ts'), api }).status).toBe(0);
    expect(apis()).toBe(true);
  });

  it.each([
    [{}, 'sluice: no job: name its file in the context, as in "cdk deploy -c job=jobs/count.ts" (usage)\n'],
    [{ job: '/nowhere/job.ts' }, 'sluice: no job "/nowhere/job.ts" (/nowhere/job.ts) (jobNotFound)\n'],
    [{ job: entry.replace('app.ts', '') }, /^sluice: not a file: .* \(jobNotFound\)\n$/],
  ])('fails with %o by a message, without a stack trace', (context, message) => {
    const { status, stderr } = app(context);
    expect(status).toBe(1);
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('is what cdk.json runs', () => {
    const cdk = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
    expect(cdk.app).toBe('node bin/app.ts');
  });
});
