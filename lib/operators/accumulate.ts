import { Observable, type OperatorFunction } from 'rxjs';
import { Restarts } from '../retry/Restarts.ts';
import { Through } from '../rx/Through.ts';

/**
 * Folds chunks into a value that grows, and emits it after each chunk that changed it. After a retry upstream that
 * starts the answer again, the fold starts again too.
 *
 * @param begin - makes a fold: it takes a chunk, and gives the value so far, or undefined when that has not changed
 * @param nothing - takes the place of the last value, at the end, where the answer that started again has brought none
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulate<C, V>(begin: () => (chunk: C) => V | undefined, nothing?: V): OperatorFunction<C, V> {
  return (source) =>
    new Observable((destination) => {
      const restarts = new Restarts();
      let add = begin();
      let hasEmitted = false;
      let isVoid = false;
      source.subscribe(
        new Through(destination, {
          next: (chunk: C) => {
            if (restarts.at(chunk)) {
              add = begin();
              isVoid = hasEmitted;
            }
            const value = add(chunk);
            if (value === undefined) return;
            hasEmitted = true;
            isVoid = false;
            destination.next(value);
          },
          complete: () => {
            if (isVoid && nothing !== undefined) destination.next(nothing);
            destination.complete();
          },
        }),
      );
    });
}
