import { inject } from '@angular/core';
import type { Client } from '../client/Client.ts';
import { RXDELTA_CLIENT } from './RXDELTA_CLIENT.ts';

/**
 * Gives the client of the injector: the one of `provideRxDelta`, or, without it, one without options.
 *
 * @throws TypeError for a key in a browser; see `withApiKey`
 * @throws Error outside of an injection context
 * @example
 * ```ts
 * import { injectClient } from 'rxdelta/angular';
 * import { accumulateContent } from 'rxdelta';
 * import type { Observable } from 'rxjs';
 *
 * export class StoryService {
 *   readonly #client = injectClient();
 *
 *   story(topic: string): Observable<string> {
 *     return this.#client.chat.completions
 *       .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Write a story about ${topic}` }] })
 *       .pipe(accumulateContent());
 *   }
 * }
 * ```
 */
export function injectClient(): Client {
  return inject(RXDELTA_CLIENT);
}
