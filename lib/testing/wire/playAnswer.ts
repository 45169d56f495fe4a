import { from, isObservable, of, type Observable, type SchedulerLike } from 'rxjs';
import type { TransportRequest, TransportResponse } from '../../transport/Transport.ts';
import { cutBytes } from './cutBytes.ts';
import { exchange } from './exchange.ts';
import type { BodyPiece, FakeAnswer, FakeBody, FakeResponse } from './FakeAnswer.ts';
import { isBytes } from './isBytes.ts';
import { joinBytes } from './joinBytes.ts';
import { writeBody } from './writeBody.ts';

const FIELDS = ['status', 'headers', 'url', 'body', 'error', 'headAfterMs', 'cut'];

/** Answers a request by what was prepared. */
export function playAnswer(
  answer: FakeAnswer,
  { url, gate }: TransportRequest,
  scheduler: SchedulerLike,
): Observable<TransportResponse> {
  const response = isBody(answer) ? { body: answer } : answer instanceof Error ? { error: answer } : checked(answer);
  const { status = 200, headers, body = '', error, headAfterMs = 0, cut } = response;
  const isDocument = !isBody(body);
  const type = isDocument ? 'application/json' : 'text/event-stream';
  return exchange({
    status,
    headers: headersOf({ 'content-type': type }, headers),
    url: response.url ?? url,
    error,
    headAfterMs,
    body: bytesOf(isDocument ? JSON.stringify(body) : body, cut),
    scheduler,
    gate,
  });
}

/** By lower-case name, as every transport gives them, however they were written. */
function headersOf(defaults: Record<string, string>, headers: FakeResponse['headers'] = {}): Record<string, string> {
  const all = { ...defaults };
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) Reflect.deleteProperty(all, name.toLowerCase());
    else all[name.toLowerCase()] = value;
  }
  return all;
}

function bytesOf(body: FakeBody, cut: FakeResponse['cut']): Observable<Uint8Array> {
  if (isObservable(body)) return cut === undefined ? body.pipe(writeBody()) : body.pipe(writeBody(), cutBytes(cut));
  const pieces: Uint8Array[] = [];
  from(listOf(body))
    .pipe(writeBody())
    .subscribe((piece) => pieces.push(piece));
  return cut === undefined ? from(pieces) : of(joinBytes(pieces)).pipe(cutBytes(cut));
}

function listOf(body: Exclude<FakeBody, Observable<BodyPiece>>): readonly BodyPiece[] {
  return typeof body === 'string' || isBytes(body) ? [body] : body;
}

function isBody(value: unknown): value is FakeBody {
  return isObservable(value) || Array.isArray(value) || isBytes(value) || typeof value === 'string';
}

/** @throws TypeError for what is no response: most likely a list of chunks that was not put into a list of answers */
function checked(answer: FakeResponse): FakeResponse {
  const stray = Object.keys(answer).find((name) => !FIELDS.includes(name));
  if (stray !== undefined) {
    throw new TypeError(
      `An answer has no ${stray}; a list holds one answer per request: put a list of chunks into one`,
    );
  }
  return answer;
}
