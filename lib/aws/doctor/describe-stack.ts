import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import type { StackDescription } from '../../doctor/description.ts';
import { clientSettings } from '../client-settings.ts';
import { type AwsClients, awsClients } from '../clients.ts';
import { cloudFormation } from '../pipelines.ts';
import { describeAlarms } from './alarms.ts';
import { describeFunctions } from './functions.ts';
import { describeGrants } from './grants.ts';
import { describeMappings } from './mappings.ts';
import { describeQueues, urlsOf } from './queues.ts';
import { physicalIds, stackResources } from './stack-resources.ts';
import { noteUnread } from './unread.ts';

/** What a stack is read with. */
export interface DoctorClients extends Pick<AwsClients, 'sqs' | 'lambda' | 'cloudWatch'> {
  cloudFormation(): CloudFormationClient;
  iam(): IAMClient;
}

function doctorClients(): DoctorClients {
  const iam = () => new IAMClient(clientSettings({ attempts: 6, requestSeconds: 10 }));
  return { ...awsClients(), cloudFormation, iam };
}

/**
 * Reads what a deployed stack has in queues, functions, mappings between them, alarms and rights to send, and follows them out of the stack:
 * to the queues that its mappings read, the functions they feed, and all their dead-letter queues. Changes nothing.
 *
 * @param stack its name or ARN.
 * @throws SluiceError `stackMissing`; whatever the SDK throws but for single parts that are closed to the reader, or gone.
 * @example
 * const findings = examine(await describeStack('shop'));
 */
export async function describeStack(
  stack: string,
  clients: DoctorClients = doctorClients(),
): Promise<StackDescription> {
  const unread = noteUnread();
  const resources = await stackResources(clients.cloudFormation(), stack, unread);
  const own = await describeQueues(clients.sqs(), resources, physicalIds(resources, 'AWS::SQS::Queue'), unread);
  const ownArns = own.map(({ arn }) => arn);
  const mappings = await describeMappings(clients.lambda(), resources, ownArns, unread);
  const targets = mappings.map(({ functionArn }) => functionArn);
  const functions = await describeFunctions(clients.lambda(), resources, targets, unread);
  const queues = [...own];
  // first the sources that lie elsewhere, then the dead-letter queues of all
  const sources = mappings.map(({ queueArn }) => queueArn);
  const deadLetterArns = () => queues.flatMap(({ redrive }) => redrive?.deadLetterArn ?? []);
  for (const arns of [() => sources, deadLetterArns]) {
    const others = arns().filter((arn) => !queues.some((queue) => queue.arn === arn));
    const urls = await urlsOf(clients.sqs(), others, unread);
    queues.push(...(await describeQueues(clients.sqs(), resources, urls, unread)));
  }
  const alarms = await describeAlarms(clients.cloudWatch(), resources, unread);
  const consumed = [...new Set(sources)];
  const grants = await describeGrants(clients.iam(), resources, functions, consumed, unread);
  return { stack, functions, mappings, queues, alarms, grants, unread: unread.parts };
}
