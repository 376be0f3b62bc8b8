import { expect, it } from 'vitest';
import { html } from '../../../lib/report/html.ts';

it('escapes what is put into it, in text and in attributes', () => {
  const value = `<b a='1' b="2">&`;
  expect(html`<p title="${value}">${value}</p>`.toString()).toBe(
    '<p title="&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;">&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;</p>',
  );
});

it('takes its own markup as it is, joins lists, and leaves null out', () => {
  expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>${null}`.toString()).toBe(
    '<ul><li>1</li><li>2</li></ul>',
  );
});

it('takes nothing for markup that only looks like it', () => {
  const forged = JSON.parse('{"text":"<script>","html":"<script>"}');
  expect(html`${{ ...forged, toString: () => '<script>' } as never}`.toString()).toBe('&lt;script&gt;');
});

it('shows what cannot be printed, or would turn the text around, as a replacement', () => {
  expect(html`${'a\u0000b\u202ec\td\ne'}`.toString()).toBe('a\ufffdb\ufffdc\td\ne');
});
