import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assetPath } from '../../../infra/local-aws/assets.ts';
import { localstackEnvironment } from '../../../infra/local-aws/environment.ts';
import { cacheFolder, instanceFolder } from '../../../infra/local-aws/folders.ts';
import { exportLines } from '../../../infra/local-aws/index.ts';
import { parsePipConfig, uvEnvironment } from '../../../infra/local-aws/uv.ts';

describe('the export lines', () => {
  test('point a shell at the instance', () => {
    expect(exportLines({ running: true, endpoint: 'http://127.0.0.1:4570', port: 4570, pid: 1 })).toEqual([
      'export AWS_ENDPOINT_URL=http://127.0.0.1:4570',
      'export AWS_ENDPOINT_URL_S3=http://127.0.0.1:4570',
      'export AWS_ACCESS_KEY_ID=test',
      'export AWS_SECRET_ACCESS_KEY=test',
      'export AWS_REGION=us-east-1',
      'export AWS_DEFAULT_REGION=us-east-1',
    ]);
  });

  test('are none when nothing runs', () => {
    expect(exportLines({ running: false, endpoint: null, port: null, pid: null })).toEqual([]);
  });
});

describe('the folders', () => {
  test.each([
    [{ SLUICE_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }, '/c'],
    [{ XDG_CACHE_HOME: '/x' }, '/x/sluice'],
  ])('%o: the cache is %s', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder);
  });

  test('the cache is else in the home folder', () => {
    expect(cacheFolder({})).toMatch(/\.cache\/sluice$/);
  });
});

describe("LocalStack's environment", () => {
  const options = {
    port: 4570,
    instance: 'sluice-x',
    folder: instanceFolder('/s'),
    extra: { MARK: '1' },
    node: '/node',
  };

  test('takes over nothing of the caller that would change its behaviour', () => {
    const caller = {
      PATH: '/bin',
      DEBUG: '1',
      PERSISTENCE: '1',
      AWS_PROFILE: 'prod',
      AWS_ENDPOINT_URL: 'x',
      HOME: '/home/u',
    };
    const environment = localstackEnvironment({ ...options, caller });
    expect(environment).toMatchObject({ PATH: '/bin', MARK: '1', SLUICE_LOCAL: '1', SLUICE_LOCAL_NODE: '/node' });
    for (const name of ['DEBUG', 'PERSISTENCE', 'AWS_PROFILE', 'AWS_ENDPOINT_URL']) {
      expect(environment).not.toHaveProperty(name);
    }
  });

  test('keeps all that it writes in the run folder, and listens on this machine only', () => {
    const environment = localstackEnvironment({ ...options, caller: {} });
    for (const name of ['HOME', 'TMPDIR', 'FILESYSTEM_ROOT', 'LOCALSTACK_VOLUME_DIR']) {
      expect(environment[name]).toMatch(/^\/s\/run\//);
    }
    expect(environment.GATEWAY_LISTEN).toBe('127.0.0.1:4570');
  });
});

describe("pip's settings for uv", () => {
  test('are read from its configuration', () => {
    const text =
      "global.cert='/c.pem'\nglobal.index-url='i'\n:env:.find-links='/w /v'\nfreeze.timeout='10'\nnonsense\n";
    expect(parsePipConfig(text)).toEqual({ cert: '/c.pem', 'index-url': 'i', 'find-links': '/w /v' });
  });

  test("are said in uv's words, the environment before the files", () => {
    const pip = { cert: '/c.pem', 'index-url': 'i', 'find-links': '/w /v', 'trusted-host': 'h' };
    expect(uvEnvironment({ PIP_INDEX_URL: 'e', PATH: '/bin' }, pip)).toMatchObject({
      PATH: '/bin',
      UV_DEFAULT_INDEX: 'e',
      UV_FIND_LINKS: '/w,/v',
      UV_INSECURE_HOST: 'h',
      SSL_CERT_FILE: '/c.pem',
      UV_NATIVE_TLS: 'true',
    });
  });

  test("give way to uv's own", () => {
    const own = { SSL_CERT_FILE: '/mine', UV_DEFAULT_INDEX: 'mine', UV_NATIVE_TLS: 'false' };
    expect(uvEnvironment(own, { cert: '/c.pem', 'index-url': 'i' })).toMatchObject(own);
    expect(uvEnvironment({ UV_INDEX_URL: 'mine' }, { 'index-url': 'i' })).not.toHaveProperty('UV_DEFAULT_INDEX');
  });
});

describe('the requirements', () => {
  const text = readFileSync(assetPath('requirements.txt'), 'utf8');

  test('are all pinned and hashed', () => {
    const packages = text.split(/\n(?=\S)/).filter((entry) => entry.trim() !== '' && !entry.startsWith('#'));
    expect(packages.length).toBeGreaterThan(50);
    for (const entry of packages)
      expect(entry).toMatch(/^[\w.-]+==\S+.*\\\n( {4}--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$/);
  });

  test('name no place to fetch them from', () => {
    expect(text).not.toMatch(/:\/\/|--(extra-)?index-url|--find-links|--trusted-host/);
  });
});
