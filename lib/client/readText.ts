import { Observable, type SchedulerLike } from 'rxjs';

/** The most that is read of a body that is no stream, in characters; the read that passes it counts. */
const MAX_LENGTH = 65_536;
/** The longest time that is spent on it, in milliseconds. */
const MAX_MS = 5_000;

/** Reads the beginning of a body as text, once: as much as comes in space and time. A body that breaks gives what came. */
export function readText(body: Observable<Uint8Array>, scheduler: SchedulerLike): Observable<string> {
  return new Observable((destination) => {
    const decoder = new TextDecoder();
    let text = '';
    const finish = () => {
      destination.next(text);
      destination.complete();
    };
    destination.add(scheduler.schedule(finish, MAX_MS));
    destination.add(
      body.subscribe({
        next: (bytes) => {
          text += decoder.decode(bytes, { stream: true });
          if (text.length > MAX_LENGTH) finish();
        },
        error: finish,
        complete: finish,
      }),
    );
  });
}
