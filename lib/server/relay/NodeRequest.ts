/** What is used of Node's `IncomingMessage`, and of what Express makes of it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express: the URL before a router took its part of it. */
  readonly originalUrl?: string | undefined;
  readonly httpVersionMajor: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  /** Whether all of the body has come. */
  readonly complete: boolean;
  /** Whether somebody has read it to its end. */
  readonly readableEnded: boolean;
  /** Express: what a parser has made of the body. */
  readonly body?: unknown;
  on(event: string, listener: (value: Uint8Array) => void): unknown;
  removeListener(event: string, listener: (value: Uint8Array) => void): unknown;
}
