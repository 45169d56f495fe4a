import { Subject, Subscription, takeUntil, type Observable } from 'rxjs';
import type { StreamSignalOptions } from './StreamSignalOptions.ts';
import type { StreamStatus } from './StreamStatus.ts';

/** What is shown of a stream. */
export type Show<V> = (value: V, status: StreamStatus, error?: unknown) => void;

/**
 * Reads one stream and shows the value so far: with each item, or once per frame, and when it ends. Nothing is shown after
 * its subscription is closed.
 */
export class StreamReader<T, V> {
  /** Ends with the stream, in whatever way. */
  readonly subscription = new Subscription();
  readonly #reduce: (value: V, item: T) => V;
  readonly #show: Show<V>;
  readonly #isPerFrame: boolean;
  #value: V;
  #frame: number | undefined;

  constructor(
    { seed, reduce, coalesce }: Pick<StreamSignalOptions<T, V>, 'seed' | 'reduce' | 'coalesce'>,
    show: Show<V>,
  ) {
    this.#value = seed;
    this.#reduce = reduce;
    this.#show = show;
    this.#isPerFrame = coalesce === 'frame' && typeof requestAnimationFrame === 'function';
  }

  /** Subscribes the stream. `stop` works from the first item on, also while a synchronous stream is being subscribed. */
  read(stream: Observable<T>): void {
    const closed$ = new Subject<void>();
    this.subscription.add(() => {
      closed$.next();
      if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    });
    try {
      this.subscription.add(
        // A synchronous source is stopped before it has given its subscription.
        stream.pipe(takeUntil(closed$)).subscribe({
          next: (item) => {
            this.#add(item);
          },
          error: (failure: unknown) => {
            this.#end('error', failure);
          },
          complete: () => {
            this.#end('done');
          },
        }),
      );
    } catch (failure) {
      this.#end('error', failure);
    }
  }

  /** Closes the connection, and shows that; nothing once it has ended. */
  stop(): void {
    this.#end('stopped');
  }

  #add(item: T): void {
    let value: V;
    try {
      value = this.#reduce(this.#value, item);
    } catch (failure) {
      this.#end('error', failure);
      return;
    }
    // The reducer may have stopped it.
    if (this.subscription.closed) return;
    this.#value = value;
    if (this.#isPerFrame) this.#frame ??= requestAnimationFrame(this.#showItem);
    else this.#showItem();
  }

  readonly #showItem = (): void => {
    this.#frame = undefined;
    this.#show(this.#value, 'streaming');
  };

  #end(status: StreamStatus, error?: unknown): void {
    if (this.subscription.closed) return;
    this.subscription.unsubscribe();
    this.#show(this.#value, status, error);
  }
}
