/**
 * The text that a chunk adds to an answer, or the empty string: `delta.content` of a chat choice, also as a list of text
 * parts, or the delta of `response.output_text.delta`.
 *
 * @param choice - the choice of a chat completion; Responses have none
 */
export function contentDelta(chunk: unknown, choice: number): string {
  const { choices, type, delta } = chunk as { choices?: unknown; type?: unknown; delta?: unknown };
  if (Array.isArray(choices)) {
    let text = '';
    for (const item of choices as ChatChoice[]) {
      if ((item?.index ?? 0) === choice) text += textOf(item?.delta?.content);
    }
    return text;
  }
  return type === 'response.output_text.delta' && typeof delta === 'string' ? delta : '';
}

type ChatChoice = { index?: number | null; delta?: { content?: unknown } | null } | null;

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map(partText).join('') : '';
}

function partText(part: { text?: unknown } | string | null): string {
  const text = typeof part === 'string' ? part : part?.text;
  return typeof text === 'string' ? text : '';
}
