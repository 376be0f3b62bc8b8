import { expect, test } from 'vitest';
import { range } from '../../../lib/core/sources/index.ts';
import { planOf } from '../../../lib/plan/plan.ts';
import { open } from '../../../lib/steps/open.ts';
import { intercepted } from '../../support/dying.ts';
import { defineJob, memoryPipeline } from '../../support/memory-pipeline.ts';

const job = defineJob({ name: 'job', source: range(120), handler: (n: number) => n });

/** A port whose calls are counted: those of the ledger and of the flag are a request each. */
function counted<T extends object>(target: T) {
  let calls = 0;
  const port = intercepted(target, (call) => {
    calls += 1;
    return call();
  });
  return { port, calls: () => calls };
}

test('Open asks the ledger and the flag as often as a plan says', async () => {
  const { opening } = memoryPipeline(job);
  const ledger = counted(opening.ledger);
  const flag = counted(opening.flag);
  await open({ input: {}, execution: 'run-1' }, { ...opening, ledger: ledger.port, flag: flag.port });

  const { counts } = planOf({
    ...{ options: opening.options, sourceKind: 'range', items: 120, itemsPerBatch: 100, itemSeconds: 0.1 },
    ...{ retriedShare: 0, messageBytes: 150, inputBytes: 100, resultBytes: 500, objectBytes: 0 },
  });
  expect({ dynamodb: ledger.calls(), ssm: flag.calls() }).toEqual({
    dynamodb: counts.open.requests.dynamodb,
    ssm: counts.open.requests.ssm,
  });
});
