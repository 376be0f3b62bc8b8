import type { ChildProcess } from 'node:child_process';
import type { ProcessTable } from './processes.ts';

/**
 * All that can be had without `/proc`: the group that a program leads. What has left the group, as a detached process does,
 * is not in it, and memory is not measured.
 */
export function groupOf(child: ChildProcess): ProcessTable {
  const { pid } = child;
  const list = () => (pid !== undefined && isAlive(-pid) ? [{ pid: -pid, startTime: '', ticks: 0 }] : []);
  return { list, measure: () => [] };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
