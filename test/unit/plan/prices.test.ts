import { describe, expect, test } from 'vitest';
import { addUses, costOf, PRICES, SERVICES } from '../../../lib/plan/prices.ts';

describe('the prices', () => {
  test('are positive, and each names the page of AWS that it is from', () => {
    for (const [name, price] of Object.entries(PRICES)) {
      expect(price.usd, name).toBeGreaterThan(0);
      expect(price.source, name).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9-]+\/pricing\//);
    }
    expect(new Set(Object.values(PRICES).map(({ service }) => service))).toEqual(new Set(SERVICES));
  });
});

describe('costOf', () => {
  test('multiplies each use by its price, in all and by service', () => {
    const { usd, byService } = costOf({ lambdaRequests: 2_000_000, lambdaGbSeconds: 1_000_000, transitions: 1_000 });
    expect(usd).toBeCloseTo(0.4 + 13.3334 + 0.025, 9);
    expect(byService).toMatchObject({ SQS: 0, 'X-Ray': 0 });
    expect(byService.Lambda).toBeCloseTo(13.7334, 9);
    expect(byService['Step Functions']).toBeCloseTo(0.025, 9);
  });

  test('gives what is known of a million items', () => {
    // plain SQS and Lambda, ten messages a call: send, receive and delete, each for ten
    const plain = costOf({ sqsRequests: 300_000, lambdaRequests: 100_000 });
    expect(plain.usd).toBeCloseTo(0.14, 9);
    // 100 ms at 512 MB, arm64
    expect(costOf({ lambdaGbSeconds: 1_000_000 * 0.1 * 0.5 }).usd).toBeCloseTo(0.67, 2);
  });

  test('is nothing for nothing', () => {
    expect(costOf({}).usd).toBe(0);
  });
});

describe('addUses', () => {
  test('adds what is in one or both', () => {
    expect(addUses({ s3Puts: 1, logGb: 2 }, { s3Puts: 3 }, {})).toEqual({ s3Puts: 4, logGb: 2 });
  });
});
