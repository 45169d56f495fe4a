import { takeUntil, type Observable } from 'rxjs';
import { accumulateContent, type Client } from 'rxdelta';

/** The text so far. When `stop` emits, it completes and the connection closes: the text stays as it is. */
export function stoppableAnswer(client: Client, prompt: string, stop: Observable<unknown>): Observable<string> {
  return client.chat.completions
    .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }] })
    .pipe(accumulateContent(), takeUntil(stop));
}
