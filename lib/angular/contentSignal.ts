import type { Observable } from 'rxjs';
import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { accumulateContent } from '../operators/accumulateContent.ts';
import type { ContentOptions } from '../operators/contentDeltas.ts';
import { streamSignal, type StreamSignal } from './streamSignal.ts';
import type { StreamSignalSettings } from './StreamSignalOptions.ts';

/** Options of `contentSignal`. */
export interface ContentSignalOptions extends StreamSignalSettings<string>, ContentOptions {}

/**
 * Shows the text of a stream as a signal: that so far, the empty string at first.
 *
 * ```text
 * source()   undefined  chunks----Hel--lo--(finish)|
 * status     idle       loading---streaming--------done
 * value      ''         ''--------Hel--Hello-----------
 * ```
 *
 * It reads chat chunks and Responses events alike. When a retry upstream starts the answer again, the text starts again too.
 * For all else see `streamSignal`.
 *
 * @param source - gives the stream, or undefined for none; read as in a computed
 * @param options - `choice`, 0 unless set; and those of `streamSignal`
 * @throws Error outside of an injection context, unless there is `injector`
 * @example
 * ```ts
 * import { signal } from '@angular/core';
 * import { contentSignal, injectClient } from 'rxdelta/angular';
 *
 * export class Chat {
 *   readonly #client = injectClient();
 *   readonly question = signal('');
 *   readonly answer = contentSignal(() => {
 *     const content = this.question();
 *     return content
 *       ? this.#client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] })
 *       : undefined;
 *   });
 * }
 * ```
 */
export function contentSignal(
  source: () => Observable<StreamChunk> | undefined,
  { choice = 0, ...options }: ContentSignalOptions = {},
): StreamSignal<string> {
  const text = accumulateContent({ choice });
  return streamSignal(() => source()?.pipe(text), { ...options, seed: '', reduce: (_, next) => next });
}
