import fc from 'fast-check';

/** The halves of surrogate pairs are no characters by themselves. */
const FIRST_HALF = 0xd800;
const HALF_COUNT = 0x800;

/**
 * The characters that `unit: 'binary'` gives, in the same order and as often. To look up a few of them, that one makes a
 * table of all million, in each spec file anew, which takes a second.
 */
export const codePoint: fc.Arbitrary<string> = fc.nat(0x10ffff - HALF_COUNT).map(characterAt, (text) => {
  const code = String(text).codePointAt(0) ?? 0;
  const index = code < FIRST_HALF ? code : code - HALF_COUNT;
  if (characterAt(index) !== text) throw new Error('It is not a character');
  return index;
});

function characterAt(index: number): string {
  return String.fromCodePoint(index < FIRST_HALF ? index : index + HALF_COUNT);
}
