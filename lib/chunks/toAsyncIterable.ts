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
  let items: T[] = [];
  let taken = 0;
  const pulls: Pull<T>[] = [];
  let ending: { error?: unknown; isError: boolean } | undefined;
  let subscription: Subscription | undefined;
  let release: (() => void) | undefined;

  const letFlow = () => {
    release?.();
    release = undefined;
  };
  const settle = (pull: Pull<T>) => {
    if (ending?.isError) {
      const { error } = ending;
      ending = { isError: false };
      pull.reject(error);
    } else {
      pull.resolve({ done: true, value: undefined });
    }
  };
  const end = (how: { error?: unknown; isError: boolean }) => {
    ending = how;
    letFlow();
    for (const pull of pulls.splice(0)) settle(pull);
  };
  const start = () =>
    source.subscribe({
      next: (value) => {
        const pull = pulls.shift();
        if (pull) pull.resolve({ done: false, value });
        else items.push(value);
        if (gate && !release && items.length - taken >= HIGH_WATER_MARK) release = gate.hold();
      },
      error: (error: unknown) => {
        end({ error, isError: true });
      },
      complete: () => {
        end({ isError: false });
      },
    });
  const take = () => {
    const item = items[taken++] as T;
    if (taken === items.length) {
      items = [];
      taken = 0;
      letFlow();
    }
    return item;
  };
  const stop = () => {
    subscription?.unsubscribe();
    items = [];
    end({ isError: false });
  };

  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (items.length > 0) {
          resolve({ done: false, value: take() });
          return;
        }
        if (ending) {
          settle({ resolve, reject });
          return;
        }
        pulls.push({ resolve, reject });
        subscription ??= start();
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
