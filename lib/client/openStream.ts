import { Observable } from 'rxjs';
import { chunkReader, type EndRule } from '../chunks/chunkReader.ts';
import type { StreamOpener, StreamResponse } from '../chunks/ChunkStream.ts';
import { isDoneMark } from '../chunks/completion/Completion.ts';
import { retryWithBackoff } from '../operators/retryWithBackoff.ts';
import type { RetryWithBackoffOptions } from '../retry/RetryWithBackoffOptions.ts';
import type { Sink } from '../rx/Sink.ts';
import { Through } from '../rx/Through.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import { exchange } from './exchange.ts';
import type { ReadEvents, RequestPlan } from './RequestPlan.ts';

/** How a request is made, and how its stream is read. */
export interface StreamPlan<T> extends RequestPlan {
  endRule: EndRule<T>;
  retry: RetryWithBackoffOptions | false | undefined;
}

/** The three ways to make a request. A JSON document, where one is wanted, is the only chunk. */
export function openStream<T extends object>(plan: StreamPlan<T>): StreamOpener<T> {
  const { retry, endRule } = plan;
  const chunks: ReadEvents<T> = (target, sink) => chunkReader(endRule, target, sink);
  return {
    chunks: (gate) => retrying(open(plan, chunks, gate), retry),
    events: () => retrying(open(plan, asTheyCome), retry),
    // After the head there is nothing to start again: the response has been handed out.
    withResponse: () => retrying(openResponse(plan, chunks), retry && { ...retry, afterFirstChunk: 'fail' }),
    isJudged: true,
  };
}

function retrying<V>(attempt: Observable<V>, options: RetryWithBackoffOptions | false | undefined): Observable<V> {
  return options ? attempt.pipe(retryWithBackoff<V>(options)) : attempt;
}

/** The events themselves, up to the mark of their end. */
function asTheyCome(_target: unknown, sink: Sink<ServerSentEvent>): Sink<ServerSentEvent> {
  return (event) => {
    sink(event);
    if (event && isDoneMark(event.data)) sink();
  };
}

/**
 * Makes the request, and emits its response once, when a good head has come. The subscription is the connection:
 * unsubscribing closes it at every stage, and every limit, signal or failure ends it with an error. It completes when
 * the chunks have ended, which can be subscribed once.
 */
function openResponse<V>(plan: RequestPlan, read: ReadEvents<V>): Observable<StreamResponse<V>> {
  return new Observable((destination) => {
    exchange(plan, read, destination);
  });
}

/** What is read from a response, opened for each subscription; with the gate of a loop, held also while that is. */
function open<V>(plan: RequestPlan, read: ReadEvents<V>, loop?: FlowGate): Observable<V> {
  return new Observable((destination) => {
    openResponse({ ...plan, loop }, read).subscribe(
      new Through(destination, {
        next: ({ chunks }: StreamResponse<V>) => {
          chunks.subscribe(destination);
        },
      }),
    );
  });
}
