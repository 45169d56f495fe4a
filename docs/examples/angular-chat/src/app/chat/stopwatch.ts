import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { Figures } from './turn';

/** Takes the time of the chunks of one answer, over all its rounds. */
export class Stopwatch {
  readonly #startMs = performance.now();
  #firstMs = 0;
  #lastMs = 0;
  #chunks = 0;

  /** Lets the chunks pass, and counts them. */
  measure<T>(): MonoTypeOperatorFunction<T> {
    return tap(() => {
      this.#lastMs = performance.now();
      if (this.#chunks++ === 0) this.#firstMs = this.#lastMs;
    });
  }

  get figures(): Figures {
    return {
      firstChunkMs: this.#chunks === 0 ? 0 : this.#firstMs - this.#startMs,
      chunks: this.#chunks,
      seconds: (this.#lastMs - this.#firstMs) / 1000,
    };
  }
}
