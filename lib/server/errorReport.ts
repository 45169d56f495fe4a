import { isAPIError, type AnyAPIError } from '../errors/isAPIError.ts';
import { publicStatus } from './publicStatus.ts';
import { RefusalError } from './RefusalError.ts';
import { word } from './word.ts';

/** An error as it is sent: OpenAI's own fields, then those from which a client of rxdelta makes the same class again. */
export interface ErrorReport {
  error: { message: string; type?: unknown; code?: unknown; param?: unknown; [field: string]: unknown };
}

/** What is said of each kind: the words of an error may name hosts, accounts and what the upstream server made up. */
const MESSAGES: Record<AnyAPIError['kind'], string> = {
  connection: 'The connection to the model was lost',
  timeout: 'The model took too long to answer',
  truncated: 'The answer of the model was cut',
  status: 'The model service refused the request',
  stream: 'The model failed while it answered',
  malformed: 'The answer of the model could not be read',
  abort: 'The request was aborted',
};

const INTERNAL = { message: 'Internal error', type: 'server_error', code: 'internal_error', param: null };

/**
 * Says of an error what may be told to whoever asked: its kind and its fields, in neutral words. An error that is no
 * `APIError` is an internal one, whatever it says.
 *
 * @param errorMessage - the application's words for it
 */
export function errorReport(error: unknown, errorMessage?: (error: unknown) => string | undefined): ErrorReport {
  const report = plainReport(error);
  let message: unknown;
  try {
    if (!(error instanceof RefusalError)) message = errorMessage?.(error);
    // A promise comes too late; it shall not fail unheard.
    Promise.resolve(message).catch(() => undefined);
  } catch {
    // The neutral words stand.
  }
  return { error: { ...report, message: typeof message === 'string' && message ? message : report.message } };
}

function plainReport(error: unknown): ErrorReport['error'] {
  if (error instanceof RefusalError) {
    const { message, status, code, param } = error;
    return { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code, param: param ?? null };
  }
  if (!isAPIError(error)) return { ...INTERNAL, rxdelta: { kind: 'stream', retryable: false } };
  return {
    message: MESSAGES[error.kind],
    ...codesOf(error),
    requestId: word(error.requestId),
    rxdelta: classOf(error),
  };
}

/** The fields that OpenAI has. */
function codesOf(error: AnyAPIError): Partial<ErrorReport['error']> {
  if (error.kind === 'status' || error.kind === 'stream') {
    const { code, type, param } = error;
    return { type: word(type), code: word(code), param: word(param) };
  }
  if (error.kind === 'abort') return { type: 'server_error', code: 'aborted', param: null };
  return { type: 'upstream_error', code: error.kind, param: null };
}

/** What a client of rxdelta makes the same class of, in the order that it knows. */
function classOf(error: AnyAPIError): object {
  const { kind, retryable, retryAfterMs } = error;
  const retry = { retryable, retryAfterMs: finite(retryAfterMs) };
  switch (error.kind) {
    case 'abort':
      // Not the abort of whoever reads this.
      return { kind: 'stream', ...retry };
    case 'status':
      return { kind, status: publicStatus(error), ...retry };
    case 'stream':
      return { kind, ...retry };
    case 'malformed':
      return { kind, reason: error.reason, ...retry };
    case 'truncated':
      return { kind, chunkCount: error.chunkCount, ...retry };
    default:
      return { kind, phase: error.phase, ...retry };
  }
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
