import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type RawItem = Readonly<Record<string, AttributeValue>>;

/** What a list or a map takes, and each of its members beside itself. */
const CONTAINER_BYTES = 3;
const MEMBER_BYTES = 1;

/** Bytes of an item as DynamoDB bills them, names included: "Item sizes and formats" of its developer guide. */
export function itemBytes(item: RawItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return Buffer.from(value.B).length;
  if (value.NS !== undefined) return value.NS.reduce((sum, number) => sum + numberBytes(number), 0);
  if (value.L !== undefined) return value.L.reduce((sum, one) => sum + MEMBER_BYTES + valueBytes(one), CONTAINER_BYTES);
  if (value.M !== undefined) return CONTAINER_BYTES + Object.keys(value.M).length * MEMBER_BYTES + itemBytes(value.M);
  return 1;
}

/** About a byte for two significant digits, and one more. */
function numberBytes(number: string): number {
  return Math.ceil(number.replace(/^-?0*\.?0*|\.|0+$/g, '').length / 2) + 1;
}
