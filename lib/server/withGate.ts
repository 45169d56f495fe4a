import type { Observable } from 'rxjs';
import type { ChunkStream } from '../chunks/ChunkStream.ts';
import type { FlowGate } from '../transport/FlowGate.ts';

/** The chunks of a stream of a client with a gate of their own, and any other source as it is. */
export function withGate<T>(source: Observable<T>, gate: FlowGate): Observable<T> {
  const { opener } = source as Partial<ChunkStream<T>>;
  return opener ? opener.chunks(gate) : source;
}
