import {
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import type { MappingDescription } from '../../doctor/description.ts';
import { inParallel } from '../bounded.ts';
import { logicalIdOf, physicalIds, type StackResource } from './stack-resources.ts';
import type { Unread } from './unread.ts';

/** Mappings of one queue or function, in pages of 100; nobody has so many. */
const PAGES_MAX = 20;
const READS_AT_ONCE = 8;
const SQS_ARN = /^arn:[^:]+:sqs:/;

/**
 * Mappings from SQS that the stack has made, that feed its functions, or that read its queues: each once.
 *
 * @param queueArns the stack's own queues.
 */
export async function describeMappings(
  client: LambdaClient,
  resources: readonly StackResource[],
  queueArns: readonly string[],
  unread: Unread,
): Promise<readonly MappingDescription[]> {
  const found = new Map<string, MappingDescription>();
  const add = (mapping: EventSourceMappingConfiguration | null) => {
    const described = mapping === null ? null : describe(mapping, resources);
    if (described !== null) found.set(described.id, described);
  };
  const filters = [
    ...queueArns.map((EventSourceArn) => ({ EventSourceArn })),
    ...physicalIds(resources, 'AWS::Lambda::Function').map((FunctionName) => ({ FunctionName })),
  ];
  await inParallel(filters, READS_AT_ONCE, async (filter) => {
    for (const mapping of await listed(client, filter, unread)) add(mapping);
  });
  // those of an alias or a version are not listed under their function's name
  const others = physicalIds(resources, 'AWS::Lambda::EventSourceMapping').filter((id) => !found.has(id));
  await inParallel(others, READS_AT_ONCE, async (UUID) => {
    add(await unread.unless(`mapping ${UUID}`, () => client.send(new GetEventSourceMappingCommand({ UUID }))));
  });
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function listed(
  client: LambdaClient,
  filter: { readonly EventSourceArn: string } | { readonly FunctionName: string },
  unread: Unread,
): Promise<readonly EventSourceMappingConfiguration[]> {
  const part = `mappings of ${Object.values(filter)[0]}`;
  const found: EventSourceMappingConfiguration[] = [];
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const command = new ListEventSourceMappingsCommand({
      ...filter,
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    const answer = await unread.unless(part, () => client.send(command));
    found.push(...(answer?.EventSourceMappings ?? []));
    marker = answer?.NextMarker || undefined;
    if (marker === undefined) return found;
  }
  unread.add(part, `there are more than ${PAGES_MAX} pages of them`);
  return found;
}

/** Null for a mapping from anything but SQS, and for one that is on its way out. */
function describe(
  mapping: EventSourceMappingConfiguration,
  resources: readonly StackResource[],
): MappingDescription | null {
  const { UUID: id = '', EventSourceArn = '', FunctionArn = '', State = '' } = mapping;
  if (!SQS_ARN.test(EventSourceArn) || State === 'Deleting') return null;
  return {
    id,
    logicalId: logicalIdOf(resources, id),
    queueArn: EventSourceArn,
    functionArn: unqualified(FunctionArn),
    enabled: State !== 'Disabled' && State !== 'Disabling',
    batchSize: mapping.BatchSize ?? null,
    maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? null,
    pollersMax: mapping.ProvisionedPollerConfig?.MaximumPollers ?? null,
    reportsBatchItemFailures: mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
  };
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, without the version or alias that may follow. */
function unqualified(functionArn: string): string {
  return functionArn.split(':').slice(0, 7).join(':');
}
