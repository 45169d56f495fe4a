import { accumulateContent, createClient } from 'rxdelta';

/** What a page does: the key is at the relay. */
export function ask(baseURL, content) {
  return createClient({ baseURL })
    .chat.completions.stream({ model: 'model', messages: [{ role: 'user', content }] })
    .pipe(accumulateContent());
}
