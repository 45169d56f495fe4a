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
  let pulls: Pull<T>[] = [];
  /** How the source ended; an error is thrown once, then there is nothing more. */
  let settle: ((pull: Pull<T>) => void) | undefined;
  let subscription: Subscription | undefined;
  let release: (() => void) | undefined;

  const letFlow = () => {
    release?.();
    release = undefined;
  };
  const done = ({ resolve }: Pull<T>) => {
    resolve({ done: true, value: undefined });
  };
  const end = (how: (pull: Pull<T>) => void) => {
    settle = how;
    letFlow();
    const waiting = pulls;
    pulls = [];
    for (const pull of waiting) settle(pull);
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
        end(({ reject }) => {
          settle = done;
          reject(error);
        });
      },
      complete: () => {
        end(done);
      },
    });
  const stop = () => {
    subscription?.unsubscribe();
    items = [];
    taken = 0;
    end(done);
  };

  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (taken < items.length) {
          resolve({ done: false, value: items[taken++] as T });
          if (taken < items.length) return;
          items = [];
          taken = 0;
          letFlow();
        } else if (settle) {
          settle({ resolve, reject });
        } else {
          pulls.push({ resolve, reject });
          subscription ??= start();
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
