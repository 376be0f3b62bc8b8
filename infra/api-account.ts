import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgePattern } from './nag.ts';
import { allow } from './permissions.ts';

/** Those of AWS's own policy for it, AmazonAPIGatewayPushToCloudWatchLogs: API Gateway checks that the role has them. */
const LOG_ACTIONS = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:PutLogEvents',
  'logs:GetLogEvents',
  'logs:FilterLogEvents',
];
const ID = 'SluiceApiAccount';

/**
 * Without a role of the account API Gateway writes no access log. It is one setting for all REST APIs of a region: made once in a
 * stack, and kept when that goes, for other APIs may have come to log by it.
 */
export function apiAccount(scope: Construct): Construct {
  const stack = Stack.of(scope);
  const present = stack.node.tryFindChild(ID);
  if (present !== undefined) return present as Construct;
  const home = new Construct(stack, ID);
  const role = new iam.Role(home, 'Role', {
    assumedBy: new iam.ServicePrincipal('apigateway.amazonaws.com'),
    inlinePolicies: { Logs: new iam.PolicyDocument({ statements: [allow(LOG_ACTIONS, ['*'])] }) },
  });
  role.applyRemovalPolicy(RemovalPolicy.RETAIN);
  acknowledgePattern(role, '*', 'one role writes the logs of all REST APIs of the account, ours and others');
  new apigateway.CfnAccount(home, 'Account', { cloudWatchRoleArn: role.roleArn }).applyRemovalPolicy(
    RemovalPolicy.RETAIN,
  );
  return home;
}
