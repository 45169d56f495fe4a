import type { StreamChunk } from '../../chunks/StreamChunk.ts';
import { APIConnectionError } from '../../errors/APIConnectionError.ts';
import type { APIError } from '../../errors/APIError.ts';
import type { ChatCompletionChunk } from '../../openai/index.ts';
import { contentChunk } from '../chat/contentChunk.ts';

/** What a value of the marbles becomes: of a string a chunk with that text. */
export type MarbleChunk<V> = V extends string ? ChatCompletionChunk : V;

/** The arguments of `cold`, `hot` and `toBe`: marbles, what stands behind the letters, and behind `#`. */
export type ChunkMarbles<C> = [marbles: string, values: Record<string, C>, error: unknown];

/** What has a meaning of its own in marbles. */
const SYNTAX = /[-\s|#()^!]/;
/** A time in marbles: `20ms `, at the beginning or after a blank. */
const TIME = /(^|\s)\d+(\.\d+)?(ms|s|m)(?=\s)/g;

/**
 * Writes a stream of chunks as marbles, for any TestScheduler: `cold(...chunkMarbles('-a-b-(c|)', { … }))`.
 *
 * The values may be chunks, events of a Response, or strings, which become chunks with that text. A letter that has no
 * value is a chunk with the letter as its text. The same call makes equal chunks each time, so that it serves for the
 * source and for the expectation.
 *
 * @param marbles - in the syntax of RxJS, also with `^` for `hot`
 * @param values - by letter
 * @param error - what `#` stands for; default an `APIConnectionError` in the phase `body`
 * @example
 * ```ts
 * import { deepStrictEqual } from 'node:assert';
 * import { accumulateContent } from 'rxdelta';
 * import { chunkAssert, chunkMarbles, finish } from 'rxdelta/testing';
 * import { TestScheduler } from 'rxjs/testing';
 *
 * const scheduler = new TestScheduler(chunkAssert(deepStrictEqual));
 * scheduler.run(({ cold, expectObservable }) => {
 *   const chunks = cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() }));
 *   expectObservable(chunks.pipe(accumulateContent())).toBe('-a-b-|', { a: 'Hel', b: 'Hello' });
 * });
 * ```
 * @see https://rxjs.dev/guide/testing/marble-testing
 */
export function chunkMarbles<V extends StreamChunk | string = string>(
  marbles: string,
  values: Record<string, V> = {},
  error: APIError = new APIConnectionError('The connection broke', { phase: 'body' }),
): ChunkMarbles<MarbleChunk<V>> {
  const letters = Array.from(marbles.replace(TIME, ' ')).filter((character) => !SYNTAX.test(character));
  const texts: Record<string, V | string> = {
    ...Object.fromEntries(letters.map((letter) => [letter, letter])),
    ...values,
  };
  const chunks = Object.entries(texts).map(([letter, value]) => [
    letter,
    typeof value === 'string' ? contentChunk(value) : value,
  ]);
  return [marbles, Object.fromEntries(chunks) as Record<string, MarbleChunk<V>>, error];
}
