// Lets the model call functions, several at once and again, until it answers. Run it: npx tsx docs/examples/tool-loop.ts
import { catchError, connect, defer, EMPTY, from, map, merge, mergeMap, of, toArray, type Observable } from 'rxjs';
import { collectToolCalls, contentDeltas, createClient, type ToolCall } from 'rxdelta';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'rxdelta/openai';

const client = createClient();
const model = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';
const question: ChatCompletionMessageParam = { role: 'user', content: 'Is it warmer in Paris or in Oslo?' };

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: ChatCompletionTool[] = [{ type: 'function', function: { name: 'get_weather', parameters } }];

/** Stands for a request to a service; what it does not know is an error. */
async function getWeather(city: string): Promise<object> {
  const celsius = { Paris: 18, Oslo: 7 }[city];
  if (celsius === undefined) throw new Error(`No weather for ${city}`);
  return Promise.resolve({ city, celsius });
}

/** The result of a call as a message. The model is told of an error too, and may do better. */
function callTool(call: ToolCall): Observable<ChatCompletionMessageParam> {
  console.log(`${call.name}(${call.arguments})`);
  return defer(() => getWeather(call.parsed<{ city: string }>().city)).pipe(
    catchError((error: unknown) => of({ error: String(error) })),
    map((result) => ({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) })),
  );
}

/** The text of an answer, and, where the model calls functions in it, that of the next. */
function answer(messages: ChatCompletionMessageParam[], roundsLeft = 5): Observable<string> {
  return client.chat.completions.stream({ model, messages, tools }).pipe(
    // One request for both: the text goes on at once, the calls wait until they are whole.
    connect((chunks) =>
      merge(
        chunks.pipe(contentDeltas()),
        chunks.pipe(
          collectToolCalls(),
          toArray(),
          mergeMap((calls) => (calls.length === 0 ? EMPTY : nextRound(messages, calls, roundsLeft))),
        ),
      ),
    ),
  );
}

function nextRound(messages: ChatCompletionMessageParam[], calls: ToolCall[], roundsLeft: number): Observable<string> {
  if (roundsLeft === 0) throw new Error('The model calls functions without an end');
  const asked: ChatCompletionMessageParam = {
    role: 'assistant',
    tool_calls: calls.map((call) => ({
      type: 'function',
      id: call.id,
      function: { name: call.name, arguments: call.arguments },
    })),
  };
  return from(calls).pipe(
    mergeMap(callTool, 4), // four at a time
    toArray(),
    mergeMap((results) => answer([...messages, asked, ...results], roundsLeft - 1)),
  );
}

answer([question]).subscribe({
  next: (text) => process.stdout.write(text),
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
  complete: () => console.log(),
});
