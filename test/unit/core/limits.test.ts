import { expect, it } from 'vitest';
import {
  COUNT_BYTES_MAX,
  INLINE_BYTES_MAX,
  INTENT_BATCHES_MAX,
  INTENT_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  SEND_BATCH_MAX,
} from '../../../lib/core/limits.ts';

it('the limits that are computed are what their units say', () => {
  expect({ COUNT_BYTES_MAX, INLINE_BYTES_MAX, INTENT_BATCHES_MAX, INTENT_BYTES_MAX }).toEqual({
    COUNT_BYTES_MAX: 67_108_864,
    INLINE_BYTES_MAX: 1_046_528,
    INTENT_BATCHES_MAX: 1_024,
    INTENT_BYTES_MAX: 8_388_608,
  });
});

it('a message, and a batch of ten, are as SQS allows', () => {
  expect([MESSAGE_BYTES_MAX, SEND_BATCH_MAX]).toEqual([1_048_576, 10]);
});
