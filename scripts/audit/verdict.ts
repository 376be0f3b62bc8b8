import { z } from 'zod';

/** What fails an audit; what is below is only told. */
const FAILS = ['high', 'critical'];

/** An audit's outcome. `notDone`: the registry gave no answer, so nothing is known. */
export interface Verdict {
  readonly kind: 'passed' | 'failed' | 'notDone';
  readonly lines: readonly string[];
}

const advisory = z.object({ title: z.string(), url: z.string() });
/** Of `npm audit --json` (report version 2), what is read here. */
const reportSchema = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), range: z.string(), via: z.array(z.union([z.string(), advisory])) }),
  ),
});
const failureSchema = z.object({ message: z.string() });

/**
 * Judges what `npm audit --json` printed.
 *
 * @example
 * verdictOf('{"auditReportVersion":2,"vulnerabilities":{}}').kind // 'passed'
 */
export function verdictOf(output: string): Verdict {
  const json = parse(output);
  const report = reportSchema.safeParse(json);
  if (!report.success) {
    const failure = failureSchema.safeParse(json);
    const why = failure.success ? failure.data.message : 'npm printed no report';
    return { kind: 'notDone', lines: [`THE AUDIT COULD NOT BE DONE: ${why}`, 'nothing is known of the dependencies'] };
  }
  const found = Object.entries(report.data.vulnerabilities);
  const lines = found.map(([name, { severity, range, via }]) => `${severity}: ${name} ${range}: ${via.map(reasonOf)}`);
  const bad = found.filter(([, { severity }]) => FAILS.includes(severity)).length;
  const sum = `${found.length} findings, ${bad} of them high or critical`;
  return { kind: bad === 0 ? 'passed' : 'failed', lines: [...lines, sum] };
}

function reasonOf(via: string | z.infer<typeof advisory>): string {
  return typeof via === 'string' ? `by ${via}` : `${via.title} (${via.url})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
