import type { Subscriber } from 'rxjs';
import type { Sink } from '../rx/Sink.ts';
import type { TimeLimits } from './TimeLimits.ts';

/** Takes the chunks of one exchange for their subscriber, and knows whether the answer was whole. */
export class ChunkSink<V> implements Sink<V> {
  readonly #destination: Subscriber<V>;
  readonly #limits: TimeLimits;
  isComplete = false;

  constructor(destination: Subscriber<V>, limits: TimeLimits) {
    this.#destination = destination;
    this.#limits = limits;
  }

  get closed(): boolean {
    return this.#destination.closed;
  }

  next(chunk: V): void {
    this.#limits.touch('chunk');
    this.#destination.next(chunk);
  }

  complete(): void {
    this.isComplete = true;
    this.#destination.complete();
  }

  error(error: unknown): void {
    this.#destination.error(error);
  }
}
