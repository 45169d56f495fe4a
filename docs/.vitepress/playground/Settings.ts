/** What the simulated server does wrong, from the half of the answer or instead of it. */
export type Fault = 'none' | 'cut' | 'reset' | 'status-429' | 'status-500' | 'stream-error' | 'stall';

/** What a visitor chooses. */
export interface Settings {
  /** The time between two chunks, in milliseconds. */
  chunkEveryMs: number;
  fault: Fault;
  /** How many requests it happens to, from the first. */
  faultyRequests: number;
  /** Whether failures are retried, and the text starts again. */
  isRetried: boolean;
}
