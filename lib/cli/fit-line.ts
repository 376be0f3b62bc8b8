import { styleText } from 'node:util';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

/** A part of a line, in one colour. */
export interface Span {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

/**
 * Columns that a text takes on a terminal, or one too many: from Hangul on a character counts as two, but for the marks, lines and
 * blocks that views are drawn with.
 *
 * @example
 * textWidth('日本') // 4
 */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x1100 || (code >= 0x2010 && code < 0x25a0) ? 1 : 2;
}

/**
 * A line that never wraps: cut, with an ellipsis, where it is too long. Characters that would move the cursor or change colours
 * are replaced, for some of the text comes from handlers' errors.
 *
 * @example
 * fitLine([{ text: 'state ' }, { text: 'producing', colour: 'green' }], 10, false) // 'state pro…'
 */
export function fitLine(spans: readonly Span[], columns: number, colour: boolean): string {
  const plain = spans.map((span) => ({ ...span, text: printable(span.text) }));
  const isWhole = plain.reduce((sum, { text }) => sum + textWidth(text), 0) <= columns;
  let room = isWhole ? columns : columns - 1;
  let line = '';
  for (const span of plain) {
    const text = cut(span.text, room);
    line += paint(text, span.colour, colour);
    room -= textWidth(text);
    if (text !== span.text) break;
  }
  return isWhole ? line : `${line}…`;
}

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

/**
 * Text of any length whose lines and tabs stay, without the characters that `fitLine` replaces.
 *
 * @example
 * printableLines('no\n\u001b[2Jyes') // 'no\n�[2Jyes'
 */
export function printableLines(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join('');
}

function cut(text: string, columns: number): string {
  let kept = '';
  let room = columns;
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    kept += character;
  }
  return kept;
}

function paint(text: string, colour: Colour | undefined, isOn: boolean): string {
  // what is streamed to and the environment were looked at by whoever decided on colours
  return isOn && colour !== undefined && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}
