import type { ChatCompletionChunk } from '../../openai/index.ts';
import { splitText } from '../splitText.ts';
import { argumentsText } from './argumentsText.ts';
import { chatChunk } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';
import { finishChunk } from './finishChunk.ts';
import { roleChunk } from './roleChunk.ts';
import type { FakeToolCall } from './toolCallChunks.ts';

/**
 * Makes all chunks of an answer with a call in the legacy form, to a request with `functions`.
 *
 * @param call - the function's name and its arguments; `every` as in `toolCallChunks`
 * @param options - id, time, model and choice; their defaults stand in `ChunkOptions`
 * @throws RangeError when `every` is less than 1, or not a whole number
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { collectToolCalls } from 'rxdelta';
 * import { functionCallChunks } from 'rxdelta/testing';
 *
 * from(functionCallChunks({ name: 'get_time', arguments: '{}' }))
 *   .pipe(collectToolCalls())
 *   .subscribe(({ type }) => console.log(type)); // function_call
 * ```
 */
export function functionCallChunks(call: Omit<FakeToolCall, 'id'>, options: ChunkOptions = {}): ChatCompletionChunk[] {
  const { name, every } = call;
  const pieces = splitText(argumentsText(call), every);
  return [
    roleChunk({ ...options, content: null }),
    chatChunk(legacyDelta({ name, arguments: '' }), options),
    ...pieces.map((piece) => chatChunk(legacyDelta({ arguments: piece }), options)),
    finishChunk('function_call', options),
  ];
}

/** A delta whose form OpenAI has deprecated; servers still send it. */
function legacyDelta(call: { name?: string; arguments: string }) {
  return { function_call: call };
}
