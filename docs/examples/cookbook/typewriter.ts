import { concatMap, from, map, timer, type OperatorFunction } from 'rxjs';
import { concatMapGated, type FlowGate } from 'rxdelta';

/** How a text is typed. */
export interface TypewriterOptions {
  /** From one character to the next, in milliseconds. Default 15. */
  everyMs?: number;
  /** So many deltas may wait to be typed before the server has to. Default 16. */
  highWaterMark?: number;
}

/** Emits pieces of text character by character, evenly, however they come. The server waits if it is far ahead. */
export function typewriter(
  gate: FlowGate,
  { everyMs = 15, highWaterMark = 16 }: TypewriterOptions = {},
): OperatorFunction<string, string> {
  const segmenter = new Intl.Segmenter();
  const type = (text: string) =>
    from(segmenter.segment(text)).pipe(concatMap(({ segment }) => timer(everyMs).pipe(map(() => segment))));
  return concatMapGated(gate, type, { highWaterMark });
}
