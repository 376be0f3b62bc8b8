import { describe, expect, it } from 'vitest';
import { byteOrderMark, decode, rawText, withoutBreak } from '../../../../lib/core/sources/text.ts';
import { objectOf, readerOf, utf8 } from './fixtures.ts';

const markOf = (...bytes: number[]) => {
  const data = Uint8Array.from(bytes);
  return byteOrderMark('csv', objectOf(data), readerOf(data));
};

describe('the byte order mark', () => {
  it.each([
    [3, 'its three bytes', [0xef, 0xbb, 0xbf, 0x61]],
    [3, 'nothing else', [0xef, 0xbb, 0xbf]],
    [0, 'a first byte like it', [0xef, 0xbd, 0x86]],
    [0, 'two bytes like it', [0xef, 0xbb, 0xbe]],
    [0, 'a third byte like it', [0x61, 0x62, 0xbf]],
    [0, 'a second byte like it', [0x61, 0xbb, 0x61]],
    [0, 'the last two bytes like it', [0x61, 0xbb, 0xbf]],
    [0, 'the first and the third byte like it', [0xef, 0x61, 0xbf]],
    [0, 'half a mark of UTF-16', [0xff, 0x61, 0x61]],
    [0, 'the other half', [0x61, 0xfe, 0x61]],
    [0, 'half a mark of the other UTF-16', [0xfe, 0x61, 0x61]],
    [0, 'its other half', [0x61, 0xff, 0x61]],
    [0, 'one byte', [0xef]],
    [0, 'no byte', []],
  ])('has %d bytes with %s', async (length, _, bytes) => {
    expect(await markOf(...bytes)).toBe(length);
  });

  it.each([[[0xff, 0xfe]], [[0xfe, 0xff]], [[0xff, 0xfe, 0x61]]])('fails for UTF-16: %j', async (bytes) => {
    await expect(markOf(...bytes)).rejects.toMatchObject({
      code: 'sourceInvalid',
      message: 'csv: the file is UTF-16, expected UTF-8: convert it first',
    });
  });
});

describe('text', () => {
  it('is UTF-8, or null', () => {
    expect([decode(utf8('ä')), decode(Uint8Array.of(0xff))]).toEqual(['ä', null]);
  });

  it('keeps a mark that is not at the start of its file', () => {
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect([decode(marked), rawText(marked)]).toEqual(['\ufeffa', '\ufeffa']);
  });

  it.each([
    ['a', 'a'],
    ['a\n', 'a'],
    ['a\r\n', 'a'],
    ['a\r', 'a\r'],
    ['\n', ''],
    ['a\n\n', 'a\n'],
    ['', ''],
  ])('%j is %j without its line break', (record, text) => {
    expect(decode(withoutBreak(utf8(record)))).toBe(text);
    expect(rawText(utf8(record))).toBe(text);
  });

  it('shows what is not UTF-8', () => {
    expect(rawText(Uint8Array.of(0x61, 0xff, 0x0a))).toBe('a\ufffd');
  });
});
