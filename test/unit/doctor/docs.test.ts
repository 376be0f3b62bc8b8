import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { overPull } from '../../../lib/doctor/deliveries.ts';
import { RULES } from '../../../lib/doctor/examine.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/doctor.md');

/** The cells of each row of the table under a heading. */
function rows(heading: string): readonly (readonly string[])[] {
  const part = page.slice(page.indexOf(`## ${heading}\n`)).split('\n## ')[0] ?? '';
  const lines = part.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

describe('the page on doctor', () => {
  it('has every rule once, in its order and its words', () => {
    const expected = RULES.map((rule) => [
      `\`${rule.id}\``,
      rule.severity,
      rule.what,
      rule.consequence,
      rule.fix,
      `[AWS](${rule.page})`,
    ]);
    expect(rows('Findings')).toEqual(expected);
  });

  it('is shown in the README in the words that are printed', () => {
    const shown = read('README.md');
    for (const text of [overPull.fix, overPull.page]) expect(shown).toContain(text);
  });

  it('draws its lines only for rules that exist', () => {
    const lines = page.slice(page.indexOf('## Where the lines are drawn'), page.indexOf('## Rights'));
    const named = [...lines.matchAll(/^- `(\w+)`/gm)].map(([, id]) => id);
    expect(named.length).toBeGreaterThan(5);
    for (const id of named) expect(RULES.map((rule) => rule.id)).toContain(id);
  });

  it("sends readers to AWS's own pages", () => {
    for (const rule of RULES) expect(rule.page, rule.id).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.+\.html$/);
  });

  it('asks for the rights to the calls that are made, and no others', () => {
    const files = readdirSync(new URL('lib/aws/doctor', root)).map((file) => read(`lib/aws/doctor/${file}`));
    // finding the only pipeline is not this folder's
    const made = new Set(['cloudformation:DescribeStacks']);
    for (const code of files) {
      const service = /@aws-sdk\/client-(\w+)'/.exec(code)?.[1];
      for (const [, command] of code.matchAll(/new (\w+)Command\(/g)) made.add(`${service}:${command}`);
    }
    expect(
      rows('Rights')
        .map(([action]) => action?.replaceAll('`', ''))
        .toSorted(),
    ).toEqual([...made].toSorted());
  });
});
