import { Observable, type SchedulerLike } from 'rxjs';
import { APIConnectionTimeoutError } from '../errors/APIConnectionTimeoutError.ts';
import { Through } from '../rx/Through.ts';

/** The most that is read of a body that is no stream, in characters; the read that passes it counts. */
const MAX_LENGTH = 65_536;
/** The longest time that is spent on it, in milliseconds. */
const MAX_MS = 5_000;
/** So many times as much of a document that was asked for. */
const WANTED = 256;
const WANTED_MS = 60_000;

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
    const maxMs = isWanted ? WANTED_MS : MAX_MS;
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
          if (text.length > MAX_LENGTH * (isWanted ? WANTED : 1)) finish();
        },
        error: stop,
        complete: finish,
      }),
    );
  });
}
