/** `npm start`: the whole example on a local AWS, in one command. */
import { parseArgs } from 'node:util';
import { toExit } from '../../lib/cli/errors.ts';
import { processContext, withInterrupts } from '../../lib/cli/main.ts';
import { startExample } from './flow.ts';

process.exitCode = await withInterrupts((signal) => {
  const context = processContext(signal);
  return toExit(context, false, () => {
    const { values } = parseArgs({ options: { 'real-account': { type: 'boolean', default: false } } });
    return startExample(context, { realAccount: values['real-account'] });
  });
});
