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
    if (event === 'error') throw streamError(data);
    throw malformed(`The server sent an event that is not JSON (${data.length} characters)`);
  }
  if (event === 'error' && (typeof chunk !== 'object' || chunk === null)) throw streamError(chunk);
  if (typeof chunk !== 'object' || chunk === null || Array.isArray(chunk)) {
    throw malformed('The server sent an event that is not a JSON object');
  }
  if (isErrorChunk(chunk, event)) throw streamError(chunk);
  checkIndices(chunk);
  return chunk;
}

function isErrorChunk(chunk: object, event: string | undefined): boolean {
  const { error, object, type, message } = chunk as Record<string, unknown>;
  if (error || object === 'error' || type === 'error') return true;
  // The type of the data beats the event line, but a flat error body has a type too: that of the error.
  return event === 'error' && (typeof type !== 'string' || type.endsWith('error') || typeof message === 'string');
}

function checkIndices(chunk: object): void {
  const { choices } = chunk as { choices?: unknown };
  if (choices === undefined || choices === null) return;
  if (!Array.isArray(choices)) throw malformed('The server sent a chunk whose choices are not a list');
  for (const choice of choices as unknown[]) {
    if (typeof choice !== 'object' || choice === null) throw malformed('The server sent a choice that is not an object');
    const { index, delta } = choice as { index?: unknown; delta?: { tool_calls?: unknown } | null };
    checkIndex(index, 'choice');
    const calls = delta?.tool_calls;
    if (!Array.isArray(calls)) continue;
    for (const call of calls as unknown[]) {
      if (typeof call !== 'object' || call === null) throw malformed('The server sent a tool call that is not an object');
      checkIndex((call as { index?: unknown }).index, 'tool call');
    }
  }
}

function checkIndex(index: unknown, what: string): void {
  if (index === undefined || index === null) return;
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > MAX_INDEX) {
    throw malformed(`The server sent an impossible ${what} index`);
  }
}

function malformed(message: string): MalformedStreamError {
  return new MalformedStreamError(message, { reason: 'json' });
}
