import * as cxapi from 'aws-cdk-lib/cx-api';
import { expect, it } from 'vitest';
import { synth } from './support.ts';

/** Logical ids and their types. Another id is another resource: what holds data would be lost, so they are a contract. */
const idsOf = ({ template }: Pick<ReturnType<typeof synth>, 'template'>) =>
  Object.entries(template.toJSON().Resources as Record<string, { Type: string }>)
    .map(([id, { Type }]) => `${id} ${Type.replace('AWS::', '')}`)
    .toSorted();

it('construct ids are kept: a new version changes what is deployed, and replaces nothing', () => {
  expect(idsOf(synth())).toMatchInlineSnapshot(`
    [
      "CountAgeAlarm1DAF7A7F CloudWatch::Alarm",
      "CountBlockedAlarm4F680EB0 CloudWatch::Alarm",
      "CountBucket3F993526 S3::Bucket",
      "CountBucketPolicy3772AE7C S3::BucketPolicy",
      "CountCloseCE7EF769 Lambda::Function",
      "CountCloseLogs0A8B5D6A Logs::LogGroup",
      "CountCloseRole31B303EF IAM::Role",
      "CountCloseRoleDefaultPolicy190EC1B4 IAM::Policy",
      "CountContinuePolicyC40BB342 IAM::Policy",
      "CountDashboardEC956164 CloudWatch::Dashboard",
      "CountDeadLetterQueue58A3400A SQS::Queue",
      "CountDeadLetterQueuePolicy30F28BEE SQS::QueuePolicy",
      "CountDeadLettersAlarmB1B767E0 CloudWatch::Alarm",
      "CountDepthAlarmEF64ED82 CloudWatch::Alarm",
      "CountExecutionsAbortedAlarmEE611885 CloudWatch::Alarm",
      "CountExecutionsFailedAlarm1C04AC6D CloudWatch::Alarm",
      "CountExecutionsTimedOutAlarm76826A9B CloudWatch::Alarm",
      "CountFailedItemsAlarmDBDAFAD2 CloudWatch::Alarm",
      "CountLedger78AE0E03 DynamoDB::Table",
      "CountMapping96A66D08 Lambda::EventSourceMapping",
      "CountNearMemoryLimitAlarm211AC5AE CloudWatch::Alarm",
      "CountOpen63094C86 Lambda::Function",
      "CountOpenLogs657228A1 Logs::LogGroup",
      "CountOpenRole0C7725F0 IAM::Role",
      "CountOpenRoleDefaultPolicy3790D10B IAM::Policy",
      "CountProduce8CAB7103 Lambda::Function",
      "CountProduceLogs33B1C27C Logs::LogGroup",
      "CountProduceRole2F940EE0 IAM::Role",
      "CountProduceRoleDefaultPolicyE1589C7D IAM::Policy",
      "CountQueueF2353D16 SQS::Queue",
      "CountQueuePolicy104EA512 SQS::QueuePolicy",
      "CountSettle113619FF Lambda::Function",
      "CountSettleLogs8802A77B Logs::LogGroup",
      "CountSettleRole6CD547D3 IAM::Role",
      "CountSettleRoleDefaultPolicy818ED319 IAM::Policy",
      "CountSideline3798A386 Lambda::Function",
      "CountSidelineLogsF37A16C2 Logs::LogGroup",
      "CountSidelineMapping2DE21402 Lambda::EventSourceMapping",
      "CountSidelineRole8A1DB701 IAM::Role",
      "CountSidelineRoleDefaultPolicy87937942 IAM::Policy",
      "CountStateMachine7D5C5AF4 StepFunctions::StateMachine",
      "CountStateMachineRoleDefaultPolicyB84186F2 IAM::Policy",
      "CountStateMachineRoleE2B3E160 IAM::Role",
      "CountStopFlag5B8FA61B SSM::Parameter",
      "CountStoppedAlarmA5BFF2C3 CloudWatch::Alarm",
      "CountStopper3407B6C7 Lambda::Function",
      "CountStopperAllowInvokeTestCountTopicCDED5992BB994EF0 Lambda::Permission",
      "CountStopperLogs8ACAAD53 Logs::LogGroup",
      "CountStopperRole7D7763E8 IAM::Role",
      "CountStopperRoleDefaultPolicy3EFC0B34 IAM::Policy",
      "CountStopperTestCountAgeAlarm2D4411C3AlarmPermission2866F121 Lambda::Permission",
      "CountStopperTestCountBlockedAlarm5241C03CAlarmPermission551B044D Lambda::Permission",
      "CountStopperTestCountDeadLettersAlarmE78B2D19AlarmPermission2623D08B Lambda::Permission",
      "CountStopperTestCountDepthAlarm46AD4BABAlarmPermissionE1603E75 Lambda::Permission",
      "CountStopperTestCountFailedItemsAlarmDD565B94AlarmPermissionFDB4EA41 Lambda::Permission",
      "CountStopperTestCountWorkerErrorsAlarm7C002AD7AlarmPermission1C04E472 Lambda::Permission",
      "CountStopperTopicEE1FC957 SNS::Subscription",
      "CountTopicDB606F3E SNS::Topic",
      "CountTopicKeyC1A44B72 KMS::Key",
      "CountTopicPolicyC9E5E8D8 SNS::TopicPolicy",
      "CountWatchPolicyD070AF26 IAM::Policy",
      "CountWorkerA09F7141 Lambda::Function",
      "CountWorkerErrorsAlarm903319CC CloudWatch::Alarm",
      "CountWorkerLogsC17AF3B2 Logs::LogGroup",
      "CountWorkerRole8C9A5143 IAM::Role",
      "CountWorkerRoleDefaultPolicy405FA5A6 IAM::Policy",
    ]
  `);
});

