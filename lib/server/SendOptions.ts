import type { FlowGate } from '../transport/FlowGate.ts';
import type { ServerSentEventsOptions } from './ServerSentEventsOptions.ts';

/** How a stream is sent as the answer to a request. */
export interface SendOptions<T> extends ServerSentEventsOptions<T> {
  /**
   * The gate that the request to the API was given: it is held while the reader is slow. Default: for a stream of a client, as
   * it was made, one of its own; otherwise none, and the source has to wait for nobody.
   */
  gate?: FlowGate | undefined;
  /**
   * More headers of the answer, or a function that is asked for them when its head is sent. They take the place of those that
   * it has, but the type of an error, which is JSON.
   */
  headers?: Record<string, string> | (() => Record<string, string>) | undefined;
  /** A reader who takes nothing for so long is given up, in milliseconds; `Infinity` for never. Default 60000. */
  writeTimeoutMs?: number | undefined;
  /** So many characters may wait for a slow reader, from a source that cannot wait, before it is given up. Default 1 Mi. */
  maxBacklog?: number | undefined;
}
