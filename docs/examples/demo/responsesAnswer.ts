import type { Client } from 'rxdelta';
import type { ResponseInputItem } from 'rxdelta/openai';
import type { Answer } from './converse.ts';
import type { DemoOptions } from './options.ts';
import { weatherTool, type ToolResult } from './weather.ts';

/** Asks through the Responses API. The usage comes with the event `response.completed`. */
export function responsesAnswer(client: Client, { model, prompt, tools }: DemoOptions): Answer {
  return (rounds) =>
    client.responses.stream({
      model,
      input: [{ role: 'user', content: prompt }, ...rounds.flat().flatMap(itemsOf)],
      ...(tools && { tools: [{ type: 'function', strict: true, ...weatherTool }] }),
    });
}

/** The model's own call, and its result. */
function itemsOf({ call, output }: ToolResult): ResponseInputItem[] {
  return [
    { type: 'function_call', call_id: call.id, name: call.name, arguments: call.arguments },
    { type: 'function_call_output', call_id: call.id, output },
  ];
}
