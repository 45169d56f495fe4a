import { Subject, Subscription, takeUntil, type Observable } from 'rxjs';
import type { StreamSignalOptions } from './StreamSignalOptions.ts';
import type { StreamStatus } from './StreamStatus.ts';

/** What is shown of a stream. */
export type Show<V> = (value: V, status: StreamStatus, error?: unknown) => void;

/** A stream that is being read. */
export interface StreamReading {
  /** Ends with it, in whatever way. */
  readonly subscription: Subscription;
  /** Closes the connection, and shows that; nothing once it has ended. */
  readonly stop: () => void;
}

/**
 * Subscribes a stream and shows the value so far: at once, with each item, or once per frame, and when it ends. Nothing is
 * shown after its subscription is closed.
 */
export function readStream<T, V>(
  stream: Observable<T>,
  { seed, reduce, coalesce }: Pick<StreamSignalOptions<T, V>, 'seed' | 'reduce' | 'coalesce'>,
  show: Show<V>,
): StreamReading {
  const subscription = new Subscription();
  const closed$ = new Subject<void>();
  const isPerFrame = coalesce === 'frame' && typeof requestAnimationFrame === 'function';
  let value = seed;
  let frame: number | undefined;

  const showItem = () => {
    frame = undefined;
    show(value, 'streaming');
  };
  const end = (status: StreamStatus, error?: unknown) => {
    if (subscription.closed) return;
    subscription.unsubscribe();
    show(value, status, error);
  };
  const add = (item: T) => {
    try {
      value = reduce(value, item);
    } catch (failure) {
      end('error', failure);
      return;
    }
    if (isPerFrame) frame ??= requestAnimationFrame(showItem);
    else showItem();
  };

  subscription.add(() => {
    closed$.next();
    if (frame !== undefined) cancelAnimationFrame(frame);
  });
  show(value, 'loading');
  subscription.add(
    // A synchronous source is stopped before it has given its subscription.
    stream.pipe(takeUntil(closed$)).subscribe({
      next: add,
      error: (failure: unknown) => {
        end('error', failure);
      },
      complete: () => {
        end('done');
      },
    }),
  );
  return {
    subscription,
    stop: () => {
      end('stopped');
    },
  };
}
