import type { ResponseHead } from '../chunks/ResponseHead.ts';
import type { RetryWithBackoffOptions } from '../retry/RetryWithBackoffOptions.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import type { Timeouts } from './Timeouts.ts';

/** Options of one request; they come before those of the client. */
export interface RequestOptions {
  /** Sent with this request, beside the client's. */
  headers?: Record<string, string> | undefined;
  /** Added to the URL, beside the client's. */
  query?: Record<string, string> | undefined;
  /** Limits of time, in milliseconds. */
  timeouts?: Partial<Timeouts> | undefined;
  /** Ends the stream with an `APIUserAbortError` when it fires. */
  signal?: AbortSignal | undefined;
  /** While it is held, the server waits. */
  gate?: FlowGate | undefined;
  /** Told the head of each successful response, before its chunks. */
  onResponse?: ((response: ResponseHead) => void) | undefined;
  /** `lenient` takes the end of the body for the end of the answer. */
  completion?: 'strict' | 'lenient' | undefined;
  /** The largest event that is read, in bytes of its data. */
  maxEventBytes?: number | undefined;
  /** Retries this request by these options; `false` switches the client's off. */
  retry?: RetryWithBackoffOptions | false | undefined;
}
