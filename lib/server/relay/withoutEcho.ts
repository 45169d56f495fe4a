import { word } from '../word.ts';
import { isObject } from './parseBody.ts';
import type { RelayParams } from './RelayRequest.ts';

/**
 * Makes what takes out of the events of a Response what is not for the browser: the API repeats its instructions, its tools and
 * its model there, which may be the relay's; of these it sees its own. An error in a Response keeps its code.
 *
 * @param asked - what the browser has sent
 * @param sent - what the API was sent
 */
export function withoutEcho(asked: RelayParams, sent: RelayParams): <T>(chunk: T) => T {
  const own = Object.entries(sent).filter(([name, value]) => asked[name] !== value);
  return (chunk) => {
    const { response } = Object(chunk) as { response?: unknown };
    if (!isObject(response)) return chunk;
    const seen = { ...response };
    for (const [name] of own) if (name in response) seen[name] = asked[name] ?? (name === 'tools' ? [] : null);
    if (isObject(response.error)) seen.error = { code: word(response.error.code) ?? null, message: 'The model failed' };
    return { ...chunk, response: seen };
  };
}
