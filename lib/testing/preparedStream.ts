import { defer, from, throwError, type Observable, type ObservableInput } from 'rxjs';
import { ChunkStream } from '../chunks/ChunkStream.ts';
import type { FakeClientAnswer } from './fakeClient.ts';

/** A stream of what was prepared, for which each subscription asks anew. Its response lasts as that of a client does. */
export function preparedStream<T extends object>(ask: () => FakeClientAnswer): ChunkStream<T> {
  const { opener } = ChunkStream.of(defer(() => chunksOf<T>(ask())));
  const withResponse = () =>
    defer(() => {
      const answer = ask();
      return answer instanceof Error ? throwError(() => answer) : ChunkStream.of(chunksOf<T>(answer)).withResponse();
    });
  return new ChunkStream({ ...opener, withResponse });
}

/** The chunks that were prepared, or the error in their place. */
function chunksOf<T>(answer: FakeClientAnswer): Observable<T> {
  return answer instanceof Error ? throwError(() => answer) : from(answer as ObservableInput<T>);
}
