/** What is used of Node's `IncomingMessage`, and of what Express makes of it. */
export interface NodeRequest {
  /** The HTTP method. */
  readonly method?: string | undefined;
  /** The target of the request: path and query. */
  readonly url?: string | undefined;
  /** Express: the URL before a router took its part of it. */
  readonly originalUrl?: string | undefined;
  /** 1, or 2 in the compatibility mode of `node:http2`. */
  readonly httpVersionMajor: number;
  /** The headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  /** Whether all of the body has come. */
  readonly complete: boolean;
  /** Whether somebody has read it to its end. */
  readonly readableEnded: boolean;
  /** Express: what a parser has made of the body. */
  readonly body?: unknown;
  /** Listens to `data`, `end` or `error`. */
  on(event: string, listener: (value: Uint8Array) => void): unknown;
  /** Takes a listener back. */
  removeListener(event: string, listener: (value: Uint8Array) => void): unknown;
}
