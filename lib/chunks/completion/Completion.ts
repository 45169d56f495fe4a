/** Whether this is the data of the event that ends a stream: `[DONE]`, also with blanks around it. */
export function isDoneMark(data: string): boolean {
  return data.trim() === '[DONE]';
}

/** The Responses events after which nothing comes any more; `response.failed` is an error besides. */
const TERMINAL_TYPE = /^response\.(completed|incomplete|cancelled|failed)$/;

/**
 * The one rule of what "complete" means, told apart per chunk: a Responses stream ends with a terminal event; a chat
 * stream is complete when every choice that was seen has a finish reason, and ends with its body, since usage and other
 * choices may follow a finish reason.
 */
export class Completion {
  /** Of each choice that was seen, whether it has a finish reason. */
  readonly #choices = new Map<number, boolean>();
  #isTerminal = false;

  /** Whether the stream may end here. */
  get isComplete(): boolean {
    const finished = [...this.#choices.values()];
    return this.#isTerminal || (finished.length > 0 && finished.every(Boolean));
  }

  /**
   * Takes note of a chunk.
   *
   * @param type - the chunk's type, where it may also stand on the `event:` line
   * @returns whether the stream ends with it at once
   */
  observe(chunk: object, type: unknown): boolean {
    const { choices } = chunk as { choices?: ({ index?: number | null; finish_reason?: unknown } | null)[] | null };
    if (Array.isArray(choices)) {
      for (const choice of choices) {
        const index = choice?.index ?? 0;
        if (choice && !this.#choices.get(index)) this.#choices.set(index, Boolean(choice.finish_reason));
      }
    } else if (typeof type === 'string' && TERMINAL_TYPE.test(type)) {
      this.#isTerminal = true;
    }
    return this.#isTerminal;
  }
}
