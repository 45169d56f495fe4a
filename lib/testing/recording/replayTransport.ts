import {
  asyncScheduler,
  concat,
  EMPTY,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { ByteCuts } from '../wire/cutBytes.ts';
import type { FakeAnswer } from '../wire/FakeAnswer.ts';
import type { FakeRequest } from '../wire/FakeRequest.ts';
import { fakeTransport, type FakeTransport } from '../wire/fakeTransport.ts';
import { joinBytes } from '../wire/joinBytes.ts';
import { checkRecording } from './checkRecording.ts';
import { parseRecording } from './parseRecording.ts';
import type { RecordedEnd, RecordedExchange, RecordedResponse, Recording } from './Recording.ts';
import { RecordingError } from './RecordingError.ts';
import { replayedError } from './replayedError.ts';
import { bytesOfPiece } from './recordedPiece.ts';

/** Options of `replayTransport`. */
export interface ReplayTransportOptions {
  /** `recorded`: in its own time. `at-once`: without any waiting. Default `at-once`. */
  pace?: 'at-once' | 'recorded' | undefined;
  /** Keeps the time. Default `asyncScheduler`, which is virtual within `TestScheduler.run`. */
  scheduler?: SchedulerLike | undefined;
  /** Where the bytes are cut into reads. Default: where they were. */
  cut?: ByteCuts | undefined;
}

/**
 * Makes a transport that answers as it was recorded, byte for byte: the first request by the first exchange, and so on.
 *
 * An exchange that its reader had closed stays open at that place. A request whose method, path or query differs from
 * the recorded one ends with a `RecordingError` (`mismatch`), one too many with another (`exhausted`).
 *
 * @param recording - the text that `recordTransport` wrote, or the recording itself
 * @throws RecordingError (`format`, `version`) when it cannot be read
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { accumulateContent, createClient } from 'rxdelta';
 * import { replayTransport } from 'rxdelta/testing';
 *
 * const transport = replayTransport(readFileSync('answer.json', 'utf8'), { cut: 1 }); // byte by byte
 * createClient({ apiKey: 'key', transport })
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [] })
 *   .pipe(accumulateContent())
 *   .subscribe((text) => console.log(text));
 * ```
 */
export function replayTransport(
  recording: Recording | string,
  { pace = 'at-once', scheduler = asyncScheduler, cut }: ReplayTransportOptions = {},
): FakeTransport {
  const { exchanges } = typeof recording === 'string' ? parseRecording(recording) : checkRecording(recording);
  const answer = ({ response, end }: RecordedExchange): FakeAnswer => {
    const timing = pace === 'recorded' ? scheduler : undefined;
    const headAfterMs = timing ? (response ?? end).afterMs : 0;
    if (response) {
      const { status, headers, url } = response;
      const body = bodyOf(response, end, timing, cut !== undefined);
      return { status, url, headers: { 'content-type': undefined, ...headers }, headAfterMs, body, cut };
    }
    return end.how === 'error' ? { error: replayedError(end.error), headAfterMs } : { headAfterMs: Infinity };
  };
  return fakeTransport((request, index) => answer(matching(exchanges, request, index)), { scheduler });
}

/** @throws RecordingError when the request is another one */
function matching(exchanges: RecordedExchange[], request: FakeRequest, index: number): RecordedExchange {
  const exchange = exchanges[index];
  const asked = targetOf(request);
  if (!exchange) {
    throw new RecordingError(
      `Request ${index + 1}, ${asked}, is not in the recording of ${exchanges.length}`,
      'exhausted',
    );
  }
  const recorded = targetOf(exchange.request);
  if (asked !== recorded) {
    throw new RecordingError(`Request ${index + 1} is ${asked}, recorded was ${recorded}`, 'mismatch');
  }
  return exchange;
}

function targetOf({ method, url }: Pick<FakeRequest, 'method' | 'url'>): string {
  return `${method} ${url.replace(/^[a-z]+:\/\/[^/?]*/i, '')}`;
}

/** The bytes, in their own time if a scheduler is given, and the end. */
function bodyOf(
  { afterMs: headAfterMs, body }: RecordedResponse,
  end: RecordedEnd,
  scheduler: SchedulerLike | undefined,
  isCut: boolean,
): Observable<Uint8Array> {
  const last =
    end.how === 'error' ? throwError(() => replayedError(end.error)) : end.how === 'complete' ? EMPTY : NEVER;
  if (!scheduler) {
    const pieces = body.map(bytesOfPiece);
    return concat(isCut ? of(joinBytes(pieces)) : from(pieces), last);
  }
  let dueMs = headAfterMs;
  // Nothing comes before what was read before it, also where the clock was set back in the meantime.
  const at = (afterMs: number) => timer((dueMs = Math.max(dueMs, afterMs)) - headAfterMs, scheduler);
  return merge(
    ...body.map((piece) => at(piece.afterMs).pipe(map(() => bytesOfPiece(piece)))),
    at(end.afterMs).pipe(
      mergeMap(() => last),
      ignoreElements(),
    ),
  );
}
