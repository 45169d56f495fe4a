import * as fc from 'fast-check';
import { utf8Decoder } from '../../lib/sse/utf8Decoder';
import { cutAt, cutInto } from '../support/decoding';

describe('utf8Decoder', () => {
  /** What comes of bytes that are given in parts. */
  function decode(parts: Uint8Array[]): string {
    const next = utf8Decoder();
    return parts.map((part) => next(part)).join('') + next();
  }

  it('gives for every way to cut the bytes what they are as a whole', () => {
    const characters = fc.constantFrom('a', 'b', '\n', '\r', 'ö', '面', '😀', '\ufeff', '\ufffd');
    const text = fc.array(characters, { maxLength: 40 }).map((list) => new TextEncoder().encode(list.join('')));
    const cuts = fc.array(fc.nat(200), { maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 60 })), cuts, (bytes, places) => {
        const positions = places.map((place) => place % (bytes.length + 1));
        expect(decode(cutAt(bytes, positions))).toBe(new TextDecoder().decode(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves a byte order mark out at the start alone', () => {
    const bytes = new TextEncoder().encode('\ufeffa\n\ufeffb\n');
    for (const count of [1, 2, 5, bytes.length]) expect(decode(cutInto(bytes, count))).toBe('a\n\ufeffb\n');
    expect(decode([bytes.subarray(0, 5), bytes.subarray(5)])).toBe('a\n\ufeffb\n');
  });

  it('gives each text as soon as its characters are there', () => {
    const next = utf8Decoder();
    const [first = new Uint8Array(), second = new Uint8Array()] = cutInto(Buffer.from('a面'), 2);
    expect([Buffer.from('x'), first, second, Buffer.from('y')].map((part) => next(part))).toEqual([
      'x',
      'a',
      '面',
      'y',
    ]);
  });
});
