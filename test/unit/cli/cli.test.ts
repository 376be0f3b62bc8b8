import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { toSluiceError } from '../../../lib/cli/errors.ts';
import { COMMANDS } from '../../../lib/cli/program.ts';
import { runIdSchema } from '../../../lib/core/message.ts';
import { newRunId } from '../../../lib/door/run-id.ts';
import { fakeContext, START, typed } from './fake-context.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe('the command line', () => {
  test('plain "sluice" prints the help and exits with 0', async () => {
    const fake = fakeContext();
    expect(await typed(fake)).toBe(0);
    for (const { name } of COMMANDS) expect(fake.stdout()).toContain(`\n  ${name} `);
  });

  test.each(COMMANDS.map(({ name }) => name))('the help of %s has an example of it', async (name) => {
    const fake = fakeContext();
    expect(await typed(fake, name, '--help')).toBe(0);
    expect(fake.stdout()).toMatch(new RegExp(`\nExample:\n +.*sluice ${name}`));
    expect(fake.stdout()).toMatch(/\nExit: 0 done · 1 error( · .+)? · 130 Ctrl-C\.\n+$/);
  });

  test('an unknown command or flag exits with 1 and a suggestion', async () => {
    const fake = fakeContext();
    expect(await typed(fake, 'stats')).toBe(1);
    expect(await typed(fake, 'run', '--wiat')).toBe(1);
    expect(await typed(fake, 'stats', '--help')).toBe(1);
    expect(fake.stderr()).toContain("error[usage]: unknown command 'stats'\n(Did you mean status?)");
    expect(fake.stderr()).toContain('(Did you mean --wait?)');
    expect(fake.stdout()).toBe('');
  });

  test('too many words and a missing --out are errors', async () => {
    const fake = fakeContext();
    expect(await typed(fake, 'status', 'a', 'b')).toBe(1);
    expect(await typed(fake, 'results')).toBe(1);
    expect(fake.stderr()).toContain('--out');
  });

  test('with --json errors of the command line are JSON too', async () => {
    const fake = fakeContext();
    await typed(fake, 'results', '--json');
    expect(fake.json().error.code).toBe('usage');
  });

  test('--version prints the version of the package', async () => {
    const fake = fakeContext();
    expect(await typed(fake, '--version')).toBe(0);
    expect(fake.stdout()).toBe(`${JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')).version}\n`);
  });

  test('--help loads no AWS SDK', () => {
    const script = `
      const { registerHooks } = await import('node:module');
      registerHooks({ resolve(name, context, next) {
        if (/^@aws-sdk|^aws-cdk-lib|^esbuild/.test(name)) throw new Error('loaded ' + name);
        return next(name, context);
      } });
      process.argv.push('run', '--help');
      await import('${ROOT}bin/sluice.ts');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, 'x'], { encoding: 'utf8' });
    expect(child.stderr).not.toContain('loaded');
    expect(child.stdout).toContain('Usage: sluice run');
  }, 20_000);

  test('nothing in lib/cli imports the AWS SDK or the CDK', () => {
    for (const file of readdirSync(`${ROOT}lib/cli`, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(`${ROOT}lib/cli/${file}`, 'utf8');
      expect(text, file).not.toMatch(/(from|import\() ?'(@aws-sdk|aws-cdk-lib|constructs)/);
      const eager = text.matchAll(/^import (?!type )[^;]*'(\.\.\/)+(aws|loading|infra)\/[^']*'/gm);
      expect(
        [...eager].map(([line]) => line),
        file,
      ).toEqual([]);
    }
  });
});

describe('errors', () => {
  test('an unknown error is internal; its stack is shown only with SLUICE_DEBUG=1', async () => {
    const pipelines = () => Promise.reject(new Error('broken'));
    const quiet = fakeContext({ pipelines });
    expect(await typed(quiet, 'status', '--json')).toBe(1);
    expect(quiet.json()).toEqual({ error: { code: 'internal', message: 'broken' } });
    expect(quiet.stderr()).toBe('target: local AWS at http://127.0.0.1:1\nerror[internal]: broken\n');
    const loud = fakeContext({ pipelines }, { environment: { SLUICE_DEBUG: '1' } });
    await typed(loud, 'status');
    expect(loud.stderr()).toContain('    at ');
  });

  test.each([
    ['CredentialsProviderError', 'credentialsMissing'],
    ['ExpiredTokenException', 'credentialsMissing'],
    ['AccessDeniedException', 'accessDenied'],
    ['ResourceNotFoundException', 'pipelineMissing'],
    ['ParameterNotFound', 'pipelineMissing'],
    ['TimeoutError', 'targetUnreachable'],
    ['TypeError', 'internal'],
  ])("AWS's %s becomes %s", (name, code) => {
    const error = Object.assign(new Error('text of the service'), { name });
    expect(toSluiceError(error)).toMatchObject({ code, message: expect.stringContaining('text of the service') });
  });

  test('a refused connection is known by its code', () => {
    const error = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(toSluiceError(error).code).toBe('targetUnreachable');
  });
});

describe('newRunId', () => {
  test.each(['count', 'a--b', 'ends-', 'a'.repeat(40)])('is a valid run id for the job name %s', (job) => {
    for (let round = 0; round < 50; round += 1)
      expect(runIdSchema.safeParse(newRunId(job, START)).error).toBeUndefined();
  });

  test('says job and time', () => {
    expect(newRunId('a--b', START, () => 0)).toBe('a-b-20260102-030405-aaaa');
  });
});

describe('local', () => {
  const up = { running: true, endpoint: 'http://127.0.0.1:4566', port: 4566, pid: 7, reused: false };

  test('status --json has exactly the keys of the contract', async () => {
    const fake = fakeContext({ localStatus: async () => up });
    expect(await typed(fake, 'local', 'status', '--json')).toBe(0);
    expect(fake.json()).toEqual({ running: true, endpoint: 'http://127.0.0.1:4566', port: 4566, pid: 7 });
  });

  test('up prints the export lines and nothing else on standard output', async () => {
    const ports: (number | undefined)[] = [];
    const localUp = async ({ port }: { port?: number }) => {
      ports.push(port);
      return up;
    };
    const fake = fakeContext({ localUp, exportLines: async () => ['export A=1', 'export B=2'] });
    expect(await typed(fake, 'local', 'up', '--port', '4567')).toBe(0);
    expect(ports).toEqual([4567]);
    expect(fake.stdout()).toBe('export A=1\nexport B=2\n');
  });

  test('up starts nothing where AWS_ENDPOINT_URL is set, and says so', async () => {
    const fake = fakeContext({}, { environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } });
    expect(await typed(fake, 'local', 'up')).toBe(0);
    expect(fake.stderr()).toContain('AWS_ENDPOINT_URL is set');
    expect(fake.stdout()).toBe('');
  });

  test('down says whether there was one', async () => {
    const fake = fakeContext({ localDown: async () => ({ stopped: true }) });
    expect(await typed(fake, 'local', 'down')).toBe(0);
    expect(fake.stderr()).toContain('has ended');
  });

  test.each(['0', '70000', 'x'])('fails for port %s', async (port) => {
    expect(await typed(fakeContext(), 'local', 'up', '--port', port)).toBe(1);
  });
});
