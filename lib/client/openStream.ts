import { Observable, takeWhile, tap } from 'rxjs';
import { readChunks, type EndRule } from '../chunks/readChunks.ts';
import type { StreamOpener } from '../chunks/ChunkStream.ts';
import { isDoneMark } from '../chunks/completion/Completion.ts';
import { retryWithBackoff, type RetryWithBackoffOptions } from '../operators/retryWithBackoff.ts';
import { decodeEvents } from '../sse/decodeEvents.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { openResponse, type ReadBody, type RequestPlan } from './openResponse.ts';

/** How a request is made, and how its stream is read. */
export interface StreamPlan<T> extends RequestPlan {
  endRule: EndRule<T>;
  maxEventBytes: number | undefined;
  retry: RetryWithBackoffOptions | undefined;
}

/** The three ways to make a request. */
export function openStream<T extends object>(plan: StreamPlan<T>): StreamOpener<T> {
  const { retry, maxEventBytes, endRule } = plan;
  const retrying = <V>(attempt: Observable<V>, options = retry) =>
    options ? attempt.pipe(retryWithBackoff<V>(options)) : attempt;
  const chunks: ReadBody<T> = (body, onRetry, onEnd) =>
    body.pipe(decodeEvents({ maxEventBytes, onRetry }), readChunks(endRule, onEnd));
  const events: ReadBody<ServerSentEvent> = (body, onRetry, onEnd) =>
    body.pipe(
      decodeEvents({ maxEventBytes, onRetry }),
      takeWhile(({ data }) => !isDoneMark(data), true),
      tap({ complete: onEnd }),
    );
  return {
    chunks: (gate) => retrying(open(plan, chunks, gate)),
    events: () => retrying(open(plan, events)),
    // After the head there is nothing to start again: the response has been handed out.
    withResponse: () => retrying(openResponse(plan, chunks), retry && { ...retry, afterFirstChunk: 'fail' }),
    isJudged: true,
  };
}

/** What is read from a response, opened for each subscription; with a gate of its own, held also while the plan's is. */
function open<V>(plan: RequestPlan, read: ReadBody<V>, gate = plan.gate): Observable<V> {
  return new Observable((destination) => {
    let release: (() => void) | undefined;
    if (gate !== plan.gate) {
      destination.add(
        plan.gate?.open$.subscribe((isOpen) => {
          release?.();
          release = isOpen ? undefined : gate?.hold();
        }),
      );
    }
    destination.add(
      openResponse({ ...plan, gate }, read).subscribe({
        next: ({ chunks }) => {
          chunks.subscribe(destination);
        },
        error: (error: unknown) => {
          destination.error(error);
        },
      }),
    );
  });
}
