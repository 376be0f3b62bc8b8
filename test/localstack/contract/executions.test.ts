import { CreateStateMachineCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll } from 'vitest';
import { awsClients } from '../../../lib/aws/clients.ts';
import { executionArnOf, stepFunctionsExecutions } from '../../../lib/aws/executions.ts';
import { executionsContract } from '../../contract/executions.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';

const WAITS = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } };

let aws: TestAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

executionsContract('Step Functions', async () => {
  const sfn = new SFNClient();
  const { stateMachineArn = '' } = await sfn.send(
    new CreateStateMachineCommand({
      name: uniqueName('machine'),
      definition: JSON.stringify(WAITS),
      roleArn: 'arn:aws:iam::000000000000:role/test',
    }),
  );
  const end = async (name: string) => {
    await sfn.send(new StopExecutionCommand({ executionArn: executionArnOf(stateMachineArn, name) }));
  };
  return { executions: stepFunctionsExecutions({ client: awsClients().stepFunctions, stateMachineArn }), end };
});
