import { describe, expect, test } from 'vitest';
import { emptyBucket } from '../../../lib/aws/empty-bucket.ts';
import { choosePipeline, findPipelines, pipelinesOf } from '../../../lib/aws/pipelines.ts';
import { fakeContext, PIPELINE, typed } from './fake-context.ts';

const { stack: _stack, ...OUTPUT } = PIPELINE;
const value = (name: string) => JSON.stringify({ ...OUTPUT, name });

describe('findPipelines', () => {
  test('finds outputs by their prefix in every stack of every page', async () => {
    const pages = [
      [
        {
          StackName: 'Web',
          StackStatus: 'UPDATE_COMPLETE' as const,
          Outputs: [{ OutputKey: 'Url', OutputValue: 'x' }],
        },
      ],
      [
        {
          StackName: 'Theirs',
          StackStatus: 'CREATE_COMPLETE' as const,
          Outputs: [
            { OutputKey: 'SluicePipelineB', OutputValue: value('b') },
            { OutputKey: 'SluicePipelineA', OutputValue: value('a') },
          ],
        },
      ],
    ];
    const asked: (string | undefined)[] = [];
    const found = await findPipelines(async (token) => {
      asked.push(token);
      const page = token === undefined ? 0 : Number(token);
      return { stacks: pages[page] ?? [], nextToken: page === 0 ? '1' : undefined };
    });
    expect(found.map(({ stack, name }) => `${stack}/${name}`)).toEqual(['Theirs/a', 'Theirs/b']);
    expect(asked).toEqual([undefined, '1']);
  });

  test('ends even when the pages do not', async () => {
    let pages = 0;
    await findPipelines(async () => {
      pages += 1;
      return { stacks: [], nextToken: 'again' };
    });
    expect(pages).toBe(200);
  });

  test.each([
    ['no JSON', '{'],
    ['another version', JSON.stringify({ ...OUTPUT, version: 2 })],
    ['a part missing', JSON.stringify({ ...OUTPUT, table: undefined })],
    ['no object', '"x"'],
  ])('passes over an output with %s', (_what, OutputValue) => {
    const good = { OutputKey: 'SluicePipelineB', OutputValue: value('b') };
    const stack = {
      StackName: 'S',
      StackStatus: 'CREATE_COMPLETE' as const,
      Outputs: [{ OutputKey: 'SluicePipelineA', OutputValue }, good],
    };
    expect(pipelinesOf(stack).map(({ name }) => name)).toEqual(['b']);
  });

  test('passes over a stack that is gone', () => {
    const Outputs = [{ OutputKey: 'SluicePipelineA', OutputValue: value('a') }];
    expect(pipelinesOf({ StackName: 'S', StackStatus: 'DELETE_COMPLETE', Outputs })).toEqual([]);
  });
});

describe('choosePipeline', () => {
  const two = [PIPELINE, { ...PIPELINE, stack: 'Web', name: 'count' }, { ...PIPELINE, stack: 'Web', name: 'other' }];

  test('takes the only one', () => {
    expect(choosePipeline([PIPELINE])).toBe(PIPELINE);
  });

  test('takes the one of that name, or of that stack and name', () => {
    expect(choosePipeline(two, 'other')).toBe(two[2]);
    expect(choosePipeline(two, 'Web/count')).toBe(two[1]);
  });

  test('fails with pipelineAmbiguous and the list where several fit', () => {
    const error = { code: 'pipelineAmbiguous', message: expect.stringContaining('Sluice-count/count, Web/count') };
    expect(() => choosePipeline(two, 'count')).toThrow(expect.objectContaining(error));
    expect(() => choosePipeline(two)).toThrow(expect.objectContaining({ code: 'pipelineAmbiguous' }));
  });

  test('fails with pipelineMissing and what to type where none is', async () => {
    const fake = fakeContext({ pipelines: async () => [] });
    expect(await typed(fake, 'status', '--json')).toBe(1);
    expect(fake.json().error).toMatchObject({
      code: 'pipelineMissing',
      message: expect.stringContaining('"sluice deploy JOB.ts" deploys one'),
    });
    expect(() => choosePipeline(two, 'nobody')).toThrow(expect.objectContaining({ code: 'pipelineMissing' }));
  });
});

describe('emptyBucket', () => {
  test('deletes page by page until there is nothing', async () => {
    let left = 2_500;
    const deleted = await emptyBucket('b', new AbortController().signal, {
      list: async () => Array.from({ length: Math.min(1_000, left) }, (_, index) => ({ Key: `${index}` })),
      remove: async (objects) => {
        left -= objects.length;
        return { failed: [] };
      },
    });
    expect([deleted, left]).toEqual([2_500, 0]);
  });

  test('begins no further page after Ctrl-C', async () => {
    const interrupted = new AbortController();
    const deleted = await emptyBucket('b', interrupted.signal, {
      list: async () => [{ Key: 'a' }, { Key: 'b' }],
      remove: async () => {
        interrupted.abort();
        return { failed: [] };
      },
    });
    expect(deleted).toBe(2);
  });

  test('fails rather than try for ever', async () => {
    const stuck = { list: async () => [{ Key: 'a' }], remove: async () => ({ failed: ['a: denied'] }) };
    await expect(emptyBucket('b', new AbortController().signal, stuck)).rejects.toMatchObject({
      code: 'deployFailed',
      message: expect.stringContaining('a: denied'),
    });
  });
});
