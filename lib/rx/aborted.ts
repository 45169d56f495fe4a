import { fromEvent, NEVER, of, type Observable } from 'rxjs';

/** Emits when the signal fires, at once where it has fired already; never without one. */
export function aborted(signal: AbortSignal | undefined): Observable<unknown> {
  if (signal?.aborted) return of(signal);
  return signal ? fromEvent(signal, 'abort') : NEVER;
}
