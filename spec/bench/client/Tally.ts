import { lengthOf } from '../words.ts';
import type { Workload } from '../Workload.ts';

/** Counts the text that comes: nobody shall be measured for an error. */
export class Tally {
  length = 0;
  readonly #expected: number;

  /** @param answers - how many answers of the workload are to come */
  constructor({ words, pieces }: Workload, answers: number) {
    this.#expected = answers * lengthOf(words, pieces);
  }

  add(text: string): void {
    this.length += text.length;
  }

  /** @throws Error when there was more or less text than there should be */
  check(): void {
    if (this.length !== this.#expected) throw new Error(`${this.length} characters of ${this.#expected} have come`);
  }
}
