import { MalformedStreamError } from '../errors/MalformedStreamError.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { streamError } from './completion/failureOf.ts';

/** No API has more choices or tool calls than this in one answer; a larger index is a mistake or an attack. */
const MAX_INDEX = 65_535;

/**
 * Parses the data of an event into a chunk.
 *
 * @throws MalformedStreamError (`json`) when it is not a JSON object, or carries an impossible choice or tool index
 * @throws APIStreamError when it is an error that the server sent inside the stream
 */
export function parseEvent({ data, event }: ServerSentEvent): object {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    // The parser's own message would quote the data.
    if (event !== 'error') throw malformed(`${data.length} characters that are not JSON`);
    chunk = data;
  }
  const isObject = Object(chunk) === chunk && !Array.isArray(chunk);
  if (isErrorChunk(chunk, event)) throw streamError(chunk);
  if (!isObject || !areIndexed((chunk as { choices?: unknown }).choices)) throw malformed('JSON that is no chunk');
  return chunk as object;
}

/** Whether a parsed value reports an error: by its own fields, or by the event line. */
export function isErrorChunk(chunk: unknown, event?: string): boolean {
  const { error, object, type, message } = Object(chunk) as Record<string, unknown>;
  if (error || object === 'error' || type === 'error') return true;
  // The type of the data beats the event line, but a flat error body has a type too: that of the error.
  return event === 'error' && (typeof type !== 'string' || type.endsWith('error') || typeof message === 'string');
}

/** A choice, or one of its tool calls. */
interface Indexed {
  index?: unknown;
  delta?: { tool_calls?: unknown } | null;
}

/** Whether they are left out, or all objects whose indices are left out or possible: of choices also those of their calls. */
function areIndexed(items: unknown): boolean {
  return items == null || (Array.isArray(items) && items.every(isIndexed));
}

function isIndexed(item: Indexed | null): boolean {
  const index = (item?.index ?? 0) as number;
  // Of anything but a whole number within the mask, a part is lost.
  return Object(item) === item && (index & MAX_INDEX) === index && areIndexed(item?.delta?.tool_calls);
}

function malformed(what: string): MalformedStreamError {
  return new MalformedStreamError(`The server sent ${what}`, { reason: 'json' });
}
