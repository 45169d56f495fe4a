/**
 * Reads how long a server asks to wait, from the headers of its response.
 *
 * @param headers - by lower-case name
 * @param now - the present, in milliseconds since 1970
 * @returns milliseconds: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date; undefined when absent,
 *   negative or not understood
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfter(headers: Record<string, string>, now: number): number | undefined {
  const milliseconds = decimal(headers['retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;
  const text = headers['retry-after'];
  const seconds = decimal(text);
  if (seconds !== undefined) return seconds * 1000;
  if (text === undefined || !/[a-z]/i.test(text)) return undefined;
  const date = Date.parse(text);
  return date >= now ? date - now : undefined;
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
