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
  readonly #unfinished = new Set<number>();
  readonly #finished = new Set<number>();
  #isTerminal = false;

  /** Whether the stream may end here. */
  get isComplete(): boolean {
    return this.#isTerminal || (this.#finished.size > 0 && this.#unfinished.size === 0);
  }

  /** Takes note of `[DONE]`. */
  end(): void {
    this.#isTerminal = true;
  }

  /**
   * Takes note of a chunk.
   *
   * @param type - the chunk's type, where it may also stand on the `event:` line
   * @returns whether the stream ends with it at once
   */
  observe(chunk: object, type: unknown = (chunk as { type?: unknown }).type): boolean {
    const { choices } = chunk as { choices?: unknown };
    if (Array.isArray(choices)) {
      for (const choice of choices as ({ index?: number | null; finish_reason?: unknown } | null)[]) {
        if (choice) this.#observeChoice(choice.index ?? 0, Boolean(choice.finish_reason));
      }
    } else if (typeof type === 'string' && type.charCodeAt(0) === 114 && TERMINAL_TYPE.test(type)) {
      this.#isTerminal = true;
    }
    return this.#isTerminal;
  }

  #observeChoice(index: number, isFinished: boolean): void {
    if (isFinished) {
      this.#unfinished.delete(index);
      this.#finished.add(index);
    } else if (!this.#finished.has(index)) {
      this.#unfinished.add(index);
    }
  }
}
