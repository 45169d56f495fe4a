/** The text of a content: some providers send it as a list of parts. Empty for anything else. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => contentText((part as { text?: unknown } | null)?.text ?? part)).join('');
}
