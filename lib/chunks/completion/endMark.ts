const mark = Symbol.for('rxdelta.end');

/** How a client's stream came to its end: by a mark of the server, or, when told to be lenient, by the end of the body. */
export type StreamEnd = 'whole' | 'lenient';

/**
 * Leaves a note on the last chunk of a stream that a client has judged, for operators further down that judge as well. A
 * chunk that somebody has frozen takes none.
 */
export function markEnd(lastChunk: object, end: StreamEnd): void {
  Reflect.defineProperty(lastChunk, mark, { value: end, configurable: true });
}

/** Reads the note of `markEnd`. */
export function endOf(chunk: unknown): StreamEnd | undefined {
  return (chunk as Record<symbol, StreamEnd | undefined> | undefined)?.[mark];
}
