/** What is used of a connection. */
interface NodeSocket {
  /** Listens to `close`. */
  on(event: string, listener: () => void): unknown;
  /** Takes a listener back. */
  removeListener(event: string, listener: () => void): unknown;
}

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
    /** The connection. */
    readonly socket?: NodeSocket | null;
  };
  /** Null while another answer on the same connection comes first. */
  readonly socket?: object | null;
  /** HTTP/2: the stream of this answer, which is closed without an error. */
  readonly stream?: {
    /** Closes it, when what was written has been sent. */
    close(): void;
  };
  /** Sets a header of the head. */
  setHeader(name: string, value: string): unknown;
  /** Sends text; false when what waits is more than it should be, until `drain`. */
  write(text: string): boolean;
  /** Ends the answer, with a last text or without. */
  end: (() => unknown) & ((text: string) => unknown);
  /** Closes the connection. */
  destroy(): unknown;
  /** Listens to `drain`, `close` or `error`. */
  on(event: string, listener: () => void): unknown;
}
