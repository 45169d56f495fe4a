/** What the server says of one answer that it gave. */
export interface Sent {
  /** The number of the stream. */
  stream: number;
  /** Counts the requests of the stream that came before it. */
  attempt: number;
  /** What was to go wrong with it. */
  fault: string;
  /** The text that was written. */
  text: string;
  /** Whether that was all of it, with its end. */
  isWhole: boolean;
}

/** What the client says of one stream that ended. */
export interface Ended {
  stream: number;
  how: 'complete' | 'error' | 'left';
  /** The kind of the error, where it is one of ours; `unconnected` for one of which the server knows nothing. */
  kind?: string;
  /** The text that had come. */
  text: string;
}

/** What is left in the client when no stream is under way. */
export interface Rest {
  /** The heap and what is outside of it, after all garbage was collected, in bytes. */
  heldBytes: number;
  /** How many sockets Node still counts. */
  socketCount: number;
}

export type FromServer = { listening: string } | { sent: Sent[] } | { openCount: number };
export type FromClient = { ended: Ended[] } | { isDrained: true; startedCount: number } | { rest: Rest };
/** `pause` lets the streams that are under way end; `rest` asks what is left. */
export type ToClient = 'start' | 'pause' | 'rest';
