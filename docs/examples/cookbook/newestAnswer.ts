import { catchError, of, switchMap, type Observable, type OperatorFunction } from 'rxjs';
import { accumulateContent, type Client } from 'rxdelta';

/** The text so far of the answer to the newest prompt. A new prompt closes the connection of the answer before it. */
export function newestAnswer(client: Client): OperatorFunction<string, string> {
  return (prompts) => prompts.pipe(switchMap((prompt) => answer(client, prompt)));
}

function answer(client: Client, prompt: string): Observable<string> {
  return client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }] }).pipe(
    accumulateContent(),
    // Within switchMap: an answer that fails must not end the prompts.
    catchError((error: unknown) => of(String(error))),
  );
}
