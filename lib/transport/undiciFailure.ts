import type { APIError } from '../errors/APIError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import { connectionFailure, rootOf, type TransportPhase } from './connectionFailure.ts';

/** Broken HTTP; but a body that ends too early is a broken connection. */
const BROKEN_HTTP = /^HPE_(?!INVALID_EOF|CLOSED)|^UND_ERR_HEADERS_OVERFLOW/;

/** Failures of a socket that was open. fetch does not tell the phase, and all others come before. */
const OPEN_SOCKET = /^(UND_ERR_|ECONNRESET|EPIPE|HPE_)/;

/** Makes the typed error of a failure of undici, which is also behind the fetch of Node, by its code. */
export function undiciFailure(failure: unknown, phase: TransportPhase): APIError | TypeError {
  const { code, message } = rootOf(failure);
  const { cause } = connectionFailure(failure, phase);
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
  if (typeof code !== 'string') return connectionFailure(failure, phase);
  if (BROKEN_HTTP.test(code)) return new MalformedStreamError(message, { reason: 'protocol', cause });
  return connectionFailure(failure, phase === 'head' && !OPEN_SOCKET.test(code) ? 'connect' : phase);
}
