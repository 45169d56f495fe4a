import { defer, from, Observable, throwError, type ObservableInput } from 'rxjs';
import { ChunkStream, type StreamResponse } from '../chunks/ChunkStream.ts';
import type { FakeClientAnswer } from './fakeClient.ts';

/** A stream of what was prepared, for which each subscription asks anew. Its response lasts as that of a client does. */
export function preparedStream<T extends object>(ask: () => FakeClientAnswer): ChunkStream<T> {
  const { opener } = ChunkStream.of(defer(() => chunksOf<T>(ask())));
  const withResponse = () =>
    defer(() => {
      const answer = ask();
      return answer instanceof Error ? throwError(() => answer) : lasting(ChunkStream.of<T>(chunksOf(answer)));
    });
  return new ChunkStream({ ...opener, withResponse });
}

/** The chunks that were prepared, or the error in their place. */
function chunksOf<T>(answer: FakeClientAnswer): Observable<T> {
  return answer instanceof Error ? throwError(() => answer) : from(answer as ObservableInput<T>);
}

/** The head with chunks that end it when they end, and that end with it. */
function lasting<T>(stream: ChunkStream<T>): Observable<StreamResponse<T>> {
  return new Observable((destination) =>
    stream.withResponse().subscribe(({ response, chunks: source }) => {
      const chunks = new Observable<T>((subscriber) => {
        subscriber.add(() => {
          destination.complete();
        });
        destination.add(source.subscribe(subscriber));
      });
      destination.next({ response, chunks });
    }),
  );
}
