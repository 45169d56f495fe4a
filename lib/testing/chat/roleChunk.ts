import type { ChatCompletionChunk } from '../../openai/index.ts';
import { chatChunk } from './chatChunk.ts';
import type { ChunkOptions } from './ChunkOptions.ts';

/** Options of `roleChunk`. */
export interface RoleChunkOptions extends ChunkOptions {
  /** The content that stands beside the role; null where a call follows. Default the empty string. */
  content?: string | null | undefined;
}

/**
 * Makes the chunk that a choice begins with: the role, and no text yet.
 *
 * @param options - the content, default the empty string; and those of `ChunkOptions`
 * @example
 * ```ts
 * import { contentChunk, finishChunk, roleChunk } from 'rxdelta/testing';
 *
 * export const chunks = [roleChunk(), contentChunk('Hello'), finishChunk()];
 * ```
 */
export function roleChunk({ content = '', ...options }: RoleChunkOptions = {}): ChatCompletionChunk {
  return chatChunk({ role: 'assistant', content, refusal: null }, options);
}
