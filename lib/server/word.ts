/** A number, null, or a string that is one short word: a code, an id, the path of a parameter. Anything else is undefined. */
export function word(value: unknown): string | number | null | undefined {
  if (value === null || typeof value === 'number') return value;
  return typeof value === 'string' && /^[\w.:[\]-]{1,128}$/.test(value) ? value : undefined;
}
