/** Calls `work`, and says how long the processor was at it: of this whole process, so nothing else should go on in it. */
export async function cpuSecondsOf<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly cpuSeconds: number }> {
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpuSeconds: (user + system) / 1e6 };
}
