import type { StreamChunk } from '../chunks/StreamChunk.ts';
import { ChatToolCalls } from './ChatToolCalls.ts';
import { ResponseToolCalls } from './ResponseToolCalls.ts';
import type { ToolCall } from './ToolCall.ts';

/** Puts the tool calls of one answer together, of chat chunks and of Responses events. */
export class ToolCalls {
  readonly #chat = new ChatToolCalls();
  readonly #responses = new ResponseToolCalls();

  /**
   * Takes a chunk.
   *
   * @param handOut - told the calls that become whole with it
   */
  add(chunk: StreamChunk, handOut: (call: ToolCall) => void): void {
    const { id, choices } = chunk as { id?: unknown; choices?: unknown };
    if (Array.isArray(choices)) this.#chat.add(id, choices, handOut);
    else this.#responses.add(chunk, handOut);
  }

  /** Hands out the chat calls of all choices that have not finished. */
  finishAll(handOut: (call: ToolCall) => void): void {
    this.#chat.finishAll(handOut);
  }

  /** All calls so far, by choice and index. */
  get sorted(): ToolCall[] {
    return [...this.#chat.sorted, ...this.#responses.sorted];
  }
}
