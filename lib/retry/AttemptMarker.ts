import { attemptOf, markAttempt, type Attempt } from './attempt.ts';
import { Restarts } from './Restarts.ts';

/** Marks the chunks of one retried stream with the attempt that they belong to. */
export class AttemptMarker {
  #attempt: Attempt = { stream: {}, index: 0, cause: undefined };
  readonly #upstream = new Restarts();

  /** Begins the attempt after the error. */
  begin(cause: unknown): void {
    this.#attempt = { ...this.#attempt, index: this.#attempt.index + 1, cause };
  }

  /** Marks a chunk. Where a retry further up starts again, so does the stream of this one. */
  mark(chunk: unknown): void {
    if (Object(chunk) !== chunk) return;
    // A mark of our own says only that the source gives the same object in each attempt.
    const isOwn = attemptOf(chunk)?.stream === this.#attempt.stream;
    const restart = isOwn ? undefined : this.#upstream.at(chunk);
    if (restart) this.begin(restart.cause);
    markAttempt(chunk as object, this.#attempt);
  }
}
