import { forkJoin, share, toArray } from 'rxjs';
import { accumulateCompletion, accumulateContent, collectToolCalls, createClient } from 'rxdelta';
import type { Contender } from './Contender.ts';
import { MESSAGES, PROMPT } from './prompt.ts';
import { readingOf } from './readingOf.ts';
import { textOf } from './textOf.ts';

/** The built package, as its users have it. */
export function rxdelta(baseURL: string): Contender {
  const client = createClient({ baseURL, apiKey: 'none' });
  const chunksOf = (model: string) => client.chat.completions.stream({ model, messages: MESSAGES });
  return {
    chat: (model, onText) => readingOf(chunksOf(model), (chunk) => onText(textOf(chunk))),
    responses: (model, onText) =>
      readingOf(client.responses.stream({ model, input: PROMPT }), (event) =>
        onText(event.type === 'response.output_text.delta' ? event.delta : ''),
      ),
    // One request, and three operators that see every chunk of it, each subscribed as an application would.
    accumulation: (model, onText) => {
      const chunks = chunksOf(model).pipe(share());
      const whole = forkJoin({
        content: chunks.pipe(accumulateContent()),
        calls: chunks.pipe(collectToolCalls(), toArray()),
        completion: chunks.pipe(accumulateCompletion()),
      });
      return readingOf(whole, ({ content, calls, completion }) => {
        if (completion.choices[0]?.message.content !== content) throw new Error('The completion lacks text');
        onText(content);
        for (const call of calls) onText(call.arguments);
      });
    },
    toolCall: (model, onText) => readingOf(chunksOf(model).pipe(collectToolCalls()), (call) => onText(call.arguments)),
  };
}
