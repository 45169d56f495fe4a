// Lets the model call a function in the Responses API. Run it: npx tsx docs/examples/function-calling-responses.ts
import { concatMap, connect, forkJoin, last, tap, toArray } from 'rxjs';
import { accumulateResponse, collectToolCalls, contentDeltas, createClient } from 'rxdelta';
import type { FunctionTool, ResponseInputItem } from 'rxdelta/openai';

const client = createClient();
const model = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const tools: FunctionTool[] = [{ type: 'function', name: 'get_weather', parameters, strict: true }];

function getWeather(city: string): object {
  return { city, celsius: 18, sky: 'clear' };
}

client.responses
  .stream({ model, tools, tool_choice: 'required', input: 'What is the weather in Paris?' })
  .pipe(
    // The calls, and the Response that they belong to, of one request.
    connect((events) =>
      forkJoin({
        calls: events.pipe(
          collectToolCalls(),
          tap((call) => console.log(`The model calls ${call.name}(${call.arguments})`)),
          toArray(),
        ),
        response: events.pipe(accumulateResponse(), last()),
      }),
    ),
    concatMap(({ calls, response }) => {
      const input = calls.map((call): ResponseInputItem => {
        const output = JSON.stringify(getWeather(call.parsed<{ city: string }>().city));
        return { type: 'function_call_output', call_id: call.id, output };
      });
      return client.responses.stream({ model, tools, previous_response_id: response.id, input });
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
