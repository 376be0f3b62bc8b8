import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The processes of a function, found by their environment: its name, and the endpoint that they ask. */
function processesOf(functionName: RegExp, endpoint: string): number[] {
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
  const pids = processesOf(functionName, process.env.AWS_ENDPOINT_URL ?? '');
  const pid = pids[choose(pids.length)];
  if (pid === undefined) return false;
  process.kill(pid, 'SIGKILL');
  return true;
}

/** Kills the function's process at the other end of a connection to a proxy; false when that is no such process. */
export function killCaller(functionName: RegExp, { port, proxyPort }: { port: number; proxyPort: number }): boolean {
  const socket = `socket:[${socketOf(port, proxyPort)}]`;
  const candidates = processesOf(functionName, `http://127.0.0.1:${proxyPort}`);
  const pid = candidates.find((one) => socketsOf(one).includes(socket));
  if (pid === undefined) return false;
  process.kill(pid, 'SIGKILL');
  return true;
}

/** The inode of the connection between two ports of this machine, from the kernel's table. */
function socketOf(localPort: number, remotePort: number): string | undefined {
  const end = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const fields = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return fields.find(([, local, remote]) => local === end(localPort) && remote === end(remotePort))?.[9];
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}
