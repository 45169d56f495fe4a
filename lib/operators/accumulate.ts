import { Observable, type OperatorFunction } from 'rxjs';
import { Restarts } from '../retry/Restarts.ts';
import { Through } from '../rx/Through.ts';

/**
 * Folds chunks into a value that grows, and emits it after each chunk that changed it. After a retry upstream that
 * starts the answer again, the fold starts again too.
 *
 * @param begin - makes a fold: it takes a chunk, and gives the value so far, or undefined when that has not changed
 */
/* @__NO_SIDE_EFFECTS__ */
export function accumulate<C, V>(begin: () => (chunk: C) => V | undefined): OperatorFunction<C, V> {
  return (source) =>
    new Observable((destination) => {
      const restarts = new Restarts();
      let add = begin();
      source.subscribe(
        new Through(destination, {
          next: (chunk: C) => {
            if (restarts.at(chunk)) add = begin();
            const value = add(chunk);
            if (value !== undefined) destination.next(value);
          },
        }),
      );
    });
}
