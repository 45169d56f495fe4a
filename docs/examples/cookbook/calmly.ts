import { auditTime, catchError, concat, defer, EMPTY, throwError, type MonoTypeOperatorFunction } from 'rxjs';

/** Emits the newest value at most once in `everyMs`. The last value is never lost, not even before an error. */
export function calmly<T>(everyMs = 50): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      let failure = EMPTY;
      const values = source.pipe(
        catchError((error: unknown) => {
          failure = throwError(() => error);
          return EMPTY;
        }),
        auditTime(everyMs),
      );
      return concat(
        values,
        defer(() => failure),
      );
    });
}
