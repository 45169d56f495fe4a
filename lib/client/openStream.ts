import { Observable, takeWhile, tap } from 'rxjs';
import { readChunks, type EndRule } from '../chunks/readChunks.ts';
import type { StreamOpener, StreamResponse } from '../chunks/ChunkStream.ts';
import { isDoneMark } from '../chunks/completion/Completion.ts';
import { retryWithBackoff } from '../operators/retryWithBackoff.ts';
import type { RetryWithBackoffOptions } from '../retry/RetryWithBackoffOptions.ts';
import { Through } from '../rx/Through.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import { openResponse, type ReadEvents, type RequestPlan } from './openResponse.ts';

/** How a request is made, and how its stream is read. */
export interface StreamPlan<T> extends RequestPlan {
  endRule: EndRule<T>;
  retry: RetryWithBackoffOptions | false | undefined;
}

/** The three ways to make a request. A JSON document, where one is wanted, is the only chunk. */
export function openStream<T extends object>(plan: StreamPlan<T>): StreamOpener<T> {
  const { retry, endRule } = plan;
  const retrying = <V>(attempt: Observable<V>, options = retry) =>
    options ? attempt.pipe(retryWithBackoff<V>(options)) : attempt;
  const chunks: ReadEvents<T> = (events, onEnd) => events.pipe(readChunks(endRule, onEnd));
  const asTheyCome: ReadEvents<ServerSentEvent> = (events, onEnd) =>
    events.pipe(
      takeWhile(({ data }) => !isDoneMark(data), true),
      tap({ complete: onEnd }),
    );
  return {
    chunks: (gate) => retrying(open(plan, chunks, gate)),
    events: () => retrying(open(plan, asTheyCome)),
    // After the head there is nothing to start again: the response has been handed out.
    withResponse: () => retrying(openResponse(plan, chunks), retry && { ...retry, afterFirstChunk: 'fail' }),
    isJudged: true,
  };
}

/** What is read from a response, opened for each subscription; with a gate of its own, held also while the plan's is. */
function open<V>(plan: RequestPlan, read: ReadEvents<V>, gate?: FlowGate): Observable<V> {
  return new Observable((destination) => {
    let release: (() => void) | undefined;
    if (gate) {
      destination.add(
        plan.gate?.open$.subscribe((isOpen) => {
          release?.();
          release = isOpen ? undefined : gate.hold();
        }),
      );
    }
    openResponse(gate ? { ...plan, gate } : plan, read).subscribe(
      new Through(destination, {
        next: ({ chunks }: StreamResponse<V>) => {
          chunks.subscribe(destination);
        },
      }),
    );
  });
}
