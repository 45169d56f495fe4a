import { wordAt } from '../words.ts';

const ITEM_ID = 'msg_68a1f0c2d4e881938b7c5d2e9f0a6b3c0d1e2f3a4b5c6d7e';
const PLACE = { item_id: ITEM_ID, output_index: 0, content_index: 0 };

/** The events of a Response with one message. There is no `[DONE]`. */
export function responseEvents(words: number): string[] {
  const deltas = Array.from({ length: words }, (_, index) => wordAt(index));
  const part = partOf(deltas.join(''));
  const item = itemOf('completed', [part]);
  const events = [
    { type: 'response.created', response: responseOf('in_progress', []) },
    { type: 'response.in_progress', response: responseOf('in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: itemOf('in_progress', []) },
    { type: 'response.content_part.added', ...PLACE, part: partOf('') },
    ...deltas.map((delta) => ({
      type: 'response.output_text.delta',
      ...PLACE,
      delta,
      logprobs: [],
      obfuscation: 'kT9vQ2xZ7mRb4sLw',
    })),
    { type: 'response.output_text.done', ...PLACE, text: part.text, logprobs: [] },
    { type: 'response.content_part.done', ...PLACE, part },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: responseOf('completed', [item]) },
  ];
  return events.map(({ type, ...rest }, index) => {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: index, ...rest })}\n\n`;
  });
}

function partOf(text: string) {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function itemOf(status: string, content: object[]) {
  return { id: ITEM_ID, type: 'message', status, content, role: 'assistant' };
}

function responseOf(status: string, output: object[]) {
  return {
    id: 'resp_68a1f0c2b2d881938f6a7b3c4d5e6f708192a3b4c5d6e7f8',
    object: 'response',
    created_at: 1763600000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: 'gpt-4o-mini-2024-07-18',
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
  };
}
