import {
  type FunctionConfiguration,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { clients } from '../observer.ts';

const WAIT_SECONDS = 60;

/**
 * Has all functions of a pipeline ask `proxy` for what they asked `endpoint` for, from their next process on: a change of
 * their environment variables, as anyone may make one. The queues' addresses count, since the SDK's SQS goes by them.
 *
 * @returns what undoes it.
 */
export function routeThrough(pipeline: string, endpoint: string, proxy: string): Promise<() => Promise<void>> {
  return routeFunctions((one) => isOf(one, pipeline), endpoint, proxy);
}

/** The same for any functions. */
export async function routeFunctions(
  isMeant: (one: DeployedFunction) => boolean,
  endpoint: string,
  proxy: string,
): Promise<() => Promise<void>> {
  const functions = (await allFunctions()).filter(isMeant);
  if (functions.length === 0) throw new Error('there are no functions to route');
  const routed = (value: string) => value.replaceAll(endpoint, proxy);
  await Promise.all(
    functions.map(({ name, variables }) => {
      const values = Object.entries(variables).map(([key, value]) => [key, routed(value)]);
      return setVariables(name, { ...Object.fromEntries(values), AWS_ENDPOINT_URL: proxy });
    }),
  );
  return async () => {
    await Promise.all(functions.map(({ name, variables }) => setVariables(name, variables)));
  };
}

export interface DeployedFunction {
  readonly name: string;
  readonly variables: Record<string, string>;
}

/** The functions of one pipeline. */
export async function functionsOf(pipeline: string): Promise<readonly DeployedFunction[]> {
  return (await allFunctions()).filter((one) => isOf(one, pipeline));
}

function isOf({ variables }: DeployedFunction, pipeline: string): boolean {
  return JSON.parse(variables.SLUICE_CONFIG ?? '{}').pipeline === pipeline;
}

async function allFunctions(): Promise<readonly DeployedFunction[]> {
  const found: FunctionConfiguration[] = [];
  let Marker: string | undefined;
  do {
    const page = await clients.lambda().send(new ListFunctionsCommand({ Marker }));
    found.push(...(page.Functions ?? []));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  return found.map(({ FunctionName = '', Environment }) => ({
    name: FunctionName,
    variables: Environment?.Variables ?? {},
  }));
}

async function setVariables(FunctionName: string, Variables: Record<string, string>): Promise<void> {
  const client = clients.lambda();
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  await waitUntilFunctionUpdatedV2({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 }, { FunctionName });
}
