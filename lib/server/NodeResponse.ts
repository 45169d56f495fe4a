/** What is used of Node's `ServerResponse`, and of those that Express and Fastify build on it. */
export interface NodeResponse {
  /** The status of the head that is yet to be sent. */
  statusCode: number;
  /** Whether the head has been sent. */
  readonly headersSent: boolean;
  /** Whether `end` has been called. */
  readonly writableEnded: boolean;
  /** Whether the connection is gone. */
  readonly destroyed?: boolean;
  /** The request that is answered. */
  readonly req?: {
    /** The HTTP method; the answer to `HEAD` has no body. */
    readonly method?: string | undefined;
  };
  /** Sets a header of the head. */
  setHeader(name: string, value: string): unknown;
  /** Sends text; false when what waits is more than it should be, until `drain`. */
  write(text: string): boolean;
  /** Sends text, and ends the answer. */
  end(text: string): unknown;
  /** Closes the connection. */
  destroy(): unknown;
  /** Listens to `drain`, `close` or `error`. */
  on(event: string, listener: () => void): unknown;
}
