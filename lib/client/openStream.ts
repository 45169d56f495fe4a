import { Observable, Subscriber, takeWhile, tap, type Subscription } from 'rxjs';
import { ChunkReader, type EndRule } from '../chunks/ChunkReader.ts';
import type { StreamOpener, StreamResponse } from '../chunks/ChunkStream.ts';
import { isDoneMark } from '../chunks/completion/Completion.ts';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';
import { retryWithBackoff, type RetryWithBackoffOptions } from '../operators/retryWithBackoff.ts';
import { decodeEvents } from '../sse/decodeEvents.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
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

type Read<T, V> = (plan: StreamPlan<T>, connection: Connection, target: Subscriber<V>) => void;

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

function readChunks<T extends object>(plan: StreamPlan<T>, connection: Connection, target: Subscriber<T>): void {
  const rule = { ...plan.endRule(), onEnd: connection.complete };
  decode(plan, connection).subscribe(new ChunkReader(new Forwarder(target, connection), rule));
}

function readEvents<T>(plan: StreamPlan<T>, connection: Connection, target: Subscriber<ServerSentEvent>): void {
  decode(plan, connection)
    .pipe(
      takeWhile(({ data }) => !isDoneMark(data), true),
      tap({ complete: connection.complete }),
    )
    .subscribe(new Forwarder(target, connection));
}

function decode<T>({ maxEventBytes }: StreamPlan<T>, { body, noteRetry }: Connection): Observable<ServerSentEvent> {
  return body.pipe(decodeEvents({ maxEventBytes, onRetry: noteRetry }));
}

/** Passes a stream on, and lets its connection know of its chunks and explain its errors. */
class Forwarder<V> extends Subscriber<V> {
  readonly #target: Subscriber<V>;
  readonly #connection: Connection;
  readonly #limit: TimeLimit;

  constructor(target: Subscriber<V>, connection: Connection) {
    super(target);
    this.#target = target;
    this.#connection = connection;
    this.#limit = connection.limitChunks();
  }

  protected override _next(value: V): void {
    this.#limit.touch();
    this.#target.next(value);
  }

  protected override _error(error: unknown): void {
    super._error(this.#connection.explain(error));
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
        // However the chunks end; a stream that is complete has told its connection by then.
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
          reader?.error(error);
          destination.error(error);
        },
      }),
    );
  });
}
