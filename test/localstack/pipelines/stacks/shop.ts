/** A CloudFormation template's resources, by logical id. */
export type Resources = Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>;

const ref = (id: string) => ({ Ref: id });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

/** Somebody's ordinary stack, made without Sluice: a queue, a function that reads it, an alarm. Nothing is wrong with it. */
export const SOUND: Resources = {
  Orders: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      VisibilityTimeout: 60,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf('OrdersDead'), maxReceiveCount: 5 },
    },
  },
  OrdersDead: {
    Type: 'AWS::SQS::Queue',
    Properties: { MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true },
  },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    },
  },
  Handler: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: arnOf('Role'),
      Timeout: 10,
      ReservedConcurrentExecutions: 2,
      Code: { ZipFile: 'exports.handler = async () => ({ batchItemFailures: [] });' },
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arnOf('Orders'),
      FunctionName: ref('Handler'),
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  },
  People: { Type: 'AWS::SNS::Topic', Properties: {} },
  OldOrders: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Orders', 'QueueName'] } }],
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 600,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [ref('People')],
    },
  },
};

/** The sound stack with some properties of one resource replaced; undefined takes one away. */
function spoilt(id: keyof typeof SOUND, properties: Record<string, unknown>): Resources {
  const sound = SOUND[id] as Resources[string];
  return { ...SOUND, [id]: { ...sound, Properties: { ...sound.Properties, ...properties } } };
}

/** One fault in each, by the finding that names it. */
export const BROKEN: Readonly<Record<string, Resources>> = {
  overPull: spoilt('Mapping', { ScalingConfig: undefined }),
  shortVisibility: spoilt('Orders', { VisibilityTimeout: 59 }),
  fewReceives: spoilt('Orders', {
    RedrivePolicy: { deadLetterTargetArn: arnOf('OrdersDead'), maxReceiveCount: 4 },
  }),
  noDeadLetterQueue: spoilt('Orders', { RedrivePolicy: undefined }),
  wholeBatchRetries: spoilt('Mapping', { FunctionResponseTypes: undefined }),
  shortDeadLetterRetention: spoilt('OrdersDead', { MessageRetentionPeriod: 345_600 }),
  alarmWithoutAction: spoilt('OldOrders', { AlarmActions: undefined }),
  alarmMissingData: spoilt('OldOrders', { TreatMissingData: undefined }),
  unencryptedQueue: spoilt('OrdersDead', { SqsManagedSseEnabled: false }),
  unboundedProducer: {
    ...SOUND,
    Machine: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'send',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: [arnOf('Orders')] }],
            },
          },
        ],
      },
    },
    FromPeople: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('Orders')],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arnOf('Orders'),
              Condition: { ArnEquals: { 'aws:SourceArn': ref('People') } },
            },
          ],
        },
      },
    },
  },
};
