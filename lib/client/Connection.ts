import { EMPTY, Observable, Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
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
import { TimeLimit } from './TimeLimit.ts';
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

/**
 * Makes the request, and emits its connection once, when a good head has come. The subscription is the connection:
 * unsubscribing closes it at every stage, and every limit, signal or failure ends it with an error.
 */
export function openConnection(plan: ConnectionPlan): Observable<Connection> {
  return new Observable((subscriber) => {
    if (plan.signal?.aborted) subscriber.error(abortError(plan.signal));
    else new Connection(plan, subscriber).open();
  });
}

/** One request and its response. */
export class Connection {
  readonly #plan: ConnectionPlan;
  readonly #subscriber: Subscriber<Connection>;
  readonly #transport = new Subscription();
  readonly #idle: TimeLimit;
  #request: OutgoingRequest | undefined;
  #response: ResponseHead | undefined;
  #body: Observable<Uint8Array> = EMPTY;
  #retryMs: number | undefined;
  /** The stream is complete: whatever the server still does is of no account. */
  #isComplete = false;
  #hasBodyEnded = false;
  #graceBytes = GRACE_BYTES;

  constructor(plan: ConnectionPlan, subscriber: Subscriber<Connection>) {
    this.#plan = plan;
    this.#subscriber = subscriber;
    this.#idle = this.limit('idle', plan.timeouts.idleMs);
  }

  /** The head of the response. */
  get response(): ResponseHead {
    return this.#response as ResponseHead;
  }

  /** The bytes, as long as the connection is open. */
  get body(): Observable<Uint8Array> {
    return this.#body;
  }

  open(): void {
    const { signal, timeouts, request, gate } = this.#plan;
    this.#subscriber.add(() => {
      this.#close();
    });
    if (signal) {
      const onAbort = () => {
        this.#fail(abortError(signal));
      };
      signal.addEventListener('abort', onAbort);
      this.#subscriber.add(() => {
        signal.removeEventListener('abort', onAbort);
      });
    }
    const response = this.limit('head', timeouts.responseMs);
    response.start();
    this.limit('total', timeouts.totalMs).start();
    this.#transport.add(
      request().subscribe({
        next: (outgoing) => {
          this.#request = outgoing;
          this.#transport.add(
            this.#plan.transport({ ...outgoing, connectMs: timeouts.connectMs, ...(gate && { gate }) }).subscribe({
              next: (head) => {
                response.stop();
                this.#receive(head);
              },
              error: (error: unknown) => {
                this.#fail(error);
              },
              complete: () => {
                const message = 'The transport ended without a response';
                if (!this.#response) this.#fail(new APIConnectionError(message, { phase: 'head' }));
              },
            }),
          );
        },
        error: (error: unknown) => {
          this.#fail(error);
        },
      }),
    );
  }

  /** Makes a limit of this connection; it ends with it. */
  limit(phase: 'head' | 'idle' | 'chunk' | 'total', limitMs: number): TimeLimit {
    const limit = new TimeLimit(limitMs, this.#plan.scheduler, () => {
      this.#fail(APIConnectionTimeoutError.after(phase, limitMs));
    });
    this.#subscriber.add(() => {
      limit.stop();
    });
    return limit;
  }

  /** Runs a limit, except while our own gate is held. */
  startGated(limit: TimeLimit): void {
    const { gate } = this.#plan;
    if (!gate) {
      limit.start();
      return;
    }
    this.#subscriber.add(
      gate.open$.subscribe((isOpen) => {
        if (isOpen) limit.start();
        else limit.stop();
      }),
    );
  }

  /** Notes a `retry:` field of the stream: the wait that the server wants before another request. */
  noteRetry(retryMs: number): void {
    this.#retryMs = retryMs;
  }

  /** Says that the stream is complete; the connection is given the time to end by itself. */
  complete(): void {
    this.#isComplete = true;
  }

  /** Adds to an error what is known of the request, and takes out what must not be shown. */
  explain(error: unknown): unknown {
    if (isAPIError(error)) {
      const { requestId } = this.#response ?? {};
      if (requestId !== undefined) error.requestId ??= requestId;
      if (this.#retryMs !== undefined && error.kind !== 'status') error.retryAfterMs ??= this.#retryMs;
    }
    return redact(error, this.#request);
  }

  #receive(received: TransportResponse): void {
    const { status, headers, url } = received;
    const requestId = headers['x-request-id'];
    this.#response = { status, headers, url, ...(requestId !== undefined && { requestId }) };
    const refused = refusal(received, this.#plan.scheduler);
    if (refused) {
      const onError = (error: unknown) => {
        this.#fail(error);
      };
      this.#transport.add(refused.subscribe({ next: onError, error: onError }));
      return;
    }
    this.#body = this.#watch(received.body);
    try {
      this.#plan.onResponse?.(this.#response);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.startGated(this.#idle);
    this.#subscriber.next(this);
  }

  /** The body, with an eye on its silence. It outlives its subscriber by the grace. */
  #watch(body: Observable<Uint8Array>): Observable<Uint8Array> {
    return new Observable((destination) => {
      const end = () => {
        this.#hasBodyEnded = true;
        this.#idle.stop();
        if (this.#isComplete) this.#transport.unsubscribe();
      };
      const subscription = body.subscribe({
        next: (bytes) => {
          if (this.#isComplete) {
            this.#graceBytes -= bytes.length;
            if (this.#graceBytes < 0) this.#transport.unsubscribe();
            return;
          }
          this.#idle.touch();
          destination.next(bytes);
        },
        error: (error: unknown) => {
          end();
          destination.error(error);
        },
        complete: () => {
          end();
          destination.complete();
        },
      });
      this.#transport.add(subscription);
      return () => {
        if (!this.#isComplete) subscription.unsubscribe();
      };
    });
  }

  #fail(error: unknown): void {
    this.#subscriber.error(this.explain(error));
  }

  #close(): void {
    if (!this.#isComplete || this.#hasBodyEnded) {
      this.#transport.unsubscribe();
      return;
    }
    const timer: unknown = setTimeout(() => {
      this.#transport.unsubscribe();
    }, GRACE_MS);
    (timer as { unref?: () => void }).unref?.();
    this.#transport.add(() => {
      clearTimeout(timer as ReturnType<typeof setTimeout>);
    });
  }
}

function abortError(signal: AbortSignal): APIUserAbortError {
  return new APIUserAbortError('The request was aborted', { cause: signal.reason });
}
