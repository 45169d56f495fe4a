import { catchError, throwError, timeout, TimeoutError, type Observable } from 'rxjs';
import { accumulateContent, isAPIError, type Client } from 'rxdelta';

/** What the first model may take. */
export interface FallbackOptions {
  /** The longest wait for its first text, in milliseconds. */
  firstMs: number;
  /** The longest wait for each further chunk, in milliseconds. */
  chunkMs: number;
}

/** The text so far of the first model; that of the second, from its beginning, where the first is too slow or fails. */
export function answerOrFallback(
  client: Client,
  [first, second]: readonly [string, string],
  prompt: string,
  { firstMs, chunkMs }: FallbackOptions,
): Observable<string> {
  const ask = (model: string, limits: { chunkMs?: number } = {}) =>
    client.chat.completions
      .stream({ model, messages: [{ role: 'user', content: prompt }] }, { timeouts: limits })
      .pipe(accumulateContent());
  return ask(first, { chunkMs }).pipe(
    timeout({ first: firstMs }),
    catchError((error: unknown) => {
      const isWorthAnother = error instanceof TimeoutError || (isAPIError(error) && error.retryable);
      return isWorthAnother ? ask(second) : throwError(() => error);
    }),
  );
}
