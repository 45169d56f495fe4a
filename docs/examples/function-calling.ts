// Lets the model call a function, sends the result back, prints the answer. Run it: npx tsx docs/examples/function-calling.ts
import { concatMap, connect, EMPTY, merge, tap, toArray, type Observable } from 'rxjs';
import { collectToolCalls, contentDeltas, createClient, type ToolCall } from 'rxdelta';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'rxdelta/openai';

const client = createClient();
const model = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';
const question: ChatCompletionMessageParam = { role: 'user', content: 'What is the weather in Paris?' };

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: ChatCompletionTool[] = [{ type: 'function', function: { name: 'get_weather', parameters } }];

function getWeather(city: string): object {
  return { city, celsius: 18, sky: 'clear' };
}

/** The text of the answer to the results: the model is sent its own calls, and the result of each. */
function answerTo(calls: ToolCall[]): Observable<string> {
  const asked: ChatCompletionMessageParam = {
    role: 'assistant',
    tool_calls: calls.map((call) => ({
      type: 'function',
      id: call.id,
      function: { name: call.name, arguments: call.arguments },
    })),
  };
  const results = calls.map((call): ChatCompletionMessageParam => {
    const result = getWeather(call.parsed<{ city: string }>().city);
    return { role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) };
  });
  return client.chat.completions
    .stream({ model, messages: [question, asked, ...results], tools })
    .pipe(contentDeltas());
}

client.chat.completions
  .stream({ model, messages: [question], tools, tool_choice: 'required' })
  .pipe(
    // One request for both: a model may write text in place of a call, since some servers pass over `tool_choice`.
    connect((chunks) =>
      merge(
        chunks.pipe(contentDeltas()),
        chunks.pipe(
          // The arguments come in pieces; each call comes out once, when it is whole.
          collectToolCalls(),
          tap((call) => console.log(`The model calls ${call.name}(${call.arguments})`)),
          toArray(),
          concatMap((calls) => (calls.length === 0 ? EMPTY : answerTo(calls))),
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
