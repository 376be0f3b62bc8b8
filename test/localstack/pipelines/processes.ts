import { readdirSync, readFileSync } from 'node:fs';

/** The processes of a function of the local AWS, found by their environment. */
function processesOf(functionName: RegExp): number[] {
  const endpoint = process.env.AWS_ENDPOINT_URL ?? '';
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const variables = environOf(pid);
      const name = variables.find((one) => one.startsWith('AWS_LAMBDA_FUNCTION_NAME='));
      return name !== undefined && functionName.test(name) && variables.includes(`AWS_ENDPOINT_URL=${endpoint}`);
    })
    .map(Number);
}

/** Of a process that has gone or is somebody else's: nothing. */
function environOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Kills one of a function's processes, as the kernel does when memory is short; false when there is none. */
export function killOne(functionName: RegExp, choose: (count: number) => number): boolean {
  const pids = processesOf(functionName);
  const pid = pids[choose(pids.length)];
  if (pid === undefined) return false;
  process.kill(pid, 'SIGKILL');
  return true;
}
