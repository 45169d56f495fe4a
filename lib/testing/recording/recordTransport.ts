import { asyncScheduler, defer, EMPTY, Observable, tap, type SchedulerLike } from 'rxjs';
import type { Transport } from '../../transport/Transport.ts';
import { ExchangeRecorder } from './ExchangeRecorder.ts';
import type { Recording } from './Recording.ts';
import { serializeRecording } from './serializeRecording.ts';

/** Options of `recordTransport`. */
export interface RecordTransportOptions {
  /**
   * Told the whole text of the recording each time that an exchange has ended, to write it to a file. What it throws is
   * reported as an unhandled error.
   */
  write?: ((text: string) => void) | undefined;
  /** Keeps the time. Default `asyncScheduler`. */
  scheduler?: SchedulerLike | undefined;
}

/** A transport that takes down what goes through it. */
export interface RecordTransport extends Transport {
  /** All exchanges so far. */
  readonly recording: Recording;
}

/**
 * Makes a transport that passes everything on to another one, and takes down the requests and the bytes of the answers
 * with their time.
 *
 * What is secret is never in a recording: headers and query fields whose names look like a credential, cookies, the
 * headers that name an organization or a project, the credentials that tools have in `authorization`, `headers` or
 * `authentication`; and the values of those, wherever a server repeats them. All else of the body of a request, and of
 * the answer, is in it as it is.
 *
 * @param inner - what really sends the requests
 * @param options - `write`, for example `(text) => writeFileSync('answer.json', text)`
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { createClient, undiciTransport } from 'rxdelta';
 * import { recordTransport } from 'rxdelta/testing';
 *
 * const transport = recordTransport(undiciTransport(), { write: (text) => writeFileSync('answer.json', text) });
 * createClient({ transport }).chat.completions.stream({ model: 'gpt-4o-mini', messages: [] }).subscribe();
 * ```
 */
export function recordTransport(
  inner: Transport,
  { write, scheduler = asyncScheduler }: RecordTransportOptions = {},
): RecordTransport {
  const recorders: ExchangeRecorder[] = [];
  const taken = (): Recording => ({ version: 1, exchanges: recorders.map((recorder) => recorder.recorded()) });
  // Nobody listens: RxJS reports what it throws as it does with an observer that throws, and the stream goes on.
  const written = () => defer(() => (write?.(serializeRecording(taken())), EMPTY));
  const transport: Transport = (request) =>
    new Observable((destination) => {
      const recorder = new ExchangeRecorder(request, scheduler);
      recorders.push(recorder);
      destination.add(() => {
        recorder.end('closed');
        written().subscribe();
      });
      const noted = tap<Uint8Array>({
        next: (bytes) => {
          recorder.piece(bytes);
        },
        error: (error: unknown) => {
          recorder.fail(error);
        },
        complete: () => {
          recorder.end('complete');
        },
      });
      return inner(request).subscribe({
        next: (response) => {
          recorder.head(response);
          destination.next({ ...response, body: response.body.pipe(noted) });
        },
        error: (error: unknown) => {
          recorder.fail(error);
          destination.error(error);
        },
        complete: () => {
          destination.complete();
        },
      });
    });
  return Object.defineProperty(transport, 'recording', { get: taken }) as RecordTransport;
}
