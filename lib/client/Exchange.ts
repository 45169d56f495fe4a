import { Observable, of, Subscription, type Subscriber } from 'rxjs';
import type { StreamResponse } from '../chunks/ChunkStream.ts';
import type { ResponseHead } from '../chunks/ResponseHead.ts';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { isAPIError } from '../errors/isAPIError.ts';
import { aborted } from '../rx/aborted.ts';
import { Receiver } from '../rx/Receiver.ts';
import { EventDecoder } from '../sse/EventDecoder.ts';
import type { TransportResponse } from '../transport/Transport.ts';
import { ChunkSink } from './ChunkSink.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';
import { redact } from './redaction.ts';
import { readDocument } from './readDocument.ts';
import type { ReadEvents, RequestPlan } from './RequestPlan.ts';
import { TimeLimits } from './TimeLimits.ts';

/** After the end of a stream its body may take this long, and this many bytes, to end too: then the connection is kept. */
const GRACE_MS = 250;
const GRACE_BYTES = 65_536;

/** One attempt to make a request and to read its answer. Its destination is told of the head; the chunks have their own. */
export class Exchange<V> {
  readonly #plan: RequestPlan;
  readonly #read: ReadEvents<V>;
  readonly #destination: Subscriber<StreamResponse<V>>;
  /** The connection; it may outlive the destination for a short grace. */
  readonly #wire = new Subscription();
  readonly #limits: TimeLimits;
  #outgoing: OutgoingRequest | undefined;
  #response: ResponseHead | undefined;
  #chunks: ChunkSink<V> | undefined;
  #lastRetryMs: number | undefined;
  #graceBytes = GRACE_BYTES;

  constructor(plan: RequestPlan, read: ReadEvents<V>, destination: Subscriber<StreamResponse<V>>) {
    this.#plan = plan;
    this.#read = read;
    this.#destination = destination;
    this.#limits = new TimeLimits(plan.timeouts, plan.scheduler, plan.gate, (phase, limitMs) => {
      this.#fail(APIConnectionTimeoutError.after(phase, limitMs));
    });
    destination.add(() => {
      this.#leave();
    });
  }

  /** Makes the request. */
  start(): void {
    const { signal, build } = this.#plan;
    if (signal) {
      this.#destination.add(
        aborted(signal).subscribe(() => {
          this.#fail(new APIUserAbortError(undefined, { cause: signal.reason }));
        }),
      );
      if (this.#destination.closed) return;
    }
    this.#limits.touch('total');
    this.#limits.touch('head');
    build().subscribe(
      new Receiver(this.#wire, {
        next: (request: OutgoingRequest) => {
          this.#send(request);
        },
        error: this.#fail,
        complete: () => undefined,
      }),
    );
  }

  /** Ends everything, with what is known of the request, and without what must not be shown. */
  readonly #fail = (error: unknown): void => {
    if (isAPIError(error)) {
      const requestId = this.#response?.requestId;
      if (requestId) error.requestId ??= requestId;
      if (this.#lastRetryMs !== undefined && error.kind !== 'status') error.retryAfterMs ??= this.#lastRetryMs;
    }
    const failure = redact(error, this.#outgoing, this.#plan.call.body);
    this.#chunks?.error(failure);
    this.#destination.error(failure);
  };

  /** Closes the connection; at once, unless the answer is whole. */
  #leave(): void {
    this.#limits.stop();
    if (!this.#chunks?.isComplete) {
      this.#close();
      return;
    }
    const timer = setTimeout(this.#close, GRACE_MS);
    // A page has no such timers, and no process to keep.
    (timer as { unref?: () => void }).unref?.();
    this.#wire.add(() => {
      clearTimeout(timer);
    });
  }

  readonly #close = (): void => {
    this.#wire.unsubscribe();
  };

  #send(request: OutgoingRequest): void {
    this.#outgoing = request;
    const { transport, timeouts, gate } = this.#plan;
    transport({ ...request, connectMs: timeouts.connectMs, ...(gate && { gate }) }).subscribe(
      new Receiver(this.#wire, {
        next: (received: TransportResponse) => {
          this.#receive(received);
        },
        error: this.#fail,
        complete: () => {
          if (!this.#response) this.#fail(new APIConnectionError('No response came', { phase: 'head' }));
        },
      }),
    );
  }

  #receive(received: TransportResponse): void {
    const { body, ...rest } = received;
    const { call, scheduler, onResponse } = this.#plan;
    const requestId = rest.headers['x-request-id'];
    const response: ResponseHead = { ...rest, ...(requestId && { requestId }) };
    this.#response = response;
    this.#limits.end('head');
    const document = readDocument(received, scheduler, call.isDocument);
    if (!document || (call.isDocument && response.status < 300)) onResponse?.(response);
    if (document) {
      document.subscribe(
        new Receiver(this.#wire, {
          next: (chunk) => {
            this.#destination.next({ response, chunks: of(chunk as V) });
          },
          error: this.#fail,
          complete: () => undefined,
        }),
      );
      return;
    }
    this.#limits.touch('idle');
    const chunks = new Observable<V>((subscriber) => {
      this.#open(body, subscriber);
    });
    this.#destination.next({ response, chunks });
  }

  /** Reads the body, also when nobody listens any more, until it ends or the connection is closed. */
  #open(body: Observable<Uint8Array>, subscriber: Subscriber<V>): void {
    if (this.#chunks || this.#destination.closed) {
      subscriber.error(new APIUserAbortError('Chunks are gone'));
      return;
    }
    subscriber.add(() => {
      this.#destination.complete();
    });
    this.#limits.touch('chunk');
    const chunks = new ChunkSink(subscriber, this.#limits);
    this.#chunks = chunks;
    const events = this.#read(chunks);
    const onRetry = (retryMs: number) => {
      this.#lastRetryMs = retryMs;
    };
    const decoder = new EventDecoder({ maxEventBytes: this.#plan.maxEventBytes, onRetry }, events);
    body.subscribe(
      new Receiver(this.#wire, {
        next: (bytes: Uint8Array) => {
          if (chunks.isComplete) {
            if ((this.#graceBytes -= bytes.length) < 0) this.#close();
            return;
          }
          this.#limits.touch('idle');
          decoder.push(bytes);
        },
        error: (error) => {
          this.#close();
          if (!chunks.isComplete) this.#fail(error);
        },
        complete: () => {
          this.#close();
          if (!events.closed) decoder.end();
          if (!events.closed) events.complete();
        },
      }),
    );
  }
}
