/** The delta of a chat choice, as providers send it: any member may be missing or null. */
export type ChatDelta = Record<string, unknown>;

/**
 * The text that a chunk adds to an answer, or the empty string.
 *
 * @param choice - the choice of a chat completion; Responses have none
 * @param ofDelta - finds the text in the delta of that choice
 * @param eventTypes - the Responses events whose delta is the text
 */
export function deltaText(
  chunk: unknown,
  choice: number,
  ofDelta: (delta: ChatDelta) => string,
  eventTypes: readonly unknown[],
): string {
  const { choices, type, delta } = chunk as { choices?: unknown; type?: unknown; delta?: unknown };
  if (Array.isArray(choices)) {
    let text = '';
    for (const item of choices as ({ index?: number | null; delta?: ChatDelta | null } | null)[]) {
      if (item?.delta && (item.index ?? 0) === choice) text += ofDelta(item.delta);
    }
    return text;
  }
  return typeof delta === 'string' && eventTypes.includes(type) ? delta : '';
}
