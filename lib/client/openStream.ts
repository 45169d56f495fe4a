import { Observable, Subscriber, type Subscription } from 'rxjs';
import { ChunkReader, type EndRule } from '../chunks/ChunkReader.ts';
import type { StreamOpener, StreamResponse } from '../chunks/ChunkStream.ts';
import { isDoneMark } from '../chunks/completion/Completion.ts';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { retryWithBackoff, type RetryWithBackoffOptions } from '../operators/retryWithBackoff.ts';
import { decodeEvents } from '../sse/decodeEvents.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { FlowGate } from '../transport/FlowGate.ts';
import { openConnection, type Connection, type ConnectionPlan } from './Connection.ts';
import type { TimeLimit } from './TimeLimit.ts';

/** A connection's plan, and how its stream is read. */
export interface StreamPlan<T> extends ConnectionPlan {
  /** Makes the rule that judges the end of one stream. */
  endRule: () => EndRule<T>;
  maxEventBytes: number | undefined;
  retry: RetryWithBackoffOptions | undefined;
}

/** The three ways to make a request. */
export function openStream<T extends object>(plan: StreamPlan<T>): StreamOpener<T> {
  const retrying = <V>(attempt: Observable<V>, options = plan.retry) =>
    options ? attempt.pipe(retryWithBackoff<V>(options)) : attempt;
  return {
    chunks: (gate) => retrying(whileOpen(plan, gate, readChunks)),
    events: () => retrying(whileOpen(plan, undefined, readEvents)),
    withResponse: () => retrying(openResponse(plan), plan.retry && { ...plan.retry, afterFirstChunk: 'fail' }),
    isJudged: true,
  };
}

type Read<T, V> = (plan: StreamPlan<T>, connection: Connection, target: Subscriber<V>) => Subscription;

/** Opens a connection for each subscription, and reads it into that. */
function whileOpen<T, V>(plan: StreamPlan<T>, gate: FlowGate | undefined, read: Read<T, V>): Observable<V> {
  return new Observable((destination) => {
    if (gate && plan.gate) destination.add(follow(gate, plan.gate));
    destination.add(
      openConnection(gate ? { ...plan, gate } : plan).subscribe({
        next: (connection) => {
          read(plan, connection, destination);
        },
        error: (error: unknown) => {
          destination.error(error);
        },
      }),
    );
  });
}

/** Holds one gate while another is held. */
function follow(gate: FlowGate, leader: FlowGate): Subscription {
  let release: (() => void) | undefined;
  return leader.open$.subscribe((isOpen) => {
    release?.();
    release = isOpen ? undefined : gate.hold();
  });
}

function readChunks<T extends object>(plan: StreamPlan<T>, connection: Connection, target: Subscriber<T>): Subscription {
  const rule = plan.endRule();
  rule.onEnd = () => {
    connection.complete();
  };
  const limit = connection.limit('chunk', plan.timeouts.chunkMs);
  const forwarder = new Forwarder(target, connection, limit);
  return decode(plan, connection).subscribe(new ChunkReader(forwarder, rule));
}

function readEvents<T>(
  plan: StreamPlan<T>,
  connection: Connection,
  target: Subscriber<ServerSentEvent>,
): Subscription {
  const limit = connection.limit('chunk', plan.timeouts.chunkMs);
  return decode(plan, connection).subscribe(new EventForwarder(target, connection, limit));
}

function decode<T>({ maxEventBytes }: StreamPlan<T>, connection: Connection): Observable<ServerSentEvent> {
  const onRetry = (retryMs: number) => {
    connection.noteRetry(retryMs);
  };
  return connection.body.pipe(decodeEvents({ maxEventBytes, onRetry }));
}

/** Passes a stream on, and lets its connection know of its chunks and explain its errors. */
class Forwarder<V> extends Subscriber<V> {
  readonly connection: Connection;
  readonly #target: Subscriber<V>;
  readonly #limit: TimeLimit;

  constructor(target: Subscriber<V>, connection: Connection, limit: TimeLimit) {
    super(target);
    this.connection = connection;
    this.#target = target;
    this.#limit = limit;
    connection.startGated(limit);
  }

  protected override _next(value: V): void {
    this.#limit.touch();
    this.#target.next(value);
  }

  protected override _error(error: unknown): void {
    super._error(this.connection.explain(error));
  }
}

class EventForwarder extends Forwarder<ServerSentEvent> {
  protected override _next(event: ServerSentEvent): void {
    super._next(event);
    if (isDoneMark(event.data)) this.complete();
  }

  protected override _complete(): void {
    this.connection.complete();
    super._complete();
  }
}

function openResponse<T extends object>(plan: StreamPlan<T>): Observable<StreamResponse<T>> {
  return new Observable((destination) => {
    let reader: Subscriber<T> | undefined;
    const read = (connection: Connection) =>
      new Observable<T>((chunks) => {
        if (reader || destination.closed) {
          const message = 'The chunks of a response can be subscribed once, while its connection is open';
          chunks.error(new APIUserAbortError(message));
          return;
        }
        reader = chunks;
        // Added first, it runs when the chunks end in any way; a complete stream has told its connection by then.
        chunks.add(() => {
          destination.complete();
        });
        readChunks(plan, connection, chunks);
      });
    destination.add(
      openConnection(plan).subscribe({
        next: (connection) => {
          destination.next({ response: connection.response, chunks: read(connection) });
        },
        error: (error: unknown) => {
          if (reader) reader.error(error);
          destination.error(error);
        },
      }),
    );
  });
}
