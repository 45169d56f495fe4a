import {
  catchError,
  defer,
  EMPTY,
  last,
  scan,
  takeUntil,
  takeWhile,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';

/** The most that is read of a body that is no stream, in characters. */
const MAX_LENGTH = 64 * 1024;
/** The longest time that is spent on it, in milliseconds. */
const MAX_MS = 5_000;

/** Reads the beginning of a body as text, once: as much as comes in space and time. A body that breaks gives what came. */
export function readText(body: Observable<Uint8Array>, scheduler: SchedulerLike): Observable<string> {
  return defer(() => {
    const decoder = new TextDecoder();
    return body.pipe(
      catchError(() => EMPTY),
      takeUntil(timer(MAX_MS, scheduler)),
      scan((text, bytes) => text + decoder.decode(bytes.subarray(0, MAX_LENGTH), { stream: true }), ''),
      takeWhile(({ length }) => length < MAX_LENGTH, true),
      last(null, ''),
    );
  });
}
