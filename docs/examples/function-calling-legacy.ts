// The same in the older form, `functions` and `function_call`. Run it: npx tsx docs/examples/function-calling-legacy.ts
/* eslint-disable @typescript-eslint/no-deprecated -- some servers speak this form alone */
import { concatMap, connect, merge, tap, type Observable } from 'rxjs';
import { collectToolCalls, contentDeltas, createClient, type ToolCall } from 'rxdelta';
import type { ChatCompletionMessageParam } from 'rxdelta/openai';

const client = createClient();
const model = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';
const question: ChatCompletionMessageParam = { role: 'user', content: 'What is the weather in Paris?' };

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const functions = [{ name: 'get_weather', parameters }];

function getWeather(city: string): object {
  return { city, celsius: 18, sky: 'clear' };
}

/** The text of the answer to the result of a call. */
function answerTo(call: ToolCall): Observable<string> {
  const result = getWeather(call.parsed<{ city: string }>().city);
  const messages: ChatCompletionMessageParam[] = [
    question,
    { role: 'assistant', content: null, function_call: { name: call.name, arguments: call.arguments } },
    { role: 'function', name: call.name, content: JSON.stringify(result) },
  ];
  return client.chat.completions.stream({ model, messages, functions }).pipe(contentDeltas());
}

client.chat.completions
  .stream({ model, messages: [question], functions, function_call: { name: 'get_weather' } })
  .pipe(
    // One request for both: a model may write text in place of a call.
    connect((chunks) =>
      merge(
        chunks.pipe(contentDeltas()),
        chunks.pipe(
          // In this form a message holds one call at most, and the call has no id.
          collectToolCalls(),
          tap((call) => console.log(`The model calls ${call.name}(${call.arguments})`)),
          concatMap(answerTo),
        ),
      ),
    ),
  )
  .subscribe({
    next: (text) => process.stdout.write(text),
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
    complete: () => console.log(),
  });
