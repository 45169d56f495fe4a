import { contentText } from './contentText.ts';
import { deltaText, type ChatDelta } from './deltaText.ts';

const EVENTS = ['response.reasoning_text.delta', 'response.reasoning_summary_text.delta'];

/** The reasoning that a chunk adds, or the empty string. */
export function reasoningDelta(chunk: unknown, choice: number): string {
  return deltaText(chunk, choice, reasoningOf, EVENTS);
}

/** Each provider has its own field; where the same words stand in two of them, they count once. */
function reasoningOf({ reasoning_content, reasoning, reasoning_details, content }: ChatDelta): string {
  for (const field of [reasoning_content, reasoning, textsOf(reasoning_details), textsOf(content)]) {
    if (typeof field === 'string' && field !== '') return field;
  }
  return '';
}

/** The words of `reasoning_details` (OpenRouter), or of the thinking parts among those of the content (Mistral). */
function textsOf(parts: unknown): string {
  return Array.isArray(parts) ? parts.map(textOf).join('') : '';
}

function textOf(part: { type?: unknown; text?: unknown; summary?: unknown; thinking?: unknown } | null): string {
  const { type, text, summary, thinking } = part ?? {};
  if (type === 'thinking') return contentText(thinking);
  return String(type).startsWith('reasoning') ? contentText(text ?? summary) : '';
}
