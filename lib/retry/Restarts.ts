import { attemptOf, type Attempt } from './attempt.ts';

/** Notices where a stream of chunks starts again, for an operator that has accumulated the chunks before. */
export class Restarts {
  #last: Attempt | undefined;

  /** The attempt that starts again with this chunk; undefined when the chunk follows the one before it. */
  at(chunk: unknown): Attempt | undefined {
    const last = this.#last;
    const attempt = attemptOf(chunk) ?? last;
    this.#last = attempt;
    // The chunks of another stream, after `concat` for example, replace nothing. Nor does an attempt that is over: a
    // source that gives the same objects each time still bears its marks.
    return attempt && last?.stream === attempt.stream && last.index < attempt.index ? attempt : undefined;
  }
}
