import { checkIndex } from './checkIndex.ts';
import { isFields } from './takeFields.ts';

/** A list may lack so many items before the next one; more are a mistake or an attack. */
const MAX_GAP = 64;

/**
 * A copy of a tree in which one place is changed; the tree itself when that is as it was. What lies beside the path is
 * shared, what is missing on it is made.
 *
 * @param path - names of fields and indices of lists
 * @throws MalformedStreamError (`json`) when an index is far behind the end of its list
 */
export function updateAt(
  tree: unknown,
  path: readonly (string | number)[],
  change: (value: unknown) => unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(tree);
  const known = isFields(tree) || Array.isArray(tree) ? (tree as Record<string | number, unknown>)[key] : undefined;
  const value = updateAt(known, rest, change);
  if (value === known) return tree;
  if (typeof key === 'string') return { ...(isFields(tree) && tree), [key]: value };
  const list: unknown[] = Array.isArray(tree) ? [...(tree as unknown[])] : [];
  checkIndex(key, 'index', list.length + MAX_GAP);
  list[key] = value;
  return list;
}
