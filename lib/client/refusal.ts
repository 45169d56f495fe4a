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

/**
 * What is wrong with a response by its head, or undefined when its body may be read as a stream.
 *
 * @returns an Observable that reads what the body says about it, and emits the error
 */
export function refusal(response: TransportResponse, scheduler: SchedulerLike): Observable<APIError> | undefined {
  const { status, headers, body } = response;
  if (status < 200 || status > 299) {
    return readText(body, scheduler).pipe(map((text) => statusError(response, text, scheduler.now())));
  }
  if (status === 204 || status === 205) {
    const message = `The server answered ${status}, which has no body`;
    return throwError(() => new MalformedStreamError(message, { reason: 'protocol' }));
  }
  const contentType = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!/^text\/html$|^application\/xhtml\+xml$|^application\/json$|\+json$/.test(contentType)) return undefined;
  return readText(body, scheduler).pipe(map((text) => contentTypeError(contentType, text)));
}

function statusError({ status, headers: received }: TransportResponse, text: string, now: number): APIStatusError {
  const { 'set-cookie': _, ...headers } = received;
  const { message, ...fields } = readAPIErrorBody(parse(text)) ?? {};
  return new APIStatusError(message ?? describe(status, headers, text), {
    status,
    headers,
    retryAfterMs: retryAfter(headers, now),
    ...fields,
  });
}

function describe(status: number, headers: Record<string, string>, text: string): string {
  const { location } = headers;
  if (status >= 300 && status <= 399 && location) {
    return `HTTP ${status}: the server redirects to ${location.split('?')[0]}; redirects are not followed`;
  }
  const excerpt = text.trim();
  const isPage = excerpt.startsWith('<') || headers['content-type']?.includes('html');
  return excerpt === '' || isPage ? `HTTP ${status}` : `HTTP ${status}: ${excerpt.slice(0, MAX_EXCERPT)}`;
}

function contentTypeError(contentType: string, text: string): APIError {
  const report = parse(text);
  const { error, object, type } = (Array.isArray(report) ? report[0] : report) ?? {};
  if (error || object === 'error' || type === 'error') return streamError(report);
  return new MalformedStreamError(`The server sent ${contentType} instead of a stream of events`, {
    reason: 'content-type',
  });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server sent
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
