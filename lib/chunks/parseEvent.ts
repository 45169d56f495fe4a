import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { relayedError } from './completion/relayedError.ts';
import { parseJSON } from '../sse/parseJSON.ts';

/** No API has more choices or tool calls than this in one answer; a larger index is a mistake or an attack. */
const MAX_INDEX = 65_535;

/**
 * Parses the data of an event into a chunk.
 *
 * @throws MalformedStreamError (`json`) when it is not a JSON object, or carries an impossible choice or tool index
 * @throws APIStreamError when it is an error that the server sent inside the stream; that of another class where a relay
 *   says that it met one
 */
export function parseEvent({ data, event }: ServerSentEvent): object {
  const value = parseJSON(data);
  // An error may also come in plain words.
  const chunk = value === undefined && event === 'error' ? data : value;
  if (isErrorChunk(chunk, event)) throw relayedError(chunk);
  if (Object(chunk) === chunk && !Array.isArray(chunk) && areIndexed((chunk as { choices?: unknown }).choices)) {
    return chunk as object;
  }
  throw new MalformedStreamError(`The server sent ${data.length} characters that are no chunk`, { reason: 'json' });
}

/** Whether a parsed value reports an error: by its own fields, or by the event line. */
export function isErrorChunk(chunk: unknown, event?: string): boolean {
  const { error, object, type } = Object(chunk) as Record<string, unknown>;
  if (error || object === 'error' || type === 'error') return true;
  // The type of an event beats the event line; any other type is that of the error (OpenAI's, or a URI by RFC 9457).
  return event === 'error' && !(typeof type === 'string' && type.startsWith('response.'));
}

/** A choice, or one of its tool calls. */
interface Indexed {
  index?: unknown;
  delta?: { tool_calls?: unknown } | null;
}

/** Whether they are left out, or all objects whose indices are left out or possible: of choices also those of their calls. */
function areIndexed(items: unknown, areCalls = false): boolean {
  return items == null || (Array.isArray(items) && items.every((item: Indexed | null) => isIndexed(item, areCalls)));
}

function isIndexed(item: Indexed | null, isCall: boolean): boolean {
  const index = (item?.index ?? 0) as number;
  // Of anything but a whole number within the mask, a part is lost.
  const isPossible = Object(item) === item && (index & MAX_INDEX) === index;
  return isPossible && (isCall || areIndexed(item?.delta?.tool_calls, true));
}
