/** About a token: what the builders put into one piece unless told otherwise. */
const DEFAULT_EVERY = 4;

/**
 * Splits a text into pieces of so many characters; the last one may be shorter. A character is a code point: an emoji is
 * never torn.
 *
 * @param every - characters per piece; `Infinity` gives the text in one piece
 * @throws RangeError when it is less than 1, or not a whole number
 */
export function splitText(text: string, every = DEFAULT_EVERY): string[] {
  if (!(every >= 1) || (every !== Infinity && !Number.isInteger(every))) {
    throw new RangeError('every must be a whole number above 0');
  }
  const characters = Array.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += every) {
    pieces.push(characters.slice(start, start + every).join(''));
  }
  return pieces;
}
