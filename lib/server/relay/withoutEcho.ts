import { word } from '../word.ts';
import { isObject } from './parseBody.ts';
import type { RelayParams } from './RelayRequest.ts';

/**
 * Makes what takes out of chunks what is not for the browser: the API repeats in them its model, and in a Response also its
 * instructions and tools, which may be the relay's; of these it sees its own. An error in a Response keeps its code.
 *
 * @param asked - what the browser has sent
 * @param sent - what the API was sent
 */
export function withoutEcho(asked: RelayParams, sent: RelayParams): <T extends object>(chunk: T) => T {
  const own = Object.keys(sent).filter((name) => JSON.stringify(asked[name]) !== JSON.stringify(sent[name]));
  const hide = <Fields extends object>(fields: Fields): Fields => {
    const echoed = own.filter((name) => name in fields);
    return {
      ...fields,
      ...Object.fromEntries(echoed.map((name) => [name, asked[name] ?? (name === 'tools' ? [] : null)])),
    };
  };
  return (chunk) => {
    const { response } = chunk as { response?: unknown };
    // The fields of other events of a Response only share their names with those of a request.
    if (!isObject(response)) return own.length > 0 && 'choices' in chunk ? hide(chunk) : chunk;
    const seen = hide(response);
    if (isObject(response.error)) seen.error = { code: word(response.error.code) ?? null, message: 'The model failed' };
    return { ...chunk, response: seen };
  };
}
