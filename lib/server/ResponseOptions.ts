import type { SendOptions } from './SendOptions.ts';

/** How a stream is made into a `Response` of the web. */
export interface ResponseOptions<T> extends SendOptions<T> {
  /** The signal of the request: where the browser leaves before the answer begins, nothing else tells. */
  signal?: AbortSignal | undefined;
}
