import type { Sink } from '../rx/Sink.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { isDoneMark } from './completion/Completion.ts';

/** Passes the events of one stream on as they come, up to the mark of their end. */
export class EventReader implements Sink<ServerSentEvent> {
  readonly #sink: Sink<ServerSentEvent>;

  constructor(sink: Sink<ServerSentEvent>) {
    this.#sink = sink;
  }

  get closed(): boolean {
    return this.#sink.closed;
  }

  next(event: ServerSentEvent): void {
    this.#sink.next(event);
    if (isDoneMark(event.data)) this.complete();
  }

  complete(): void {
    this.#sink.complete();
  }
}
