import type { Client } from 'rxdelta';
import type { ChatCompletionMessageParam } from 'rxdelta/openai';
import type { Answer } from './converse.ts';
import type { DemoOptions } from './options.ts';
import { weatherTool, type ToolResult } from './weather.ts';

/** Asks through Chat Completions. The usage comes with the last chunk, if asked for. */
export function chatAnswer(client: Client, { model, prompt, tools }: DemoOptions): Answer {
  return (rounds) =>
    client.chat.completions.stream({
      model,
      messages: [{ role: 'user', content: prompt }, ...rounds.flatMap(messagesOf)],
      stream_options: { include_usage: true },
      ...(tools && { tools: [{ type: 'function', function: weatherTool }] }),
    });
}

/** The model's own message with its calls, and a message with the result of each. */
function messagesOf(results: ToolResult[]): ChatCompletionMessageParam[] {
  return [
    {
      role: 'assistant',
      tool_calls: results.map(({ call }) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
      })),
    },
    ...results.map(({ call, output }) => ({ role: 'tool' as const, tool_call_id: call.id, content: output })),
  ];
}
