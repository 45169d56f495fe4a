import { setField } from './setField.ts';

/** An object of an answer, whose fields a server may extend. */
export type Fields = Record<string, unknown>;

/**
 * Sets these fields of the target too. Null takes no place of what is known.
 *
 * @param own - the names that are dealt with elsewhere
 * @param isWeak - whether nothing that is known gives way
 */
export function takeFields(target: Fields, fields: Fields, own: ReadonlySet<string>, isWeak = false): void {
  // Not by entries, since nearly always there is nothing to take.
  for (const name in fields) {
    const value = fields[name];
    const known = target[name];
    if (value === known || own.has(name) || (value == null && known !== undefined) || (isWeak && known)) continue;
    setField(target, name, value);
  }
}

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
