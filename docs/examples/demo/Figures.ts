import type { StreamChunk } from 'rxdelta';
import { tap, type MonoTypeOperatorFunction } from 'rxjs';

interface Tokens {
  input: number;
  output: number;
}

/** Counts chunks, and takes the time of them. */
export class Figures {
  count = 0;
  #startMs = 0;
  #firstMs = 0;
  #lastMs = 0;
  /** By the id of the answer: some servers report the usage so far with every chunk. */
  readonly #tokens = new Map<string, Tokens>();

  /** Lets the chunks pass, and looks at them. */
  measure(): MonoTypeOperatorFunction<StreamChunk> {
    return tap({
      subscribe: () => {
        this.#startMs = performance.now();
      },
      next: (chunk) => {
        this.#lastMs = performance.now();
        if (this.count++ === 0) this.#firstMs = this.#lastMs;
        this.#noteTokens(chunk);
      },
    });
  }

  toString(): string {
    if (this.count === 0) return 'No chunk came';
    const seconds = (this.#lastMs - this.#firstMs) / 1000;
    return [
      `First chunk after ${Math.round(this.#firstMs - this.#startMs)} ms`,
      seconds > 0 ? `${((this.count - 1) / seconds).toFixed(1)} chunks/s` : 'all of it at once',
      this.#usage(),
    ].join(' · ');
  }

  #noteTokens(chunk: StreamChunk): void {
    if ('choices' in chunk) {
      const { id, usage } = chunk;
      if (usage) this.#tokens.set(id, { input: usage.prompt_tokens, output: usage.completion_tokens });
    } else if (chunk.type === 'response.completed') {
      const { id, usage } = chunk.response;
      if (usage) this.#tokens.set(id, { input: usage.input_tokens, output: usage.output_tokens });
    }
  }

  #usage(): string {
    if (this.#tokens.size === 0) return 'usage not reported';
    let input = 0;
    let output = 0;
    for (const tokens of this.#tokens.values()) {
      input += tokens.input;
      output += tokens.output;
    }
    return `usage ${input} tokens in, ${output} out`;
  }
}
