import { Observable, type SchedulerLike } from 'rxjs';

/** The most that is read of a body that is no stream: 64 KiB. */
const MAX_BYTES = 64 * 1024;
/** The longest time that is spent on it, in milliseconds. */
const MAX_MS = 5_000;

/** Reads the beginning of a body as text, once: as much as comes in bytes and time. A body that breaks gives what came. */
export function readText(body: Observable<Uint8Array>, scheduler: SchedulerLike): Observable<string> {
  return new Observable((destination) => {
    const decoder = new TextDecoder();
    let text = '';
    let bytesLeft = MAX_BYTES;
    const finish = () => {
      destination.next(text + decoder.decode());
      destination.complete();
    };
    destination.add(scheduler.schedule(finish, MAX_MS));
    destination.add(
      body.subscribe({
        next: (bytes) => {
          text += decoder.decode(bytes.subarray(0, bytesLeft), { stream: true });
          bytesLeft -= bytes.length;
          if (bytesLeft <= 0) finish();
        },
        error: finish,
        complete: finish,
      }),
    );
  });
}
