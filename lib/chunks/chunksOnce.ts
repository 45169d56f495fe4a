import { Observable, type Subscriber } from 'rxjs';
import { APIUserAbortError } from '../errors/APIUserAbortError.ts';

/**
 * The chunks of a response: they can be subscribed once, as long as the response is there, which completes when they end.
 *
 * @param response - who was given the response
 * @param open - reads the chunks
 * @throws APIUserAbortError when they are gone
 */
export function chunksOnce<T>(response: Subscriber<unknown>, open: (subscriber: Subscriber<T>) => void): Observable<T> {
  let isOpened = false;
  return new Observable((subscriber) => {
    if (isOpened || response.closed) {
      subscriber.error(new APIUserAbortError('Chunks are gone'));
      return;
    }
    isOpened = true;
    subscriber.add(() => {
      response.complete();
    });
    open(subscriber);
  });
}
