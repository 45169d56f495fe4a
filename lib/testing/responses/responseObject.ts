import type { Response, ResponseOutputItem, ResponseUsage } from '../../openai/index.ts';
import { CREATED } from '../chat/chatChunk.ts';
import type { ResponseEventsOptions } from './ResponseEventsOptions.ts';

const USAGE: ResponseUsage = {
  input_tokens: 3,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: 2,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 5,
};

/** A whole Response object. Once it has ended it has its usage. */
export function responseObject(
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed',
  output: ResponseOutputItem[],
  options: ResponseEventsOptions,
  outcome: Partial<Pick<Response, 'error' | 'incomplete_details'>> = {},
): Response {
  const { id = 'resp_1', createdAt = CREATED, model = 'gpt-4o-mini', usage = USAGE } = options;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model,
    output,
    output_text: output.map(textOf).join(''),
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    access_programs: null,
    ...outcome,
    ...(status !== 'in_progress' && status !== 'failed' && { usage }),
  };
}

function textOf(item: ResponseOutputItem): string {
  if (item.type !== 'message') return '';
  return item.content.map((part) => (part.type === 'output_text' ? part.text : '')).join('');
}
