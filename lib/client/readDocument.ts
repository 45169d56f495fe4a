import { map, type Observable, type SchedulerLike } from 'rxjs';
import { streamError } from '../chunks/completion/failureOf.ts';
import { readAPIErrorBody } from '../chunks/completion/readAPIErrorBody.ts';
import { isErrorChunk } from '../chunks/parseEvent.ts';
import { parseJSON } from '../sse/parseJSON.ts';
import type { APIError } from '../errors/APIError.ts';
import { APIStatusError } from '../errors/APIStatusError.ts';
import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import { retryAfter } from '../retry/retryAfter.ts';
import type { TransportResponse } from '../transport/Transport.ts';
import { readText } from './readText.ts';

/** A page or a document, where a stream was asked for. */
const DOCUMENT_TYPE = /^(text\/(html|xml)|application\/[^;]*(json|xml))/i;

/**
 * Reads a response that by its head is no stream: what its body says is wrong becomes the error.
 *
 * @param isWanted - whether a JSON document is what was asked for; it is emitted then
 * @returns undefined when the body may be read as a stream
 */
export function readDocument(
  response: TransportResponse,
  scheduler: SchedulerLike,
  isWanted = false,
): Observable<unknown> | undefined {
  const { status, headers, body } = response;
  const type = headers['content-type'] ?? '';
  const isSuccess = /^2..$/.test(`${status}`);
  const hasBody = !/^20[45]$/.test(`${status}`);
  if (isSuccess && hasBody && !isWanted && !DOCUMENT_TYPE.test(type)) return undefined;
  return readText(body, scheduler, isSuccess && isWanted).pipe(
    map((text) => {
      const report = parseJSON(text);
      if (!isSuccess) throw statusError(response, report, text, scheduler.now());
      // A Response that has failed has an error too.
      if (isWanted && (report as { id?: unknown } | undefined)?.id) return report;
      if (isErrorChunk([report].flat()[0])) throw streamError(report);
      const what = hasBody
        ? `${type} instead of ${isWanted ? 'a document' : 'a stream'}`
        : `HTTP ${status} without a body`;
      throw new MalformedStreamError(`The server sent ${what}`, { reason: hasBody ? 'content-type' : 'protocol' });
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
  const target = status < 400 && headers.location?.split('?')[0];
  // A page is for people to look at.
  const words = target ? `not followed to ${target}` : /^\s*</.test(text) ? '' : readAPIErrorBody(text).message;
  const { message = `HTTP ${status} ${words ?? ''}`.trim(), ...fields } = readAPIErrorBody(report);
  return new APIStatusError(message, { status, headers, retryAfterMs: retryAfter(headers, now), ...fields });
}
