import type { Observable, ObservableInput } from 'rxjs';
import { concatMapGated, contentDeltas, FlowGate, type Client } from 'rxdelta';
import { sentences } from './sentences.ts';

/** Works on each sentence of an answer, one at a time, and emits the results in order. The server waits if it must. */
export function inOrder<R>(
  client: Client,
  prompt: string,
  work: (sentence: string) => ObservableInput<R>,
  highWaterMark = 4,
): Observable<R> {
  const gate = new FlowGate();
  return client.chat.completions
    .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }] }, { gate })
    .pipe(contentDeltas(), sentences(), concatMapGated(gate, work, { highWaterMark }));
}
