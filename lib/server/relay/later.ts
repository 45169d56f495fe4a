import { defer, from, isObservable, of, take, throwIfEmpty, type Observable } from 'rxjs';
import type { Later } from './RelayOptions.ts';

/** What a hook gives, now or later: its first value; without one, an error. */
export function later<T>(ask: () => Later<T>): Observable<T> {
  return defer(() => {
    const given = ask();
    if (isObservable(given)) return given.pipe(take(1), throwIfEmpty());
    const { then } = Object(given) as Partial<PromiseLike<T>>;
    return typeof then === 'function' ? from(given as PromiseLike<T>) : of(given as T);
  });
}
