import {
  asyncScheduler,
  connect,
  defaultIfEmpty,
  defer,
  forkJoin,
  map,
  reduce,
  timestamp,
  type OperatorFunction,
} from 'rxjs';
import { collectUsage, contentDeltas } from 'rxdelta';
import type { ChatCompletionChunk } from 'rxdelta/openai';

/** How fast an answer was. */
export interface Speed {
  /** From the subscription to the first text, in milliseconds. */
  firstTextMs: number;
  /** From the first text to the last, in milliseconds. */
  textMs: number;
  /** The words of the text. */
  words: number;
  /** The tokens written, where the server reports the usage. */
  tokens?: number;
}

/** Measures an answer. It emits once, when the answer is whole; nothing for an answer without text. */
export function measureSpeed(): OperatorFunction<ChatCompletionChunk, Speed> {
  return (answer) =>
    defer(() => {
      const begin = asyncScheduler.now();
      return answer.pipe(
        connect((chunks) =>
          forkJoin({
            heard: chunks.pipe(
              contentDeltas(),
              timestamp(),
              map(({ value, timestamp: at }) => ({ text: value, first: at, last: at })),
              reduce(({ text, first }, next) => ({ text: text + next.text, first, last: next.last })),
            ),
            usage: chunks.pipe(collectUsage(), defaultIfEmpty(undefined)),
          }),
        ),
        map(({ heard: { text, first, last }, usage }) => ({
          firstTextMs: first - begin,
          textMs: last - first,
          words: text.match(/\S+/g)?.length ?? 0,
          ...(usage && { tokens: usage.completion_tokens }),
        })),
      );
    });
}
