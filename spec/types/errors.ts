/** Compiled, never run: what is known of an error by its kind. */
import {
  APIConnectionError,
  APIError,
  isAPIError,
  StreamTruncatedError,
  type AnyAPIError,
  type APIConnectionTimeoutError,
  type APIErrorKind,
  type APIStatusError,
  type APIStreamError,
  type APIUserAbortError,
  type ConnectionPhase,
  type MalformedReason,
  type MalformedStreamError,
} from 'rxdelta';
import type { IsIdentical } from './IsIdentical';

export function explain(error: unknown): string | number | undefined {
  if (!isAPIError(error)) {
    // @ts-expect-error -- nothing is known of it
    return error.message;
  }
  const common: [string, boolean, string | undefined, number | undefined, number | undefined, unknown] = [
    error.message,
    error.retryable,
    error.requestId,
    error.retryAfterMs,
    error.attempts,
    error.cause,
  ];
  // @ts-expect-error -- not every error has a status
  common.push(error.status);

  switch (error.kind) {
    case 'status': {
      const { status, headers, code, type, param } = error;
      const fields: [
        number,
        Record<string, string>,
        string | number | null | undefined,
        ...(string | null | undefined)[],
      ] = [status, headers, code, type, param];
      return fields.length;
    }
    case 'stream':
      return error.code ?? error.type ?? error.param ?? undefined;
    case 'truncated':
      return error.lastEventId ?? error.chunkCount;
    case 'timeout':
    case 'connection': {
      const phase: ConnectionPhase = error.phase;
      // @ts-expect-error -- only a truncation counts chunks
      const count: unknown = error.chunkCount;
      return count === undefined ? phase : undefined;
    }
    case 'malformed': {
      const reason: MalformedReason = error.reason;
      return reason;
    }
    case 'abort':
      // @ts-expect-error -- an abort has no phase
      return error.phase;
    default: {
      // There is no other kind.
      const none: never = error;
      return none;
    }
  }
}

// ── the union holds each class under its kind, and no more

interface Kinds {
  connection: APIConnectionError;
  timeout: APIConnectionTimeoutError;
  truncated: StreamTruncatedError;
  status: APIStatusError;
  stream: APIStreamError;
  malformed: MalformedStreamError;
  abort: APIUserAbortError;
}
type Of<Kind extends APIErrorKind> = Extract<AnyAPIError, { kind: Kind }>;
type Fits<Kind extends keyof Kinds> =
  Of<Kind> extends Kinds[Kind] ? ([Of<Kind>] extends [never] ? false : true) : false;

export const kinds: IsIdentical<AnyAPIError['kind'], APIErrorKind> = true;
export const names: IsIdentical<keyof Kinds, APIErrorKind> = true;
export const fits: { [Kind in keyof Kinds]: Fits<Kind> } = {
  connection: true,
  timeout: true,
  truncated: true,
  status: true,
  stream: true,
  malformed: true,
  abort: true,
};

// ── the classes

// @ts-expect-error -- the base is abstract
export const base = new APIError('words', {}, true);
// @ts-expect-error -- the phase is asked for
export const nowhere = new APIConnectionError('words', {});
// @ts-expect-error -- there is no such phase
export const elsewhere = new APIConnectionError('words', { phase: 'lunch' });
export const cut: APIConnectionError = new StreamTruncatedError('words', { chunkCount: 3 });

export function narrow(error: unknown): ConnectionPhase | APIErrorKind | undefined {
  if (error instanceof APIConnectionError) return error.phase;
  return error instanceof APIError ? error.kind : undefined;
}
