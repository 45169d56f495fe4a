import { accumulateCompletion } from 'rxdelta';
import { streamSignal } from 'rxdelta/angular';
import type { ChatCompletion, ChatCompletionChunk } from 'rxdelta/openai';
import type { Observable } from 'rxjs';

/** The completion so far. */
export function completionSignal(source: () => Observable<ChatCompletionChunk> | undefined) {
  return streamSignal(() => source()?.pipe(accumulateCompletion()), {
    seed: undefined as ChatCompletion | undefined,
    reduce: (_, completion) => completion,
  });
}
