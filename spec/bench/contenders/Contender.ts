/** An answer that is being read. */
export interface Reading {
  /** Resolves when it has ended, rejects when it has failed. After `stop` it may do neither. */
  done: Promise<void>;
  stop: () => void;
}

/** Starts to read the answer of a model, and hands over the texts of it: one per chunk, or one for all. */
export type Read = (model: string, onText: (text: string) => void) => Reading;

/** One way of reading streamed answers. */
export interface Contender {
  /** Hands over the text of each chat chunk. */
  chat: Read;
  /** Hands over the text of each event of a Response. */
  responses?: Read;
  /** Accumulates text, tool calls and the completion, and hands over the whole of the text and of the arguments. */
  accumulation?: Read;
  /** Hands over the arguments of a tool call when they are whole. */
  toolCall?: Read;
}
