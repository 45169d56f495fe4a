/** What a client process is to do: a round of its workload, or of what that warms up with. */
export type RoundRequest = 'round' | 'warmUp';

/** What a client process says of one round: the samples of each series, or why there are none. */
export type RoundResult = { samples: Record<string, number[]> } | { failure: string };

/** What the server has seen of its clients. */
export interface Notes {
  /** How many connections have carried requests. */
  connections: number;
  /** When those were closed whose request had a number, by `clockMs`. */
  closes: Record<string, number>;
}

/** What the server says once it listens. */
export interface Listening {
  port: number;
}
