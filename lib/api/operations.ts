import type * as z from 'zod';
import type { ProblemCode } from './problem.ts';
import { listQuery, noQuery, queuedSchema, runSchema, runsSchema, startBody, stopBody } from './schemas.ts';

export interface Operation {
  readonly method: 'GET' | 'POST';
  /** As API Gateway and OpenAPI write it. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly query: z.ZodType;
  /** Null: a call has none. */
  readonly body: z.ZodType | null;
  readonly takesKey: boolean;
  /** The answer when all is well, by status. */
  readonly answers: { readonly [status: number]: string };
  readonly answer: z.ZodType;
  /** The answer with 202 where it is another. */
  readonly queued?: z.ZodType;
  /** What it may refuse with, beside what every operation may. */
  readonly refuses: readonly ProblemCode[];
}

/** Codes that any operation may answer with. */
export const COMMON_REFUSALS: readonly ProblemCode[] = ['usage', 'targetUnreachable', 'ledgerUnavailable', 'internal'];

/** The whole API: API Gateway's methods, the OpenAPI file and the handlers are made from this table. */
export const OPERATIONS = {
  startRun: {
    method: 'POST',
    path: '/runs',
    summary: 'Start a run',
    description:
      "Waits until the run is open, or refused: up to 20 s. Where the pipeline lets starts wait (`overlap: 'queue'`), one that comes while a run is open is accepted.",
    query: noQuery,
    body: startBody,
    takesKey: true,
    answers: {
      200: 'The run that the same order has started before',
      201: 'The run is open',
      202: 'The start waits until the open run has closed; nothing of it is there until then',
    },
    answer: runSchema,
    queued: queuedSchema,
    refuses: [
      ...(['runOpen', 'queueFull', 'stopLatched', 'runIdUsed', 'openTimeout'] as const),
      ...(['paramsInvalid', 'workersOutOfRange', 'idempotencyKeyReused'] as const),
      ...([
        'inputMissing',
        'inputUnreadable',
        'inputNotDeployed',
        'sourceInvalid',
        'itemTooLarge',
        'jobInvalid',
      ] as const),
    ],
  },
  listRuns: {
    method: 'GET',
    path: '/runs',
    summary: 'List the runs, newest first',
    description: 'A run that has only just opened may be missing: ask for it by its id.',
    query: listQuery,
    body: null,
    takesKey: false,
    answers: { 200: 'The runs' },
    answer: runsSchema,
    refuses: [],
  },
  readRun: {
    method: 'GET',
    path: '/runs/{id}',
    summary: 'Read where a run stands',
    description: 'What `sluice status --json` prints, key by key.',
    query: noQuery,
    body: null,
    takesKey: false,
    answers: { 200: 'The run', 202: 'It waits until the open run has closed; nothing of it is there yet' },
    answer: runSchema,
    queued: queuedSchema,
    refuses: ['runIdInvalid', 'runUnknown'],
  },
  stopRun: {
    method: 'POST',
    path: '/runs/{id}/stop',
    summary: 'Stop an open run',
    description:
      'Nothing more is sent; workers finish what is queued, or leave it with `halt`. May be repeated: the first reason stands.',
    query: noQuery,
    body: stopBody,
    takesKey: false,
    answers: { 202: 'The run is stopping' },
    answer: runSchema,
    refuses: ['runIdInvalid', 'runUnknown', 'runQueued', 'runEnded'],
  },
  resumeRun: {
    method: 'POST',
    path: '/runs/{id}/resume',
    summary: 'Continue a stopped or failed run',
    description: 'Clears the stop flag. Waits until the run is open again, or refused: up to 20 s.',
    query: noQuery,
    body: null,
    takesKey: false,
    answers: { 200: 'The run goes on' },
    answer: runSchema,
    refuses: ['runIdInvalid', 'runUnknown', 'runOpen', 'runNotResumable', 'runExpired', 'openTimeout'],
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;

export const OPERATION_IDS = Object.keys(OPERATIONS) as OperationId[];

/** True for an operation on one run, named in the path. */
export function isAboutRun({ path }: Pick<Operation, 'path'>): boolean {
  return path.includes('{id}');
}
