import { Observable, type OperatorFunction } from 'rxjs';
import { sinkOf } from '../rx/sinkOf.ts';
import { Through } from '../rx/Through.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { chunkReader } from './chunkReader.ts';

/**
 * Parses the data of each event into a chunk.
 *
 * ```marbles
 * events   --a--b--[DONE]--
 *          parseChunks()
 * chunks   --a--b--|
 * ```
 *
 * Blank data is skipped. It completes at `[DONE]`, or with its source: whether the answer was whole then is for
 * `untilDone` to judge. An error of the source passes through.
 * Unsubscribing unsubscribes the source.
 *
 * @throws MalformedStreamError (`json`) when the data is not a JSON object, or carries an impossible index
 * @throws APIStreamError when the event is an error; also after `response.failed`, which is emitted
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { decodeEvents, parseChunks } from 'rxdelta';
 *
 * of(new TextEncoder().encode('data: {"token":"Hi"}\n\ndata: [DONE]\n\n'))
 *   .pipe(decodeEvents(), parseChunks<{ token: string }>())
 *   .subscribe(({ token }) => console.log(token)); // Hi
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
/* @__NO_SIDE_EFFECTS__ */
export function parseChunks<T extends object>(): OperatorFunction<ServerSentEvent, T> {
  return (source) =>
    new Observable((destination) => {
      const read = chunkReader<T>('open', destination, sinkOf(destination));
      source.subscribe(new Through(destination, { next: read, complete: read }));
    });
}
