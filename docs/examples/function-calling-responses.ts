// Lets the model call a function in the Responses API. Run it: npx tsx docs/examples/function-calling-responses.ts
import { concatMap, connect, EMPTY, forkJoin, last, merge, tap, toArray, type Observable } from 'rxjs';
import { accumulateResponse, collectToolCalls, contentDeltas, createClient, type ToolCall } from 'rxdelta';
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

/** The text of the answer to the results of the calls of a Response. */
function answerTo(calls: ToolCall[], responseId: string): Observable<string> {
  const input = calls.map((call): ResponseInputItem => {
    const output = JSON.stringify(getWeather(call.parsed<{ city: string }>().city));
    return { type: 'function_call_output', call_id: call.id, output };
  });
  return client.responses.stream({ model, tools, previous_response_id: responseId, input }).pipe(contentDeltas());
}

client.responses
  .stream({ model, tools, tool_choice: 'required', input: 'What is the weather in Paris?' })
  .pipe(
    // Of one request: its text, its calls, and the Response that they belong to.
    connect((events) =>
      merge(
        events.pipe(contentDeltas()),
        forkJoin({
          calls: events.pipe(
            collectToolCalls(),
            tap((call) => console.log(`The model calls ${call.name}(${call.arguments})`)),
            toArray(),
          ),
          response: events.pipe(accumulateResponse(), last()),
        }).pipe(concatMap(({ calls, response }) => (calls.length === 0 ? EMPTY : answerTo(calls, response.id)))),
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
