import { of, Subscription, type Observable, type Subscriber } from 'rxjs';
import { chunksOnce } from '../chunks/chunksOnce.ts';
import type { StreamResponse } from '../chunks/ChunkStream.ts';
import type { ResponseHead } from '../chunks/ResponseHead.ts';
import { APIConnectionError } from '../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { CallersError } from '../errors/CallersError.ts';
import { isAPIError } from '../errors/isAPIError.ts';
import { aborted } from '../rx/aborted.ts';
import { Through } from '../rx/Through.ts';
import { eventDecoder } from '../sse/eventDecoder.ts';
import { FlowGate } from '../transport/FlowGate.ts';
import type { TransportResponse } from '../transport/Transport.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';
import { redact } from './redaction.ts';
import { readDocument } from './readDocument.ts';
import type { ReadEvents, RequestPlan } from './RequestPlan.ts';
import { timeLimits } from './timeLimits.ts';

/** After the end of a stream its body may take this long, and this many bytes, to end too: then the connection is kept. */
const GRACE_MS = 250;
const GRACE_BYTES = 65_536;

/** Makes one attempt at a request, and reads its answer. The destination is told of the head; the chunks have their own. */
export function exchange<V>(plan: RequestPlan, read: ReadEvents<V>, destination: Subscriber<StreamResponse<V>>): void {
  const { call, signal, scheduler, timeouts } = plan;
  const gates = [plan.gate, plan.loop].filter((gate) => gate !== undefined);
  /** Held while one of the gates is, but not before it is clear that what comes is a stream: the words of a refusal are read. */
  const flow = gates.length > 0 ? new FlowGate() : undefined;
  /** The connection; it may outlive the destination for a short grace. */
  const wire = new Subscription();
  let outgoing: OutgoingRequest | undefined;
  let response: ResponseHead | undefined;
  let chunks: Subscriber<V> | undefined;
  let isWhole = false;
  let lastRetryMs: number | undefined;
  let graceBytes = GRACE_BYTES;

  /** Ends everything, with what is known of the request, and without what must not be shown. */
  const fail = (error: unknown) => {
    if (isAPIError(error)) {
      const requestId = response?.requestId;
      if (requestId) error.requestId ??= requestId;
      if (lastRetryMs !== undefined && error.kind !== 'status') error.retryAfterMs ??= lastRetryMs;
    }
    const failure = error instanceof CallersError ? error.cause : redact(error, outgoing, call.body);
    chunks?.error(failure);
    destination.error(failure);
  };

  const close = () => {
    wire.unsubscribe();
  };

  /** Listens as long as there is a connection. */
  const listen = <T>(
    source: Observable<T>,
    next: (value: T) => void,
    complete?: () => void,
    error: (error: unknown) => void = fail,
  ) => {
    source.subscribe(new Through(wire, { next, error, complete }));
  };

  const send = (request: OutgoingRequest) => {
    const sent = { ...request, connectMs: timeouts.connectMs, ...(flow && { gate: flow }) };
    outgoing = sent;
    listen(plan.transport(sent), receive, () => {
      if (!response) fail(new APIConnectionError('No response came', { phase: 'head' }));
    });
  };

  const receive = (received: TransportResponse) => {
    const { body, ...rest } = received;
    const requestId = rest.headers['x-request-id'];
    const head: ResponseHead = { ...rest, ...(requestId && { requestId }) };
    response = head;
    touch('head', Infinity);
    const document = readDocument(received, scheduler, call.isDocument);
    if (!document || (call.isDocument && head.status < 300)) CallersError.of(() => plan.onResponse?.(head));
    const answer = (values: Observable<V>) => {
      destination.next({ response: head, chunks: values });
    };
    if (document) {
      listen(document, (chunk) => {
        answer(of(chunk as V));
      });
    } else {
      for (const gate of gates) {
        let release: (() => void) | undefined;
        // The rest of the body is read, whoever holds the gate after the end.
        destination.add(() => release?.());
        destination.add(
          gate.open$.subscribe((isOpen) => {
            release = isOpen ? (release?.() as undefined) : flow?.hold();
          }),
        );
      }
      touch('idle');
      answer(
        chunksOnce(destination, (subscriber) => {
          open(body, subscriber);
        }),
      );
    }
  };

  /** Reads the body, also when nobody listens any more, until it ends or the connection is closed. */
  const open = (body: Observable<Uint8Array>, subscriber: Subscriber<V>) => {
    chunks = subscriber;
    touch('chunk');
    const emit = (chunk?: V) => {
      if (chunk) {
        touch('chunk');
        subscriber.next(chunk);
      } else {
        isWhole = true;
        subscriber.complete();
      }
    };
    const { maxEventBytes } = plan;
    const onRetry = (retryMs: number) => {
      lastRetryMs = retryMs;
    };
    const decode = eventDecoder({ maxEventBytes, onRetry }, subscriber, read(subscriber, emit));
    listen(
      body,
      (bytes) => {
        if (isWhole) {
          if ((graceBytes -= bytes.length) < 0) close();
          return;
        }
        touch('idle');
        decode(bytes);
      },
      () => {
        close();
        if (!isWhole) decode();
      },
      (error) => {
        close();
        if (!isWhole) fail(error);
      },
    );
  };

  // The connection is closed at once, unless the answer is whole.
  destination.add(() => {
    if (!isWhole) {
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
  const touch = timeLimits(timeouts, scheduler, flow, destination, (phase, limitMs) => {
    fail(APIConnectionTimeoutError.after(phase, limitMs));
  });
  if (signal) {
    destination.add(
      aborted(signal).subscribe(() => {
        fail(new APIUserAbortError(undefined, { cause: signal.reason }));
      }),
    );
    if (destination.closed) return;
  }
  listen(plan.build(), send);
}
