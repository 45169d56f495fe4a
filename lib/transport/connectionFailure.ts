import { APIConnectionError } from '../errors/APIConnectionError.ts';
import type { APIError } from '../errors/APIError.ts';

/** Where a transport can fail. */
export type TransportPhase = 'connect' | 'head' | 'body';

const MESSAGES = { connect: 'Could not connect', head: 'No response came', body: 'The body broke off' };

/** Makes the typed error of a connection that failed while its request was in the given phase. */
export function connectionFailure(failure: unknown, phase: TransportPhase): APIError {
  return new APIConnectionError(`${MESSAGES[phase]}: ${(failure as Error).message}`, { phase, cause: failure });
}
