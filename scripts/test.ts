import { main } from './watch/main.ts';
import { SUITES } from './watch/suites.ts';

// All tests, or some: `node scripts/test.ts [--suite NAME]... [-- vitest arguments]`. Run by `npm test`.
process.exitCode = await main(process.argv.slice(2), SUITES);
