import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { awsClients } from '../../../lib/aws/clients.ts';
import { dynamoLedger } from '../../../lib/aws/ledger.ts';
import { ledgerContract } from '../../contract/ledger.ts';
import { ledgerModel } from '../../model/ledger/ledger-model.ts';
import { startLocalAws, type TestAws, uniqueName } from '../support/local-aws.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());

async function makeLedger() {
  const table = uniqueName('ledger');
  await new DynamoDBClient().send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const { dynamo } = awsClients();
  return dynamoLedger({ client: dynamo, table });
}

ledgerContract('DynamoDB', makeLedger);
ledgerModel('DynamoDB', 12, 30, makeLedger);
