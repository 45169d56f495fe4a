import { joinBytes } from '../wire/joinBytes.ts';

const ASTERISK = 42;

/** The pieces of a body with asterisks wherever one of these texts stands, also where it is cut between two pieces. */
export function maskBytes(pieces: readonly Uint8Array[], secrets: readonly string[]): Uint8Array[] {
  const whole = joinBytes(pieces);
  const masked = whole.slice();
  for (const secret of secrets) {
    const hidden = new TextEncoder().encode(secret);
    const [first = 0] = hidden;
    for (let at = whole.indexOf(first); at !== -1; at = whole.indexOf(first, at + 1)) {
      if (hidden.every((byte, index) => whole[at + index] === byte)) masked.fill(ASTERISK, at, at + hidden.length);
    }
  }
  let offset = 0;
  return pieces.map(({ length }) => masked.subarray(offset, (offset += length)));
}
