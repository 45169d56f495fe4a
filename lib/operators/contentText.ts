/** The text of a content: some providers send it as a list of parts. Empty for anything else. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map(partText).join('') : '';
}

function partText(part: { text?: unknown } | string | null): string {
  const text = typeof part === 'string' ? part : part?.text;
  return typeof text === 'string' ? text : '';
}
