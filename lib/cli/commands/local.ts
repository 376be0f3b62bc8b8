import { Argument } from 'commander';
import { SluiceError } from '../../core/errors.ts';
import { defineCommand, type JsonArgs, jsonOption } from '../command.ts';
import { type CliContext, type ExitCode, type LocalStatus, printJson, say } from '../context.ts';

export interface LocalArgs extends JsonArgs {
  readonly action: 'up' | 'down' | 'status';
  readonly port?: string;
}

/** A local AWS with no Docker and no account. */
export const localCommand = defineCommand<LocalArgs>({
  name: 'local',
  description: 'start, end or show a local AWS that needs no Docker and no account',
  example: `  eval "$(sluice local up)"     start it and point this shell's tools at it
  sluice local status --json    {"running":true,"endpoint":"http://127.0.0.1:4566",...}
  sluice local down             end it, with everything that was deployed to it`,
  options: (command) => {
    command.addArgument(new Argument('<action>', 'what to do').choices(['up', 'down', 'status']));
    command.option(
      '--port <number>',
      'with up: listen on this port of 127.0.0.1, or fail (default: 4566, or the next free one)',
    );
    jsonOption(command);
  },
  run: (context, args) => ACTIONS[args.action](context, args),
});

const ACTIONS: Record<LocalArgs['action'], (context: CliContext, args: LocalArgs) => Promise<ExitCode>> = {
  up,
  down: async (context, { json }) => {
    const { stopped } = await context.services.localDown((message) => say(context, message));
    say(context, stopped ? 'the local AWS has ended' : 'no local AWS was running');
    if (json) await printJson(context, statusOf(await context.services.localStatus()));
    return 0;
  },
  status: async (context, { json }) => {
    const status = statusOf(await context.services.localStatus());
    if (json) await printJson(context, status);
    else
      await context.io.stdout(status.running ? `running at ${status.endpoint} (pid ${status.pid})\n` : 'not running\n');
    return 0;
  },
};

async function up(context: CliContext, args: LocalArgs): Promise<ExitCode> {
  const { services, environment, signal } = context;
  const given = environment.AWS_ENDPOINT_URL ?? '';
  const port = args.port === undefined ? undefined : parsePort(args.port);
  const running = given === '' ? null : await services.localStatus();
  if (given !== '' && running?.endpoint !== given) {
    say(context, `AWS_ENDPOINT_URL is set (${given}): that is the target, nothing was started`);
    if (args.json) await printJson(context, statusOf(await services.localStatus()));
    return 0;
  }
  const onProgress = (message: string) => say(context, message);
  const status = await services.localUp({ ...(port === undefined ? {} : { port }), onProgress, signal });
  if (status.reused && port !== undefined && status.port !== port) {
    const message = `the local AWS runs on port ${status.port} already; "sluice local down" ends it`;
    throw new SluiceError('localPortTaken', message);
  }
  say(context, `local AWS ${status.reused ? 'is already running' : 'started'} at ${status.endpoint}`);
  if (args.json) await printJson(context, statusOf(status));
  else for (const line of await services.exportLines(status)) await context.io.stdout(`${line}\n`);
  return 0;
}

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new SluiceError('usage', `--port must be a number from 1 to 65535, got ${text}`);
}

/** Exactly the keys of the contract. */
function statusOf({ running, endpoint, port, pid }: LocalStatus): LocalStatus {
  return { running, endpoint, port, pid };
}
