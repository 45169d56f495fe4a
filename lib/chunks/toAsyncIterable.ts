import { Subject, takeUntil, type Observable } from 'rxjs';
import type { FlowGate } from '../transport/FlowGate.ts';

/** With a gate, this many items may wait before it is held. */
const HIGH_WATER_MARK = 16;

/**
 * Makes an Observable iterable by `for await`, for any pipe of operators.
 *
 * It subscribes at the first pull. `break`, `return` and a throw in the loop unsubscribe. What the loop has not taken yet
 * waits in a buffer without bound; iterate a `ChunkStream` itself to have the server wait instead.
 *
 * @param source - any Observable; each iteration is a subscription of its own
 * @throws whatever the source ends with, after the values before it
 * @example
 * ```ts
 * import { accumulateContent, createClient, toAsyncIterable } from 'rxdelta';
 *
 * const stream = createClient().chat.completions.stream({ model: 'gpt-4o-mini', messages: [] });
 * for await (const text of toAsyncIterable(stream.pipe(accumulateContent()))) {
 *   console.log(text);
 *   if (text.length > 100) break; // closes the connection
 * }
 * ```
 */
export function toAsyncIterable<T>(source: Observable<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => iterate(source) };
}

/** Iterates one subscription; holds the gate, if given, while items wait. */
export function iterate<T>(source: Observable<T>, gate?: FlowGate): AsyncIterator<T, undefined> {
  type Result = IteratorResult<T, undefined>;
  /** What waits to be pulled, the newest last; and the oldest of it, in reverse. */
  let items: (() => Result | Promise<Result>)[] = [];
  let oldest: typeof items = [];
  const pulls: ((result: Result | Promise<Result>) => void)[] = [];
  let isEnded = false;
  let isStarted = false;
  const stopped = new Subject<void>();
  let release: (() => void) | undefined;
  const last: Result = { done: true, value: undefined };

  const settle = () => {
    while (pulls.length > 0) {
      if (oldest.length === 0) {
        oldest = items.reverse();
        items = [];
      }
      const item = oldest.pop();
      if (!item && !isEnded) break;
      pulls.shift()?.(item?.() ?? last);
    }
    const waiting = items.length + oldest.length;
    if (waiting >= HIGH_WATER_MARK && !isEnded) release ??= gate?.hold();
    else if (waiting === 0 || isEnded) release = release?.() as undefined;
  };
  const end = () => {
    isEnded = true;
    settle();
  };
  const stop = () => {
    stopped.next();
    items = oldest = [];
    end();
  };

  return {
    next: () =>
      new Promise((resolve) => {
        pulls.push(resolve);
        if (!isEnded && !isStarted) {
          isStarted = true;
          source.pipe(takeUntil(stopped)).subscribe({
            next: (value) => {
              items.push(() => ({ done: false, value }));
              settle();
            },
            error: (error: unknown) => {
              items.push(() => Promise.reject(error));
              end();
            },
            complete: end,
          });
        }
        settle();
      }),
    return: () => {
      stop();
      return Promise.resolve(last);
    },
    throw: (error: unknown) => {
      stop();
      return Promise.reject(error);
    },
  };
}
