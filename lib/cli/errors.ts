import { CommanderError } from 'commander';
import { type ErrorCode, isSluiceError, messageOf, SluiceError } from '../core/errors.ts';
import type { CliContext, ExitCode } from './context.ts';
import { printJson, say } from './context.ts';
import { printableLines } from './fit-line.ts';
import { OutputClosed } from './io.ts';

/** What the SDK's errors mean to the user of a command, by their names. */
const AWS_ERRORS: readonly { readonly names: RegExp; readonly code: ErrorCode; readonly help: string }[] = [
  {
    names:
      /^(CredentialsProviderError|ExpiredToken(Exception)?|InvalidClientTokenId|UnrecognizedClientException|TokenProviderError|InvalidSignatureException|SignatureDoesNotMatch)$/,
    code: 'credentialsMissing',
    help: 'AWS does not accept the credentials; set AWS_PROFILE, or log in again',
  },
  {
    names: /^(AccessDenied(Exception)?|AuthorizationError(Exception)?|KMSAccessDenied(Exception)?)$/,
    code: 'accessDenied',
    help: 'the credentials in use lack a permission',
  },
  {
    names:
      /^(ResourceNotFoundException|ParameterNotFound|NoSuchBucket|QueueDoesNotExist|StateMachineDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/,
    code: 'pipelineMissing',
    help: 'a part of the pipeline is gone: its stack was deleted, or is being deployed; "sluice deploy" brings it back',
  },
  {
    names: /^(TimeoutError|NetworkingError|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/,
    code: 'targetUnreachable',
    help: 'the target does not answer',
  },
];

/** Where to find what is allowed, by commander's codes. */
const USAGE_HELP: Readonly<Record<string, string>> = {
  'commander.unknownCommand': '; "sluice --help" lists them',
  'commander.unknownOption': '; --help lists those of this command',
  'commander.excessArguments': '; --help shows an example',
};

/** Anything thrown, as an error that a person can act on. */
export function toSluiceError(error: unknown): SluiceError {
  if (isSluiceError(error)) return error;
  if (error instanceof CommanderError) {
    const help = USAGE_HELP[error.code] ?? '';
    return new SluiceError('usage', `${error.message.replace(/^error: /, '')}${help}`, { cause: error });
  }
  if (error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) {
    return new SluiceError('usage', error.message, { cause: error });
  }
  const names = error instanceof Error ? [error.name, (error as NodeJS.ErrnoException).code ?? ''] : [];
  const known = AWS_ERRORS.find((one) => names.some((name) => one.names.test(name)));
  if (known !== undefined) {
    return new SluiceError(known.code, `${known.help} (${messageOf(error) || names[0]})`, { cause: error });
  }
  return new SluiceError('internal', messageOf(error) || 'unknown error', { cause: error });
}

/** The one place where errors become text, JSON and an exit code. */
export async function reportError(context: CliContext, error: unknown, asJson: boolean): Promise<ExitCode> {
  if (error instanceof OutputClosed) return 0;
  const known = toSluiceError(error);
  say(context, `error[${known.code}]: ${known.message}`);
  if (context.environment.SLUICE_DEBUG === '1') context.io.stderr(`${printableLines(stackOf(known))}\n`);
  if (asJson) {
    const { runId } = context.about;
    const about = runId === undefined ? {} : { runId };
    await printJson(context, { error: { code: known.code, message: known.message, ...about } }).catch(() => {});
  }
  return known.code === 'runOpen' || known.code === 'queueFull' ? 4 : 1;
}

/** Calls `work`; whatever it throws is reported. After Ctrl-C the exit code says that. */
export async function toExit(context: CliContext, asJson: boolean, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    const code = await reportError(context, error, asJson);
    return context.signal.aborted ? 130 : code;
  }
}

function stackOf(error: SluiceError): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return `${error.stack}${cause}`;
}
