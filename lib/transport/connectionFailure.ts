import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import type { APIError } from '../errors/APIError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';

/** Where a transport can fail. */
export type TransportPhase = 'connect' | 'head' | 'body';

const SENTENCES: Record<TransportPhase, string> = {
  connect: 'Could not connect',
  head: 'The connection broke before the response',
  body: 'The connection broke before the body had ended',
};

/** The parser's codes for a body that ended too early: a broken connection rather than broken HTTP. */
const EARLY_END = /^HPE_(INVALID_EOF_STATE|CLOSED_CONNECTION)$/;

/** The codes of failures that come before a connection is open. */
const BEFORE_CONNECTION =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

/** Makes the typed error of whatever an HTTP client failed with while it was in the given phase. */
export function connectionFailure(failure: unknown, phase: TransportPhase, url: string): APIError {
  const root = rootOf(failure);
  const code = codeOf(root);
  const cause = withoutExtras(root, code);
  const where = code ? `${originOf(url)}, ${code}` : originOf(url);
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new APIConnectionTimeoutError(`No connection was made in time (${where})`, { phase: 'connect', cause });
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new APIConnectionTimeoutError(`No response came in time (${where})`, { phase: 'head', cause });
    case 'UND_ERR_BODY_TIMEOUT':
      return new APIConnectionTimeoutError(`Nothing was received in time (${where})`, { phase: 'idle', cause });
  }
  if (code.startsWith('HPE_') && !EARLY_END.test(code)) {
    return new MalformedStreamError(`The server does not speak HTTP (${where})`, { reason: 'protocol', cause });
  }
  const actual = phase === 'head' && BEFORE_CONNECTION.test(code) ? 'connect' : phase;
  return new APIConnectionError(`${SENTENCES[actual]} (${where})`, { phase: actual, cause });
}

/** fetch wraps the failure of the socket in a TypeError. */
function rootOf(failure: unknown): unknown {
  let root = failure;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

function codeOf(failure: unknown): string {
  const code = (failure as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * The failure by name, message and code alone: the errors of HTTP clients carry sockets and raw bytes, in which an echo
 * of the request may stand.
 */
function withoutExtras(failure: unknown, code: string): Error {
  const isError = failure instanceof Error;
  const plain = new Error(isError ? failure.message || code : 'unknown failure');
  plain.name = isError ? failure.name : 'Error';
  plain.stack = `${plain.name}: ${plain.message}`;
  return code ? Object.assign(plain, { code }) : plain;
}

/** The origin alone: paths, queries and user names may hold credentials. */
function originOf(url: string): string {
  const [, scheme, host] = /^([a-z]+:\/\/)(?:[^/?#]*@)?([^/?#]+)/i.exec(url) ?? [];
  return scheme && host ? scheme + host : 'the origin of the page';
}
