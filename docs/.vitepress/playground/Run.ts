/** Something that happened, at a time after the start. */
export interface Mark {
  atMs: number;
  kind: 'request' | 'chunk' | 'complete' | 'error' | 'abort' | 'unsubscribe';
  /** What a chunk holds, or what is to be said. */
  label: string;
}

/** One run of the playground, as far as it has come. */
export interface Run {
  state: 'running' | 'complete' | 'failed' | 'stopped';
  /** The chunks of each attempt, and how it ended. */
  attempts: Mark[][];
  /** What comes out behind the operators. */
  result: Mark[];
  /** The text so far. */
  text: string;
  /** What happened, in sentences. */
  log: { atMs: number; sentence: string }[];
}
