import type { SchedulerLike } from 'rxjs';

/** How values are written as server-sent events. */
export interface ServerSentEventsOptions<T> {
  /** Makes the `id:` of an event, from the value and its index from 0. Default: none. */
  id?: ((value: T, index: number) => string | number | undefined) | undefined;
  /** Makes the `event:` line. Default: the `type` of a value whose type begins with `response.`, as OpenAI has it. */
  event?: ((value: T, index: number) => string | undefined) | undefined;
  /** Sent once, with the first text, as `retry:`; in milliseconds. Default: not sent. */
  retryMs?: number | undefined;
  /** After so much silence a comment is sent, in milliseconds; `Infinity` for none. Default 15000. */
  heartbeatMs?: number | undefined;
  /** Whether `[DONE]` is sent at completion. Default: unless the last value was an event of a Response, which ends without. */
  done?: boolean | undefined;
  /** Words for an error, in place of the neutral ones: they are shown to whoever reads the stream. Default: none. */
  errorMessage?: ((error: unknown) => string | undefined) | undefined;
  /** Keeps the time of the silence. Default `asyncScheduler`. */
  scheduler?: SchedulerLike | undefined;
}
