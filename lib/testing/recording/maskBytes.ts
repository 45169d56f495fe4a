import { joinBytes } from '../wire/joinBytes.ts';

const ASTERISK = 42;

/** The pieces of a body with asterisks wherever one of these texts stands, also where it is cut between two pieces. */
export function maskBytes(pieces: readonly Uint8Array[], secrets: readonly string[]): Uint8Array[] {
  const whole = joinBytes(pieces);
  const hidden = secrets.map((secret) => new TextEncoder().encode(secret));
  for (let at = 0; at < whole.length; at++) {
    for (const bytes of hidden) {
      if (bytes.every((byte, index) => whole[at + index] === byte)) whole.fill(ASTERISK, at, at + bytes.length);
    }
  }
  let offset = 0;
  return pieces.map(({ length }) => whole.subarray(offset, (offset += length)));
}
