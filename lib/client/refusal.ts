import { map, throwError, type Observable, type SchedulerLike } from 'rxjs';
import { readAPIErrorBody } from '../chunks/completion/readAPIErrorBody.ts';
import { streamError } from '../chunks/completion/failureOf.ts';
import type { APIError } from '../errors/APIError.ts';
import { APIStatusError } from '../errors/APIStatusError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import { retryAfter } from '../retry/retryAfter.ts';
import type { TransportResponse } from '../transport/Transport.ts';
import { readText } from './readText.ts';

/** The longest excerpt of a body in a message, in characters. */
const MAX_EXCERPT = 1024;

/** A page or a document, where a stream was asked for. */
const DOCUMENT_TYPE = /^(text\/html|application\/(json|.+\+(json|xml)))\b/i;

/**
 * What is wrong with a response by its head, or undefined when its body may be read as a stream.
 *
 * @returns an Observable that reads what the body says about it, and emits the error
 */
export function refusal(response: TransportResponse, scheduler: SchedulerLike): Observable<APIError> | undefined {
  const { status, headers, body } = response;
  const isSuccess = status >= 200 && status <= 299;
  if (isSuccess && (status === 204 || status === 205)) {
    return throwError(() => new MalformedStreamError(`HTTP ${status} has no body`, { reason: 'protocol' }));
  }
  const type = headers['content-type'] ?? '';
  if (isSuccess && !DOCUMENT_TYPE.test(type)) return undefined;
  return readText(body, scheduler).pipe(
    map((text) => {
      const report = parse(text);
      if (!isSuccess) return statusError(response, report, text.trim(), scheduler.now());
      const { error, object, type: kind } = ([report].flat()[0] ?? {}) as Record<string, unknown>;
      if (error || object === 'error' || kind === 'error') return streamError(report);
      return new MalformedStreamError(`The server sent ${type} instead of a stream`, { reason: 'content-type' });
    }),
  );
}

function statusError(
  { status, headers: all }: TransportResponse,
  report: unknown,
  text: string,
  now: number,
): APIError {
  const { 'set-cookie': _cookie, ...headers } = all;
  // A page is for people to look at.
  const words = text.startsWith('<') ? '' : text.slice(0, MAX_EXCERPT);
  const [target] = headers.location?.split('?') ?? [];
  const described =
    target && status < 400 ? `HTTP ${status} to ${target}, which is not followed` : `HTTP ${status}: ${words}`;
  const { message = described, ...fields } = readAPIErrorBody(report);
  return new APIStatusError(message, { status, headers, retryAfterMs: retryAfter(headers, now), ...fields });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
