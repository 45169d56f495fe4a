import { MalformedStreamError } from '../errors/MalformedStreamError.ts';

/** No item of a Response has more parts, annotations or commands than this; a larger index is a mistake or an attack. */
const MAX_INDEX = 65_535;

/**
 * Gives an index of an event back if it is possible; left out, it is 0.
 *
 * @throws MalformedStreamError (`json`) when it is not
 */
export function checkIndex(index: unknown, name: string, max = MAX_INDEX): number {
  const checked = index ?? 0;
  if (Number.isInteger(checked) && (checked as number) >= 0 && (checked as number) <= max) return checked as number;
  throw new MalformedStreamError(`The server sent an impossible ${name}`, { reason: 'json' });
}
