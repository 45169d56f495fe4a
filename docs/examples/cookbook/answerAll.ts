import { catchError, from, last, map, mergeMap, of, type Observable } from 'rxjs';
import { accumulateContent, type Client } from 'rxdelta';

/** The answer to one of several prompts. */
export interface NumberedAnswer {
  /** Which prompt it answers, from 0. */
  index: number;
  /** The whole text, or why there is none. */
  text: string;
}

/** Answers all prompts, at most `concurrency` at a time; each answer comes as soon as it is whole. */
export function answerAll(client: Client, prompts: readonly string[], concurrency: number): Observable<NumberedAnswer> {
  const answer = (content: string) =>
    client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }).pipe(
      accumulateContent(),
      last(null, ''),
      // One that fails must not close the connections of the others.
      catchError((error: unknown) => of(String(error))),
    );
  return from(prompts).pipe(
    mergeMap((prompt, index) => answer(prompt).pipe(map((text) => ({ index, text }))), concurrency),
  );
}
