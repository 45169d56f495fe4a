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
  let chunk: unknown = data;
  try {
    chunk = JSON.parse(data);
  } catch {
    // The parser's own message would quote the data.
    if (event !== 'error') throw malformed(`not JSON (${data.length} characters)`);
  }
  const isObject = typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk);
  if (isObject ? isErrorChunk(chunk as object, event) : event === 'error') throw streamError(chunk);
  if (!isObject) throw malformed('not a JSON object');
  if (!hasSoundIndices(chunk as ChatChunk)) throw malformed('a chunk with impossible choices or tool calls');
  return chunk as object;
}

function isErrorChunk(chunk: object, event: string | undefined): boolean {
  const { error, object, type, message } = chunk as Record<string, unknown>;
  if (error || object === 'error' || type === 'error') return true;
  // The type of the data beats the event line, but a flat error body has a type too: that of the error.
  return event === 'error' && (typeof type !== 'string' || type.endsWith('error') || typeof message === 'string');
}

interface ChatChunk {
  choices?:
    ({ index?: unknown; delta?: { tool_calls?: ({ index?: unknown } | null)[] | null } | null } | null)[] | null;
}

function hasSoundIndices({ choices }: ChatChunk): boolean {
  if (choices == null) return true;
  if (!Array.isArray(choices)) return false;
  for (const choice of choices) {
    if (!isIndexed(choice)) return false;
    const calls = choice?.delta?.tool_calls;
    if (calls && !(Array.isArray(calls) && calls.every(isIndexed))) return false;
  }
  return true;
}

/** Whether it is an object whose index is left out or possible. */
function isIndexed(value: { index?: unknown } | null): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const index = value.index ?? 0;
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) <= MAX_INDEX;
}

function malformed(what: string): MalformedStreamError {
  return new MalformedStreamError(`The server sent an event that is ${what}`, { reason: 'json' });
}
