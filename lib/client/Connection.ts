import { Observable, Subscription, type SchedulerLike } from 'rxjs';
import type { ResponseHead } from '../chunks/ResponseHead.ts';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { isAPIError } from '../errors/isAPIError.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import type { Transport, TransportResponse } from '../transport/Transport.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';
import { redact } from './redaction.ts';
import { refusal } from './refusal.ts';
import { timeLimit, type TimeLimit } from './TimeLimit.ts';
import type { Timeouts } from './Timeouts.ts';

/** After the end of a stream its body may take this long, and this many bytes, to end too: then the connection is kept. */
const GRACE_MS = 250;
const GRACE_BYTES = 64 * 1024;

/** What a connection needs to know of its request. */
export interface ConnectionPlan {
  /** Builds the request for this attempt. */
  request: () => Observable<OutgoingRequest>;
  transport: Transport;
  scheduler: SchedulerLike;
  timeouts: Timeouts;
  gate: FlowGate | undefined;
  signal: AbortSignal | undefined;
  onResponse: ((response: ResponseHead) => void) | undefined;
}

/** A request whose head has come. */
export interface Connection {
  response: ResponseHead;
  /** The bytes, as long as the connection is open. */
  body: Observable<Uint8Array>;
  /** Starts the limit on the wait for a chunk. */
  limitChunks: () => TimeLimit;
  /** Notes a `retry:` field of the stream: the wait that the server wants before another request. */
  noteRetry: (retryMs: number) => void;
  /** Says that the stream is complete: whatever the server still does is of no account. */
  complete: () => void;
  /** Adds to an error what is known of the request, and takes out what must not be shown. */
  explain: (error: unknown) => unknown;
}

/**
 * Makes the request, and emits its connection once, when a good head has come. The subscription is the connection:
 * unsubscribing closes it at every stage, and every limit, signal or failure ends it with an error.
 */
export function openConnection(plan: ConnectionPlan): Observable<Connection> {
  const { request, transport, scheduler, timeouts, gate, signal, onResponse } = plan;
  return new Observable((destination) => {
    const wire = new Subscription();
    let outgoing: OutgoingRequest | undefined;
    let response: ResponseHead | undefined;
    let retryAfterMs: number | undefined;
    let isComplete = false;
    let hasBodyEnded = false;

    const explain = (error: unknown) => {
      if (isAPIError(error)) {
        if (response?.requestId) error.requestId ??= response.requestId;
        if (retryAfterMs !== undefined && error.kind !== 'status') error.retryAfterMs ??= retryAfterMs;
      }
      return redact(error, outgoing);
    };
    const fail = (error: unknown) => {
      destination.error(explain(error));
    };
    const limit = (phase: 'head' | 'idle' | 'chunk' | 'total', limitMs: number) => {
      const made = timeLimit(limitMs, scheduler, () => {
        fail(APIConnectionTimeoutError.after(phase, limitMs));
      });
      destination.add(made.stop);
      return made;
    };
    /** Counts only while our own gate is open: a server that we hold back cannot be late. */
    const gatedLimit = (phase: 'idle' | 'chunk', limitMs: number) => {
      const made = limit(phase, limitMs);
      if (!gate) made.start();
      else
        destination.add(
          gate.open$.subscribe((isOpen) => {
            if (isOpen) made.start();
            else made.stop();
          }),
        );
      return made;
    };

    const close = () => {
      if (!isComplete || hasBodyEnded) {
        wire.unsubscribe();
        return;
      }
      const timer = setTimeout(() => {
        wire.unsubscribe();
      }, GRACE_MS);
      // A page has no such timers, and no process to keep.
      (timer as { unref?: () => void }).unref?.();
      wire.add(() => {
        clearTimeout(timer);
      });
    };

    /** The body, with an eye on its silence. It outlives its subscriber by the grace. */
    const watch = (body: Observable<Uint8Array>, idle: TimeLimit) =>
      new Observable<Uint8Array>((bytes) => {
        let graceBytes = GRACE_BYTES;
        const end = () => {
          hasBodyEnded = true;
          idle.stop();
          if (isComplete) wire.unsubscribe();
        };
        const reading = body.subscribe({
          next: (read) => {
            if (isComplete) {
              graceBytes -= read.length;
              if (graceBytes < 0) wire.unsubscribe();
              return;
            }
            idle.touch();
            bytes.next(read);
          },
          error: (error: unknown) => {
            end();
            bytes.error(error);
          },
          complete: () => {
            end();
            bytes.complete();
          },
        });
        wire.add(reading);
        return () => {
          if (!isComplete) reading.unsubscribe();
        };
      });

    const receive = (received: TransportResponse) => {
      const { status, headers, url } = received;
      const requestId = headers['x-request-id'];
      response = { status, headers, url, ...(requestId && { requestId }) };
      const refused = refusal(received, scheduler);
      if (refused) {
        wire.add(refused.subscribe({ next: fail, error: fail }));
        return;
      }
      try {
        onResponse?.(response);
      } catch (error) {
        fail(error);
        return;
      }
      destination.next({
        response,
        body: watch(received.body, gatedLimit('idle', timeouts.idleMs)),
        limitChunks: () => gatedLimit('chunk', timeouts.chunkMs),
        noteRetry: (retryMs) => {
          retryAfterMs = retryMs;
        },
        complete: () => {
          isComplete = true;
        },
        explain,
      });
    };

    destination.add(close);
    if (signal) {
      const abort = () => {
        fail(new APIUserAbortError('The request was aborted', { cause: signal.reason }));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort);
      destination.add(() => {
        signal.removeEventListener('abort', abort);
      });
    }
    const headLimit = limit('head', timeouts.responseMs);
    headLimit.start();
    limit('total', timeouts.totalMs).start();
    const send = (built: OutgoingRequest) => {
      outgoing = built;
      return transport({ ...built, connectMs: timeouts.connectMs, ...(gate && { gate }) }).subscribe({
        next: (received) => {
          headLimit.stop();
          receive(received);
        },
        error: fail,
        complete: () => {
          if (!response) fail(new APIConnectionError('The transport gave no response', { phase: 'head' }));
        },
      });
    };
    wire.add(
      request().subscribe({
        next: (built) => {
          wire.add(send(built));
        },
        error: fail,
      }),
    );
  });
}
