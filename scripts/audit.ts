import { spawnSync } from 'node:child_process';
import { verdictOf } from './audit/verdict.ts';

// Looks up what is shipped, not what tests need, in the registry's advisories. Run by `npm run audit`, and in CI.
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: 120_000 });
const { kind, lines } = verdictOf(stdout ?? '');
for (const line of lines) process.stderr.write(`audit: ${line}\n`);
// A registry without advisories says nothing about this commit.
process.exitCode = kind === 'failed' ? 1 : 0;
