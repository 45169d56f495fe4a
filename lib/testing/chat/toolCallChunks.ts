import type { ChatCompletionChunk } from '../../openai/index.ts';
import { splitText } from '../splitText.ts';
import { argumentsText } from './argumentsText.ts';
import { chatChunk } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';
import { finishChunk } from './finishChunk.ts';
import { roleChunk } from './roleChunk.ts';

/** A tool call to be streamed. */
export interface FakeToolCall {
  /** The name of the function. */
  name: string;
  /** The arguments: an object, or their text as it is, which need not be JSON. */
  arguments: object | string;
  /** The id of the call. Default `call_1`, `call_2` and so on. */
  id?: string | undefined;
  /** The characters (code points) of the arguments in one chunk. Default 4. */
  every?: number | undefined;
}

/**
 * Makes all chunks of an answer that calls tools: the role, each call with its arguments in pieces, the finish reason.
 *
 * @param calls - one call, or several, which come one after the other
 * @param options - id, time, model and choice; their defaults stand in `ChunkOptions`
 * @throws RangeError when `every` is less than 1, or not a whole number
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { collectToolCalls } from 'rxdelta';
 * import { toolCallChunks } from 'rxdelta/testing';
 *
 * from(toolCallChunks({ name: 'get_weather', arguments: { city: 'Paris' } }))
 *   .pipe(collectToolCalls())
 *   .subscribe((call) => console.log(call.name, call.parsed())); // get_weather { city: 'Paris' }
 * ```
 */
export function toolCallChunks(
  calls: FakeToolCall | readonly FakeToolCall[],
  options: ChunkOptions = {},
): ChatCompletionChunk[] {
  const parts = [calls].flat().flatMap(partsOf);
  return [
    roleChunk({ ...options, content: null }),
    ...parts.map((part) => chatChunk({ tool_calls: [part] }, options)),
    finishChunk('tool_calls', options),
  ];
}

/** The call as it is opened, then its arguments. */
function partsOf(call: FakeToolCall, index: number): ChatCompletionChunk.Choice.Delta.ToolCall[] {
  const { name, id = `call_${index + 1}`, every } = call;
  return [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...splitText(argumentsText(call), every).map((piece) => ({ index, function: { arguments: piece } })),
  ];
}
