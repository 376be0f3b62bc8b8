#!/usr/bin/env node
/** The CLI's process: it checks Node before anything else is imported, for what is imported needs it. */
const NODE_MIN = [22, 12] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  const message = `sluice needs Node ${NODE_MIN.join('.')} or newer, this is ${process.versions.node}`;
  process.stderr.write(`error[nodeTooOld]: ${message}\n`);
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: 'nodeTooOld', message } })}\n`);
  }
  process.exitCode = 1;
} else {
  const { main } = await import('../lib/cli/main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
