import type { Call } from './proxy.ts';

/** A call of the producer or of a worker, told by what it asks for. */
export type Is = (call: Call) => boolean;

const RECORD = /^run#.*"batch#\d+"/;

/** The transaction that reserves. */
export const isReserve: Is = ({ operation }) => operation === 'TransactWriteItems';

export const isSend: Is = ({ operation }) => operation === 'SendMessageBatch';

/** A worker's own delete; the mapping's comes from elsewhere. */
export const isDelete: Is = ({ operation }) => operation === 'DeleteMessage';

/** A worker records an outcome: of a record's three writes the one that sets counts. */
export const isRecord: Is = (call) => isUpdate(call, RECORD) && /SET (.*, )?#c = /.test(inputOf(call).UpdateExpression);

/** A batch is counted in its window. */
export const isCount: Is = (call) =>
  isUpdate(call, /"window"/) && /ADD (.*, )?#done /.test(inputOf(call).UpdateExpression);

/** A worker that has begun with a message shortens the time for which the others do not see it. */
export const isBegun: Is = (call) =>
  call.operation === 'ChangeMessageVisibility' && inputOf(call).VisibilityTimeout > 0;

// biome-ignore lint/suspicious/noExplicitAny: the input of whatever operation it is
export function inputOf({ body }: Call): any {
  return JSON.parse(body);
}

function isUpdate(call: Call, key: RegExp): boolean {
  if (call.operation !== 'UpdateItem') return false;
  const { pk, sk } = inputOf(call).Key;
  return key.test(`${pk.S} "${sk.S}"`);
}
