/** What a client process is to do: a round, or one for the compiler. */
export type RoundRequest = 'round' | 'warmUp';

/** What a client process says of one round: the samples of each series, or why there are none. */
export type RoundResult = { samples: Record<string, number[]> } | { failure: string };

/** What the server says once it listens. */
export interface Listening {
  port: number;
}
