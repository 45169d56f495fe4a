import type { Observable, Subscription } from 'rxjs';
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
  /** What waits to be pulled: each item settles a pull. */
  let items: ((pull: Pull<T>) => void)[] = [];
  let taken = 0;
  const pulls: Pull<T>[] = [];
  let isEnded = false;
  let subscription: Subscription | undefined;
  let release: (() => void) | undefined;

  const deliver = (item: (pull: Pull<T>) => void) => {
    const pull = pulls.shift();
    if (pull) item(pull);
    else items.push(item);
    if (items.length - taken >= HIGH_WATER_MARK) release ??= gate?.hold();
  };
  const letFlow = () => {
    release?.();
    release = undefined;
  };
  const empty = () => {
    items = [];
    taken = 0;
    letFlow();
  };
  const end = () => {
    isEnded = true;
    letFlow();
    for (const pull of pulls.splice(0)) pull.resolve({ done: true, value: undefined });
  };
  const stop = () => {
    subscription?.unsubscribe();
    empty();
    end();
  };

  return {
    next: () =>
      new Promise((resolve, reject) => {
        const item = items[taken];
        if (item) {
          taken++;
          item({ resolve, reject });
          if (taken === items.length) empty();
          return;
        }
        pulls.push({ resolve, reject });
        if (isEnded) end();
        else {
          subscription ??= source.subscribe({
            next: (value) => {
              deliver((pull) => {
                pull.resolve({ done: false, value });
              });
            },
            error: (error: unknown) => {
              deliver((pull) => {
                pull.reject(error);
              });
              end();
            },
            complete: end,
          });
        }
      }),
    return: () => {
      stop();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw: (error: unknown) => {
      stop();
      return Promise.reject(error);
    },
  };
}

interface Pull<T> {
  resolve: (result: IteratorResult<T, undefined>) => void;
  reject: (error: unknown) => void;
}
