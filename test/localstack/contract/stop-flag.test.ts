import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll } from 'vitest';
import { awsClients } from '../../../lib/aws/clients.ts';
import { ssmStopFlag } from '../../../lib/aws/stop-flag.ts';
import { CLEAR_TEXT } from '../../../lib/ports/stop-flag-text.ts';
import { stopFlagContract } from '../../contract/stop-flag.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

stopFlagContract('SSM', async () => {
  const parameter = `/${uniqueName('stop')}`;
  const ssm = new SSMClient();
  const write = async (Value: string) => {
    await ssm.send(new PutParameterCommand({ Name: parameter, Value, Type: 'String', Overwrite: true }));
  };
  await write(CLEAR_TEXT);
  return { flag: ssmStopFlag({ client: awsClients().ssm, parameter }), write };
});
