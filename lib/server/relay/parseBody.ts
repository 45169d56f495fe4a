import { parseJSON } from '../../sse/parseJSON.ts';
import { RefusalError } from '../RefusalError.ts';

/** So deep may a body be: a tool's schema takes about 20. */
const MAX_DEPTH = 64;

/**
 * Parses a body.
 *
 * @throws RefusalError when it is not one JSON object, too deep, or has a member `__proto__` anywhere
 */
export function parseBody(text: string): Record<string, unknown> {
  const body = parseJSON(text);
  if (body === undefined) throw invalid('The body is not JSON', 'invalid_json');
  if (!isObject(body)) throw invalid('The body is not a JSON object');
  check(body, MAX_DEPTH);
  return body;
}

/** Whether it is an object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return Object(value) === value && !Array.isArray(value);
}

/** The refusal of a body. */
export function invalid(message: string, code = 'invalid_body', param?: string): RefusalError {
  return new RefusalError({ status: 400, message, code }, param);
}

function check(value: unknown, depth: number): void {
  if (Object(value) !== value) return;
  if (depth === 0) throw invalid('The body is too deep');
  for (const [name, member] of Object.entries(value as object)) {
    if (name === '__proto__') throw invalid('The body has a member that is not allowed');
    check(member, depth - 1);
  }
}
