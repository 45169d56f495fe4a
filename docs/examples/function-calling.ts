// Lets the model call a function, sends the result back, prints the answer. Run it: npx tsx docs/examples/function-calling.ts
import { concatMap, tap, toArray } from 'rxjs';
import { collectToolCalls, contentDeltas, createClient } from 'rxdelta';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'rxdelta/openai';

const client = createClient();
const model = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';
const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'What is the weather in Paris?' }];

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: ChatCompletionTool[] = [{ type: 'function', function: { name: 'get_weather', parameters } }];

function getWeather(city: string): object {
  return { city, celsius: 18, sky: 'clear' };
}

client.chat.completions
  .stream({ model, messages, tools, tool_choice: 'required' })
  .pipe(
    // The arguments come in pieces; each call comes out once, when it is whole.
    collectToolCalls(),
    tap((call) => console.log(`The model calls ${call.name}(${call.arguments})`)),
    toArray(),
    concatMap((calls) => {
      messages.push({
        role: 'assistant',
        tool_calls: calls.map((call) => ({
          type: 'function',
          id: call.id,
          function: { name: call.name, arguments: call.arguments },
        })),
      });
      for (const call of calls) {
        const result = getWeather(call.parsed<{ city: string }>().city);
        messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) });
      }
      return client.chat.completions.stream({ model, messages, tools });
    }),
    contentDeltas(),
  )
  .subscribe({
    next: (text) => process.stdout.write(text),
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
    complete: () => console.log(),
  });
