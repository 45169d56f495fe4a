import { APIConnectionError } from '../errors/APIConnectionError.ts';
import type { APIError } from '../errors/APIError.ts';

/** Where a transport can fail. */
export type TransportPhase = 'connect' | 'head' | 'body';

const MESSAGES = { connect: 'Could not connect', head: 'No response came', body: 'The body broke off' };

/** Makes the typed error of a connection that failed while its request was in the given phase. */
export function connectionFailure(failure: unknown, phase: TransportPhase): APIError {
  const { name, message, code } = failure as Error & { code?: unknown };
  // The errors of HTTP clients carry sockets and raw bytes, in which an echo of the request may stand.
  const cause = Object.assign(new Error(message || String(code)), { name, code });
  return new APIConnectionError(`${MESSAGES[phase]}: ${cause.message}`, { phase, cause });
}
