import { ReplaySubject, share, type Observable } from 'rxjs';
import { accumulateContent, type Client } from 'rxdelta';

/**
 * The text so far, for as many readers as there are, from one request. It is sent for the first reader; the last one who
 * leaves closes the connection. Who comes later gets the text so far at once, also when the answer is whole.
 */
export function sharedAnswer(client: Client, prompt: string): Observable<string> {
  return client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }] }).pipe(
    accumulateContent(),
    share({
      connector: () => new ReplaySubject(1),
      resetOnRefCountZero: true, // nobody reads: close
      resetOnComplete: false, // a whole answer is kept
      resetOnError: true, // a failed one is asked for anew
    }),
  );
}
