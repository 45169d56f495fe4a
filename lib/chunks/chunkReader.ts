import { CallersError } from '../errors/CallersError.ts';
import { StreamTruncatedError } from '../errors/StreamTruncatedError.ts';
import type { Sink } from '../rx/Sink.ts';
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
 * Makes what turns the events of one stream into chunks: parses, raises what the server reports, judges the end.
 *
 * @param target - once it is closed, nothing more is given or judged
 * @throws MalformedStreamError (`json`) from what is made, when the data of an event is no chunk
 * @throws APIStreamError when an event reports an error
 * @throws StreamTruncatedError when the end of the events is not the end of the answer
 */
export function chunkReader<T extends object>(
  rule: EndRule<T>,
  target: { closed: boolean },
  sink: Sink<T>,
): Sink<ServerSentEvent> {
  const completion = new Completion();
  let lastChunk: T | undefined;
  let lastEventId: string | undefined;
  let chunkCount = 0;

  const end = (how?: StreamEnd) => {
    if (target.closed) return;
    if (lastChunk && how) markEnd(lastChunk, how);
    sink();
  };

  const read = (event: ServerSentEvent) => {
    const chunk = parseEvent(event) as T & { type?: unknown };
    lastChunk = chunk;
    chunkCount++;
    sink(chunk);
    if (target.closed) return;
    // The type that the data gives beats that of the event line.
    const type = chunk.type ?? event.event;
    const failure = failureOf(chunk, type);
    if (failure) throw failure;
    if (
      typeof rule === 'function'
        ? CallersError.of(() => rule(chunk))
        : rule !== 'open' && completion.observe(chunk, type)
    )
      end('whole');
  };

  return (event) => {
    if (event) {
      const { data, id } = event;
      lastEventId = id ?? lastEventId;
      // Nearly every event is an object; the others are [DONE], blank or malformed.
      if (data.startsWith('{')) read(event);
      else if (isDoneMark(data)) end('whole');
      else if (data.trim()) read(event);
      return;
    }
    const { isComplete } = completion;
    if (rule === 'strict' && !isComplete) {
      throw new StreamTruncatedError('The answer is not whole', { chunkCount, lastEventId });
    }
    end(isComplete ? 'whole' : rule === 'open' ? undefined : 'lenient');
  };
}
