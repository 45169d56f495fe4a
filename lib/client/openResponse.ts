import { map, Observable, of, Subscription, switchMap, type SchedulerLike, type Subscriber } from 'rxjs';
import type { StreamResponse } from '../chunks/ChunkStream.ts';
import type { ResponseHead } from '../chunks/ResponseHead.ts';
import { APIConnectionError, type ConnectionPhase } from '../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { isAPIError } from '../errors/isAPIError.ts';
import { aborted } from '../rx/aborted.ts';
import { Through } from '../rx/Through.ts';
import { decodeEvents } from '../sse/decodeEvents.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import type { Transport, TransportResponse } from '../transport/Transport.ts';
import type { Call, OutgoingRequest } from './OutgoingRequest.ts';
import { redact } from './redaction.ts';
import { readDocument } from './readDocument.ts';
import { timeLimit } from './timeLimit.ts';
import type { Timeouts } from './Timeouts.ts';

/** After the end of a stream its body may take this long, and this many bytes, to end too: then the connection is kept. */
const GRACE_MS = 250;
const GRACE_BYTES = 65_536;

/** What it takes to make a request. */
export interface RequestPlan {
  /** What is asked for; what is built may be a request for the rest of it. */
  call: Call;
  /** Builds the request for this attempt. */
  build: () => Observable<OutgoingRequest>;
  transport: Transport;
  scheduler: SchedulerLike;
  timeouts: Timeouts;
  maxEventBytes: number | undefined;
  gate?: FlowGate | undefined;
  signal?: AbortSignal | undefined;
  onResponse?: ((response: ResponseHead) => void) | undefined;
}

/**
 * Reads the events of a body.
 *
 * @param onEnd - to be called when the stream is complete: whatever the server still does is of no account then
 */
export type ReadEvents<V> = (events: Observable<ServerSentEvent>, onEnd: () => void) => Observable<V>;

/**
 * Makes the request, and emits its response once, when a good head has come. The subscription is the connection:
 * unsubscribing closes it at every stage, and every limit, signal or failure ends it with an error. It completes when
 * the chunks have ended, which can be subscribed once.
 */
export function openResponse<V>(plan: RequestPlan, read: ReadEvents<V>): Observable<StreamResponse<V>> {
  const { call, scheduler, timeouts, gate, signal } = plan;
  return new Observable((destination) => {
    const wire = new Subscription();
    let outgoing: OutgoingRequest | undefined;
    let response: ResponseHead | undefined;
    let reader: Subscriber<V> | undefined;
    let lastRetryMs: number | undefined;
    let isComplete = false;

    const close = () => {
      wire.unsubscribe();
    };
    /** Ends everything, with what is known of the request, and without what must not be shown. */
    const fail = (error: unknown) => {
      if (isAPIError(error)) {
        if (response?.requestId) error.requestId ??= response.requestId;
        if (lastRetryMs !== undefined && error.kind !== 'status') error.retryAfterMs ??= lastRetryMs;
      }
      const failure = redact(error, outgoing, call.body);
      reader?.error(failure);
      destination.error(failure);
    };
    const limit = (phase: ConnectionPhase, limitMs: number, waitsFor?: FlowGate) => {
      const pass = () => {
        fail(APIConnectionTimeoutError.after(phase, limitMs));
      };
      const made = timeLimit(limitMs, scheduler, pass, waitsFor);
      destination.add(made.stop);
      return made;
    };

    destination.add(() => {
      if (!isComplete) {
        close();
        return;
      }
      const timer = setTimeout(close, GRACE_MS);
      // A page has no such timers, and no process to keep.
      (timer as { unref?: () => void }).unref?.();
      wire.add(() => {
        clearTimeout(timer);
      });
    });
    destination.add(
      aborted(signal).subscribe(() => {
        fail(new APIUserAbortError(undefined, { cause: signal?.reason }));
      }),
    );
    if (destination.closed) return;
    limit('total', timeouts.totalMs);
    const headLimit = limit('head', timeouts.responseMs);

    /** The body, with an eye on its silence. It is read until it ends or the wire is cut, also when nobody listens. */
    const watch = (body: Observable<Uint8Array>) => {
      const idle = limit('idle', timeouts.idleMs, gate);
      return new Observable<Uint8Array>((bytes) => {
        let graceBytes = GRACE_BYTES;
        wire.add(
          body.subscribe({
            next: (piece) => {
              if (!isComplete) {
                idle.touch();
                bytes.next(piece);
              } else if ((graceBytes -= piece.length) < 0) close();
            },
            error: (error: unknown) => {
              close();
              bytes.error(error);
            },
            complete: () => {
              close();
              bytes.complete();
            },
          }),
        );
      });
    };
    const chunksOf = (body: Observable<Uint8Array>) =>
      new Observable<V>((chunks) => {
        if (reader || destination.closed) {
          chunks.error(new APIUserAbortError('Chunks are gone'));
          return;
        }
        reader = chunks;
        chunks.add(() => {
          destination.complete();
        });
        const wait = limit('chunk', timeouts.chunkMs, gate);
        const events = decodeEvents({
          maxEventBytes: plan.maxEventBytes,
          onRetry: (retryMs) => {
            lastRetryMs = retryMs;
          },
        });
        const onEnd = () => {
          isComplete = true;
        };
        read(body.pipe(events), onEnd).subscribe(
          new Through(chunks, {
            next: (chunk: V) => {
              wait.touch();
              chunks.next(chunk);
            },
            error: fail,
          }),
        );
      });

    const receive = (received: TransportResponse) => {
      headLimit.stop();
      const { body, ...rest } = received;
      const requestId = rest.headers['x-request-id'];
      const head: ResponseHead = { ...rest, ...(requestId && { requestId }) };
      response = head;
      const document = readDocument(received, scheduler, call.isDocument);
      if (!document || (call.isDocument && head.status < 300)) plan.onResponse?.(head);
      return (
        document?.pipe(map((chunk) => ({ response: head, chunks: of(chunk as V) }))) ??
        of({ response: head, chunks: chunksOf(watch(body)) })
      );
    };
    wire.add(
      plan
        .build()
        .pipe(
          switchMap((request) => {
            outgoing = request;
            return plan.transport({ ...request, connectMs: timeouts.connectMs, ...(gate && { gate }) });
          }),
          switchMap(receive),
        )
        .subscribe({
          next: (opened) => {
            destination.next(opened);
          },
          error: fail,
          complete: () => {
            if (!response) fail(new APIConnectionError('No response came', { phase: 'head' }));
          },
        }),
    );
  });
}
