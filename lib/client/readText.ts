import { Observable, type SchedulerLike } from 'rxjs';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { Through } from '../rx/Through.ts';

/**
 * Reads the beginning of a body as text, once: as much as comes in space and time. A body that breaks gives what came.
 *
 * @param isWanted - whether it was asked for: more of it, in more time, and without all of it there is an error
 */
export function readText(
  body: Observable<Uint8Array>,
  scheduler: SchedulerLike,
  isWanted: boolean,
): Observable<string> {
  return new Observable((destination) => {
    const decoder = new TextDecoder();
    /** In characters; the read that passes it counts. */
    const maxLength = isWanted ? 16_777_216 : 65_536;
    const maxMs = isWanted ? 60_000 : 5_000;
    let text = '';
    const finish = () => {
      destination.next(text);
      destination.complete();
    };
    const stop = (error: unknown) => {
      if (isWanted) destination.error(error);
      else finish();
    };
    const pass = () => {
      stop(APIConnectionTimeoutError.after('body', maxMs));
    };
    destination.add(scheduler.schedule(pass, maxMs));
    body.subscribe(
      new Through(destination, {
        next: (bytes: Uint8Array) => {
          text += decoder.decode(bytes, { stream: true });
          if (text.length > maxLength) finish();
        },
        error: stop,
        complete: finish,
      }),
    );
  });
}
