import { argumentAt, wordAt } from '../words.ts';

const CALL_ID = 'call_d7Y1mVpQk2WcXo5hTzB8NfLs';

/** The events of a chat answer: the role, the words, the finish reason, `[DONE]`. */
export function chatEvents(words: number): string[] {
  return [...wordEvents(words), chatEvent({}, 'stop'), DONE];
}

/** The events of a chat answer that calls a tool, after as many words. */
export function toolCallEvents(words: number, pieces: number): string[] {
  const call = { index: 0, id: CALL_ID, type: 'function', function: { name: 'write_text', arguments: '' } };
  const events = [...wordEvents(words), chatEvent({ tool_calls: [call] })];
  for (let index = 0; index < pieces; index++) {
    events.push(chatEvent({ tool_calls: [{ index: 0, function: { arguments: argumentAt(index, pieces) } }] }));
  }
  return [...events, chatEvent({}, 'tool_calls'), DONE];
}

const DONE = 'data: [DONE]\n\n';

function wordEvents(words: number): string[] {
  const events = [chatEvent({ role: 'assistant', content: '', refusal: null })];
  for (let index = 0; index < words; index++) events.push(chatEvent({ content: wordAt(index) }));
  return events;
}

/** About 270 bytes, as OpenAI sends them. */
function chatEvent(delta: object, finishReason: string | null = null): string {
  const chunk = {
    id: 'chatcmpl-CfT3qJ8mVw0yLr5NsBzK1dXoPuHgE',
    object: 'chat.completion.chunk',
    created: 1763600000,
    model: 'gpt-5.1',
    service_tier: 'default',
    system_fingerprint: 'fp_560af6e559',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
