import { catchError, defer, NEVER, race, tap, throwError, throwIfEmpty, type Observable } from 'rxjs';
import { contentDeltas, type Client } from 'rxdelta';

/** The text of the model that is the first to write any. The connections of the others are closed then. */
export function fastestAnswer(client: Client, models: readonly string[], prompt: string): Observable<string> {
  return defer(() => {
    let running = models.length;
    let isWon = false;
    const answers = models.map((model) =>
      client.chat.completions.stream({ model, messages: [{ role: 'user', content: prompt }] }).pipe(
        contentDeltas(), // the first text wins, not the first chunk, which has the role only
        tap(() => {
          isWon = true;
        }),
        throwIfEmpty(),
        // A model that fails drops out, unless it has won or is the last.
        catchError((error: unknown) => (isWon || --running === 0 ? throwError(() => error) : NEVER)),
      ),
    );
    return race(answers);
  });
}
