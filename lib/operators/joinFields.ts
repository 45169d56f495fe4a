import type { Fields } from './takeFields.ts';

/**
 * The known fields with those of a next part. Null takes nothing away.
 *
 * @param texts - the names of those that come in pieces, and are joined
 */
export function joinFields(known: Fields, part: Fields, texts: readonly string[]): Fields {
  let joined = known;
  for (const [name, value] of Object.entries(part)) {
    if (value == null) continue;
    const text = known[name];
    const isText = texts.includes(name) && typeof text === 'string' && typeof value === 'string';
    joined = { ...joined, [name]: isText ? text + value : value };
  }
  return joined;
}
