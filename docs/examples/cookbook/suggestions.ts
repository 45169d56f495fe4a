import { catchError, distinctUntilChanged, EMPTY, map, of, startWith, switchMap, timer } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { accumulateContent, type Client } from 'rxdelta';

/** A suggestion for what the user types, after a pause of `pauseMs`. Each key takes it back and closes its connection. */
export function suggestions(client: Client, pauseMs = 300): OperatorFunction<string, string> {
  const suggest = (content: string) =>
    client.chat.completions
      .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }], max_completion_tokens: 30 })
      .pipe(
        accumulateContent(),
        catchError(() => EMPTY), // a suggestion that fails is none
      );
  return (input) =>
    input.pipe(
      map((text) => text.trim()),
      distinctUntilChanged(),
      // The pause is within switchMap: the key itself closes the connection, not the end of the pause after it.
      switchMap((text) =>
        text
          ? timer(pauseMs).pipe(
              switchMap(() => suggest(text)),
              startWith(''),
            )
          : of(''),
      ),
      distinctUntilChanged(),
    );
}
