/** An object of an answer, whose fields a server may extend. */
export type Fields = Record<string, unknown>;

/**
 * A copy of the target that has these fields too; the target itself when there is nothing to add. Null takes no place of
 * what is known.
 *
 * @param own - the names that are dealt with elsewhere
 * @param isWeak - whether nothing that is known gives way
 */
export function withFields<T extends Fields>(target: T, fields: Fields, own: ReadonlySet<string>, isWeak = false): T {
  let result = target;
  // Not by entries, since nearly always there is nothing to add.
  for (const name in fields) {
    const value = fields[name];
    const known = target[name];
    if (value === known || own.has(name) || (value == null && known !== undefined) || (isWeak && known)) continue;
    result = { ...result, [name]: value };
  }
  return result;
}

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