it('construct ids of the API are kept as well; its deployment has a new one for each change', () => {
  const without = new Set(idsOf(synth()));
  const added = idsOf(synth({ api: true })).filter((id) => !without.has(id));
  expect(added.map((id) => id.replace(/(?<=Deployment)[0-9A-F]{8}[0-9a-f]{32}/, '…'))).toMatchInlineSnapshot(`
    [
      "CountApiAccessLogs0BF50A6E Logs::LogGroup",
      "CountApiDefault4xx51BB8A66 ApiGateway::GatewayResponse",
      "CountApiDefault5xx71B1863D ApiGateway::GatewayResponse",
      "CountApiDeployment… ApiGateway::Deployment",
      "CountApiDeploymentStagev188001C70 ApiGateway::Stage",
      "CountApiEDF881D5 ApiGateway::RestApi",
      "CountApiFunctionC847F6A9 Lambda::Function",
      "CountApiFunctionLogs898CF755 Logs::LogGroup",
      "CountApiFunctionRole779B1246 IAM::Role",
      "CountApiFunctionRoleDefaultPolicyB3656A89 IAM::Policy",
      "CountApiValidator3C7A5322 ApiGateway::RequestValidator",
      "CountApiruns8E38BF1B ApiGateway::Resource",
      "CountApirunsGETApiPermissionTestCountApi9C955D65GETrunsE0CD1222 Lambda::Permission",
      "CountApirunsGETF0D38514 ApiGateway::Method",
      "CountApirunsPOSTApiPermissionTestCountApi9C955D65POSTruns0A06AA4A Lambda::Permission",
      "CountApirunsPOSTE38F9AF3 ApiGateway::Method",
      "CountApirunsid2BCCD40F ApiGateway::Resource",
      "CountApirunsidGETApiPermissionTestCountApi9C955D65GETrunsidA72CBA1D Lambda::Permission",
      "CountApirunsidGETF7193E48 ApiGateway::Method",
      "CountApirunsidresume23A27509 ApiGateway::Resource",
      "CountApirunsidresumePOSTApiPermissionTestCountApi9C955D65POSTrunsidresume26D155F6 Lambda::Permission",
      "CountApirunsidresumePOSTD5C7D1D3 ApiGateway::Method",
      "CountApirunsidstop4083CE87 ApiGateway::Resource",
      "CountApirunsidstopPOST3BB05C17 ApiGateway::Method",
      "CountApirunsidstopPOSTApiPermissionTestCountApi9C955D65POSTrunsidstop2947255A Lambda::Permission",
      "CountApistartRunBody02BC064C ApiGateway::Model",
      "CountApistopRunBodyC824B437 ApiGateway::Model",
      "SluiceApiAccountA360CDB4 ApiGateway::Account",
      "SluiceApiAccountRoleF7B0128C IAM::Role",
    ]
  `);
});

it('feature flags of the app, all on or all off, change none of them', () => {
  const flags = Object.entries(cxapi.FLAGS);
  const on = Object.fromEntries(flags.map(([name, { recommendedValue }]) => [name, recommendedValue]));
  // a flag that v2 has settled may not be set at all
  const off = Object.fromEntries(
    flags
      .filter(([name, flag]) => flag.recommendedValue === true && !cxapi.CURRENT_VERSION_EXPIRED_FLAGS.includes(name))
      .map(([name]) => [name, false]),
  );
  for (const name of cxapi.CURRENT_VERSION_EXPIRED_FLAGS) delete on[name];
  expect(Object.keys(on).length).toBeGreaterThan(50);
  const kept = idsOf(synth({ api: true }));
  expect(idsOf(synth({ api: true }, on))).toEqual(kept);
  expect(idsOf(synth({ api: true }, off))).toEqual(kept);
});
