import * as z from 'zod';
import type { Json } from '../json.ts';
import { BATCH_BYTES_MAX, BATCH_SIZE_MAX, PIECES_MAX, PINNED_BYTES_MAX, S3_KEY_BYTES_MAX } from '../limits.ts';
import { whyNotAxes } from './grid.ts';
import { jsonBytes, whyNotJson } from './json-value.ts';
import type { Payload, Piece, PlainPayload, PlainSource } from './source.ts';

/** Whole numbers from 0 to 2^53 - 1: `z.int()` allows no others above. */
const natural = z.int().min(0);
const json = z.custom<Json>((value) => whyNotJson(value) === null, 'expected JSON');

const plainPayloads = [
  z
    .strictObject({ kind: z.literal('ranks'), start: natural, count: natural.min(1).max(BATCH_SIZE_MAX) })
    .refine(({ start, count }) => start <= Number.MAX_SAFE_INTEGER - count, 'expected ranks below 2^53'),
  z
    .strictObject({ kind: z.literal('bytes'), start: natural, end: natural })
    .refine(
      ({ start, end }) => end > start && end - start <= BATCH_BYTES_MAX,
      `expected 1 to ${BATCH_BYTES_MAX} bytes from start to end`,
    ),
  z.strictObject({ kind: z.literal('items'), items: z.array(json).min(1).max(BATCH_SIZE_MAX) }),
] as const;

const plainPayload: z.ZodType<PlainPayload> = z.discriminatedUnion('kind', plainPayloads);

const piece: z.ZodType<Piece> = z
  .strictObject({ firstItem: natural, count: natural.min(1).max(BATCH_SIZE_MAX), payload: plainPayload })
  .refine(({ firstItem, count }) => firstItem <= Number.MAX_SAFE_INTEGER - count, 'expected items below 2^53');

const areInOrder = (pieces: readonly Piece[]) =>
  pieces.every(({ firstItem }, place) => {
    const before = pieces[place - 1];
    return before === undefined || before.firstItem + before.count <= firstItem;
  });

/** The payload of a message, as untrusted input. */
export const payloadSchema: z.ZodType<Payload> = z.discriminatedUnion('kind', [
  ...plainPayloads,
  z.strictObject({
    kind: z.literal('pieces'),
    pieces: z.array(piece).min(1).max(PIECES_MAX).refine(areInOrder, 'expected pieces in order, each item once'),
  }),
]);

const bucketName = z.string().min(1).max(63);
const prefix = z.string().max(S3_KEY_BYTES_MAX);

const object = z.strictObject({
  bucket: bucketName,
  key: z.string().min(1).max(S3_KEY_BYTES_MAX),
  sizeBytes: natural,
  etag: z.string().min(1).max(1_024),
});

const plain = { first: natural.optional() };
const bytesShape = { ...plain, object, startByte: natural };
const startsInside = (pinned: { object: { sizeBytes: number }; startByte: number }) =>
  pinned.startByte <= pinned.object.sizeBytes;
const STARTS_OUTSIDE = 'expected startByte within the object';

const columns = z
  .array(z.string().min(1))
  .min(1)
  .refine((names) => new Set(names).size === names.length, 'expected different names')
  .refine((names) => jsonBytes(names) <= PINNED_BYTES_MAX, `expected at most ${PINNED_BYTES_MAX} bytes of JSON`);

const axes = z
  .array(z.strictObject({ name: z.string(), values: z.array(json) }))
  .refine((list) => new Set(list.map((axis) => axis.name)).size === list.length, 'expected different names')
  .superRefine((list, context) => {
    const why = whyNotAxes(list);
    if (why !== null) context.addIssue({ code: 'custom', message: why });
  });

/** A pinned source, as untrusted input. */
export const pinnedSourceSchema: z.ZodType<PlainSource> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('csv'), columns, ...bytesShape }).refine(startsInside, STARTS_OUTSIDE),
  z.strictObject({ kind: z.literal('jsonl'), ...bytesShape }).refine(startsInside, STARTS_OUTSIDE),
  z.strictObject({ kind: z.literal('range'), count: natural, ...plain }),
  z.strictObject({ kind: z.literal('grid'), axes, ...plain }),
  z.strictObject({ kind: z.literal('from'), count: natural.nullable(), ...plain }),
  z.strictObject({ kind: z.literal('s3Objects'), bucket: bucketName, prefix, ...plain }),
]);
