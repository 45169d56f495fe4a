import type { Observable } from 'rxjs';
import type { Reading } from './Contender.ts';

/** Subscribes. */
export function readingOf<T>(source: Observable<T>, next: (value: T) => void): Reading {
  let stop = () => {};
  const done = new Promise<void>((resolve, reject) => {
    const subscription = source.subscribe({ next, error: reject, complete: resolve });
    stop = () => {
      subscription.unsubscribe();
    };
  });
  return { done, stop };
}
