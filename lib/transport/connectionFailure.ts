import { APIConnectionError, type ConnectionPhase } from '../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import type { APIError } from '../errors/APIError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';

/** Where a transport can fail. */
export type TransportPhase = 'connect' | 'head' | 'body';

const MESSAGES = { connect: 'Could not connect', head: 'No response came', body: 'The body broke off' };

/** The limits that undici has of its own, which Node's fetch leaves on. */
const OWN_LIMIT = /^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT/;
const LIMIT_PHASES: Record<string, ConnectionPhase> = { CONNECT: 'connect', HEADERS: 'head', BODY: 'idle' };

/** Broken HTTP; but a body that ends too early is a broken connection. */
const BROKEN_HTTP = /^HPE_(?!INVALID_EOF|CLOSED)|^UND_ERR_HEADERS_OV/;

/** Failures of a socket that was open. fetch does not tell, and all others come before. */
const OPEN_SOCKET = /^(UND_ERR_|ECONNRESET|EPIPE)/;

/** Makes the typed error of whatever an HTTP client failed with while it was in the given phase. */
export function connectionFailure(failure: unknown, phase: TransportPhase): APIError {
  // fetch wraps the failure of the socket in a TypeError.
  let root = failure as Error & { code?: unknown };
  while (root.cause instanceof Error) root = root.cause;
  const { name, message } = root;
  const code = String(root.code ?? '');
  // The errors of HTTP clients carry sockets and raw bytes, in which an echo of the request may stand.
  const cause = Object.assign(new Error(message || code), { name, code });
  const limit = LIMIT_PHASES[OWN_LIMIT.exec(code)?.[1] ?? ''];
  if (limit) return new APIConnectionTimeoutError(cause.message, { phase: limit, cause });
  if (BROKEN_HTTP.test(code)) return new MalformedStreamError(cause.message, { reason: 'protocol', cause });
  const actual = phase === 'head' && !OPEN_SOCKET.test(code) ? 'connect' : phase;
  return new APIConnectionError(`${MESSAGES[actual]}: ${cause.message}`, { phase: actual, cause });
}
