import type { APIError } from '../errors/APIError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import { connectionFailure, type TransportPhase } from './connectionFailure.ts';

/** Failures of a socket that was open. fetch does not tell the phase, and all others come before. */
const OPEN_SOCKET = /^(UND_ERR_|ECONNRESET|EPIPE)/;

/** Makes the typed error of a failure of undici, which is also behind the fetch of Node, by its code. */
export function undiciFailure(failure: unknown, phase: TransportPhase): APIError | TypeError {
  const cause = rootOf(failure);
  const { code, message, name } = cause;
  switch (code) {
    case 'UND_ERR_INVALID_ARG':
      return new TypeError(`The request is not valid: ${message}`);
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new APIConnectionTimeoutError(message, { phase: 'connect', cause });
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new APIConnectionTimeoutError(message, { phase: 'head', cause });
    case 'UND_ERR_BODY_TIMEOUT':
      return new APIConnectionTimeoutError(message, { phase: 'idle', cause });
  }
  // Of the parser only the words tell that the body ended too early, which is a broken connection rather.
  const isBrokenHTTP = name === 'HTTPParserError' && !message.includes('EOF');
  // In the head, two lengths that differ, or a length beside chunks.
  const isAmbiguous = phase === 'head' && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  if (isBrokenHTTP || isAmbiguous || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new MalformedStreamError(message, { reason: 'protocol', cause });
  }
  const isBefore = phase === 'head' && typeof code === 'string' && !OPEN_SOCKET.test(code);
  return connectionFailure(cause, isBefore ? 'connect' : phase);
}

/**
 * The failure under its wrappers: fetch wraps that of the socket in a TypeError. Of its fields only the code is kept, since
 * others carry sockets and raw bytes, in which an echo of the request may stand.
 */
function rootOf(failure: unknown): Error & { code?: unknown } {
  let root = failure as Error;
  // Not by instanceof: the failure may come from another realm.
  while (Object(root.cause) === root.cause) root = root.cause as Error;
  const { name, message, code } = root as Error & { code?: unknown };
  return Object.assign(new Error(message || String(code)), { name, code });
}
