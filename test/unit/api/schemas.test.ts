import { describe, expect, it } from 'vitest';
import { runSchema } from '../../../lib/api/schemas.ts';
import type { RunStatus } from '../../../lib/steps/status.ts';
import { UNDER_WAY } from '../cli/run-status.ts';

describe('the schema of a run', () => {
  it('is that of a status', () => {
    expect(runSchema.parse(UNDER_WAY)).toEqual(UNDER_WAY);
  });

  it('has null for each count of the queue that SQS did not tell', () => {
    const unread: RunStatus = { ...UNDER_WAY, queue: { visible: null, notVisible: null, delayed: null, dead: null } };
    expect(runSchema.parse(unread)).toEqual(unread);
  });
});
