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
  const { 'retry-after-ms': milliseconds = '', 'retry-after': wait = '' } = headers;
  if (DECIMAL.test(milliseconds)) return Number(milliseconds);
  if (DECIMAL.test(wait)) return Number(wait) * 1000;
  // A date of HTTP has letters and a time of day; of other garbage the parser would make dates too.
  const untilMs = Date.parse(wait) - now;
  return /[a-z].*\d:\d\d/i.test(wait) && untilMs >= 0 ? untilMs : undefined;
}

const DECIMAL = /^\s*\d+(\.\d+)?\s*$/;
