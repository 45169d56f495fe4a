import { Subject, type Observable } from 'rxjs';
import { decodeEvents, isAPIError, type DecodeEventsOptions, type ServerSentEvent } from 'rxdelta';
import { bytesOf } from './FakeTransport';

/** All that came out of `decodeEvents`. */
export interface Decoding {
  events: ServerSentEvent[];
  /** How many events had come out after each read. */
  countAfterRead: number[];
  /** `complete`, or the class and the reason of the error. */
  outcome: string;
  /** What `onRetry` was told. */
  retries: number[];
  /** How many reads were taken until the source was unsubscribed. */
  readCount: number;
}

/** Decodes reads, one after the other; bytes left over when the decoder has had enough are not read. */
export function decode(reads: Iterable<Uint8Array | string>, options: DecodeEventsOptions = {}): Decoding {
  const source = new Subject<Uint8Array>();
  const decoding: Decoding = { events: [], countAfterRead: [], outcome: 'none', retries: [], readCount: 0 };
  const { events, countAfterRead, retries } = decoding;
  listen(source.pipe(decodeEvents({ ...options, onRetry: (retryMs) => retries.push(retryMs) })), decoding);
  for (const read of reads) {
    decoding.readCount++;
    source.next(typeof read === 'string' ? bytesOf(read) : read);
    countAfterRead.push(events.length);
    if (!source.observed) break;
  }
  source.complete();
  return decoding;
}

function listen(source: Observable<ServerSentEvent>, decoding: Decoding): void {
  source.subscribe({
    next: (event) => decoding.events.push(event),
    error: (error: unknown) => {
      decoding.outcome = nameOf(error);
    },
    complete: () => {
      decoding.outcome = 'complete';
    },
  });
}

function nameOf(error: unknown): string {
  if (!isAPIError(error)) return `a bug: ${String(error)}`;
  return error.kind === 'malformed' ? `${error.name} ${error.reason}` : error.name;
}

/** The outcome of a stream whose event is too large. */
export const TOO_LARGE = 'MalformedStreamError event-too-large';

/** Cuts bytes at positions of any order, which may repeat: then a read is empty. */
export function cutAt(whole: Uint8Array, positions: number[]): Uint8Array[] {
  const sorted = [0, ...positions, whole.length].sort((left, right) => left - right);
  return sorted.slice(1).map((end, index) => whole.subarray(sorted[index], end));
}

/** Cuts bytes into this many reads of about the same size. */
export function cutInto(whole: Uint8Array, count: number): Uint8Array[] {
  const positions = Array.from({ length: count - 1 }, (_, index) => Math.floor((whole.length * (index + 1)) / count));
  return cutAt(whole, positions);
}

/** One read per byte. */
export function byteByByte(whole: Uint8Array): Uint8Array[] {
  return cutInto(whole, whole.length);
}
