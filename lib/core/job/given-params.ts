import { SluiceError } from '../errors.ts';
import { PARAMS_BYTES_MAX } from '../limits.ts';
import { whyNotJson } from '../sources/json-value.ts';

/**
 * What holds for any run's parameters, whatever their schema: they are JSON, not nested too deeply to be handled, and small
 * enough to ride through Step Functions and the run item.
 *
 * @throws SluiceError `paramsInvalid`, the same message at every trigger.
 */
export function checkGivenParams(params: unknown): void {
  const why = whyNotJson(params);
  if (why !== null) throw new SluiceError('paramsInvalid', `params must be plain JSON: ${why}`);
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes <= PARAMS_BYTES_MAX) return;
  throw new SluiceError('paramsInvalid', `params take ${bytes} bytes, at most ${PARAMS_BYTES_MAX} are allowed`);
}
