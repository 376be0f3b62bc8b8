import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../scripts/audit/verdict.ts';

/** A report as npm 11 prints it, with findings of these severities. */
function report(...severities: readonly string[]): string {
  const vulnerabilities = severities.map((severity, n) => {
    const name = `package-${n}`;
    const advisory = { source: n, name, title: `flaw ${n}`, url: `https://example.test/${n}`, severity, range: '<2' };
    const via = n === 0 ? [advisory] : [advisory, 'package-0'];
    return [name, { name, severity, isDirect: true, via, effects: [], range: '<2.0.0', nodes: [], fixAvailable: true }];
  });
  const metadata = { vulnerabilities: { total: severities.length }, dependencies: { prod: 30 } };
  return JSON.stringify({ auditReportVersion: 2, vulnerabilities: Object.fromEntries(vulnerabilities), metadata });
}

describe('the audit of dependencies', () => {
  it('passes when nothing is found, and says so', () => {
    expect(verdictOf(report())).toEqual({ kind: 'passed', lines: ['0 findings, 0 of them high or critical'] });
  });

  it('tells of what is low or moderate, and passes', () => {
    const { kind, lines } = verdictOf(report('low', 'moderate'));
    expect(kind).toBe('passed');
    expect(lines[1]).toBe('moderate: package-1 <2.0.0: flaw 1 (https://example.test/1),by package-0');
  });

  it.each(['high', 'critical'])('fails for what is %s', (severity) => {
    const { kind, lines } = verdictOf(report('low', severity));
    expect(kind).toBe('failed');
    expect(lines.at(-1)).toBe('2 findings, 1 of them high or critical');
  });

  it.each([
    [
      'a registry without advisories',
      '{"message":"405 Method Not Allowed","statusCode":405}',
      '405 Method Not Allowed',
    ],
    ['npm that printed nothing', '', 'npm printed no report'],
    ['a report of another version', '{"auditReportVersion":3}', 'npm printed no report'],
  ])('is loudly not done by %s', (_, output, why) => {
    const { kind, lines } = verdictOf(output);
    expect(kind).toBe('notDone');
    expect(lines[0]).toBe(`THE AUDIT COULD NOT BE DONE: ${why}`);
  });

  it('is part of what CI runs', () => {
    expect(readFileSync(new URL('../../../.ci/run', import.meta.url), 'utf8')).toMatch(/^npm run -s audit$/m);
  });
});
