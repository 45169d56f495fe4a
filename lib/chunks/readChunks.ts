import { Observable, type OperatorFunction } from 'rxjs';
import { StreamTruncatedError } from '../errors/StreamTruncatedError.ts';
import { Through } from '../rx/Through.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import { Completion, isDoneMark } from './completion/Completion.ts';
import { markEnd, type StreamEnd } from './completion/endMark.ts';
import { failureOf } from './completion/failureOf.ts';
import { parseEvent } from './parseEvent.ts';

/**
 * When a stream of chunks is complete, besides at `[DONE]`: `strict` by the rule of chat completions and Responses;
 * `lenient` also where the events end; a function where it says so of a chunk, or where the events end; `open` where the
 * events end, which leaves the judgement to somebody further down.
 */
export type EndRule<T> = 'strict' | 'lenient' | 'open' | ((chunk: T) => boolean);

/**
 * Turns events into chunks: parses, raises what the server reports, judges the end.
 *
 * @param onEnd - called when the stream is complete, before its observer is told
 */
export function readChunks<T extends object>(
  rule: EndRule<T>,
  onEnd?: () => void,
): OperatorFunction<ServerSentEvent, T> {
  return (source) =>
    new Observable((destination) => {
      const completion = new Completion();
      let lastChunk: T | undefined;
      let lastEventId: string | undefined;
      let chunkCount = 0;
      const end = (how?: StreamEnd) => {
        if (destination.closed) return;
        if (lastChunk && how) markEnd(lastChunk, how);
        onEnd?.();
        destination.complete();
      };
      const read = (event: ServerSentEvent) => {
        const chunk = parseEvent(event) as T & { type?: unknown };
        lastChunk = chunk;
        chunkCount++;
        destination.next(chunk);
        if (destination.closed) return;
        // The type that the data gives beats that of the event line.
        const type = chunk.type ?? event.event;
        const failure = failureOf(chunk, type);
        if (failure) throw failure;
        if (typeof rule === 'function' ? rule(chunk) : rule !== 'open' && completion.observe(chunk, type)) end('whole');
      };
      source.subscribe(
        new Through(destination, {
          next: (event: ServerSentEvent) => {
            const { data, id } = event;
            lastEventId = id ?? lastEventId;
            // Nearly every event is an object; the others are [DONE], blank or malformed.
            if (data.startsWith('{')) read(event);
            else if (isDoneMark(data)) end('whole');
            else if (data.trim()) read(event);
          },
          complete: () => {
            if (rule !== 'strict' || completion.isComplete) {
              end(completion.isComplete ? 'whole' : rule === 'open' ? undefined : 'lenient');
            } else {
              destination.error(new StreamTruncatedError('The answer is not whole', { chunkCount, lastEventId }));
            }
          },
        }),
      );
    });
}
