import { describe, expect, it } from 'vitest';
import { type Exception, missingRights, placeOf, unusedRights } from '../../localstack/pipelines/rights/compare.ts';
import { type Request, useOf } from '../../localstack/pipelines/rights/uses.ts';

const OPEN = 'Stack-CountOpen0A1B2C3D-1';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Stack-CountLedger0A1B2C3D-2';
const OBJECTS = 'arn:aws:s3:::stack-countbucket0a1b2c3d-3/results/*';
const right = (action: string, resource = TABLE, name = OPEN) => ({ function: name, action, resource });
const use = (action: string, arn: string | null = TABLE, name = OPEN) => ({ function: name, action, arn });

describe('rights that are missing', () => {
  it('are those of other actions, functions and resources', () => {
    const rights = [right('dynamodb:GetItem'), right('s3:GetObject', OBJECTS)];
    const uses = [
      use('dynamodb:GetItem'),
      use('s3:GetObject', OBJECTS.replace('*', 'run/0.gz')),
      use('dynamodb:Query'),
      use('dynamodb:GetItem', `${TABLE}0`),
      use('s3:GetObject', OBJECTS.replace('results/*', 'windows/0')),
      use('dynamodb:GetItem', TABLE, OPEN.replace('Open', 'Close')),
    ];
    expect(missingRights(rights, uses)).toEqual(
      [
        `${OPEN.replace('Open', 'Close')} may not dynamodb:GetItem on ${TABLE}`,
        `${OPEN} may not dynamodb:GetItem on ${TABLE}0`,
        `${OPEN} may not dynamodb:Query on ${TABLE}`,
        `${OPEN} may not s3:GetObject on ${OBJECTS.replace('results/*', 'windows/0')}`,
      ].sort(),
    );
  });
});

describe('rights that are unused', () => {
  it('are those that no function of the kind used in any pipeline', () => {
    const other = OPEN.replace('Count', 'Grid');
    const rights = [right('dynamodb:GetItem'), right('dynamodb:GetItem', TABLE, other), right('dynamodb:Query')];
    expect(unusedRights(rights, [use('dynamodb:GetItem', TABLE, other)], [])).toEqual([
      'Open never used dynamodb:Query on dynamodb ledger',
    ]);
  });

  it('may have a reason, and a reason needs its right', () => {
    const excuse = (action: RegExp): Exception => ({ action, kinds: /^Open$/, place: /ledger$/, why: 'so' });
    const rights = [right('dynamodb:Query')];
    expect(unusedRights(rights, [], [excuse(/Query$/)])).toEqual([]);
    expect(unusedRights(rights, [use('dynamodb:Query')], [excuse(/Query$/), excuse(/PutItem$/)])).toEqual([
      'no right is left for the exception PutItem$ (so)',
    ]);
  });

  it.each([
    [OBJECTS, 's3 bucket/results/*'],
    ['arn:aws:s3:::cdk-hnb659fds-assets-000000000000-us-east-1/*.csv', 's3 input'],
    ['arn:aws:s3:::stack-countbucket0a1b2c3d-3', 's3 bucket'],
    ['arn:aws:s3:::stack-countbucket0a1b2c3d-3/inputs/*', 's3 input'],
    ['arn:aws:sqs:us-east-1:000000000000:SluiceTestSecond-ContinuedDeadLetterQueue-9c', 'sqs deadletterqueue'],
    ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:Stack-CountWorkerErrorsAlarm0A-5', 'cloudwatch alarm'],
    ['arn:aws:sqs:us-east-1:000000000000:Stack-CountDeadLetterQueue0A1B2C3D-4', 'sqs deadletterqueue'],
    ['arn:aws:lambda:us-east-1:000000000000:event-source-mapping:6f', 'lambda event-source-mapping'],
    ['arn:aws:events:us-east-1:000000000000:event-bus/default', 'events event-bus'],
    ['*', '*'],
  ])('name the place of %s', (resource, place) => {
    expect(placeOf(resource)).toBe(place);
  });
});

describe('the use that a request is', () => {
  const request = (service: string, operation: string, resource: string): Request => ({
    ...{ function: OPEN, service, operation, resource },
  });
  it.each([
    ['dynamodb', 'TransactWriteItems/Put', 'T', 'dynamodb:PutItem', 'dynamodb:us-east-1:000000000000:table/T'],
    ['sqs', 'SendMessageBatch', 'http://127.0.0.1:1/0/Q', 'sqs:SendMessage', 'sqs:us-east-1:000000000000:Q'],
    ['s3', 'HEAD', '/b/in%20a/k', 's3:GetObject', 's3:::b/in a/k'],
    ['s3', 'GET', '/b?list-type=2&prefix=p', 's3:ListBucket', 's3:::b'],
    [
      'lambda',
      'PUT',
      '/2017-10-31/functions/W/concurrency',
      'lambda:PutFunctionConcurrency',
      'lambda:us-east-1:000000000000:function:W',
    ],
  ])('%s %s %s', (service, operation, resource, action, arn) => {
    expect(useOf(request(service, operation, resource))).toEqual({ function: OPEN, action, arn: `arn:aws:${arn}` });
  });

  it.each([
    ['dynamodb', 'Scan', 'T'],
    ['s3', 'DELETE', '/b/k'],
    ['sns', 'Publish', 'T'],
  ])('must be known: %s %s', (service, operation, resource) => {
    expect(() => useOf(request(service, operation, resource))).toThrow(/no IAM action is known.*uses\.ts/);
  });
});
