import type { ContenderName } from './contenders.ts';
import type { Contender } from './contenders/Contender.ts';

/** What a server sends, how a client reads it, who takes part, and what is expected of it. */
export interface Workload {
  title: string;
  /** The answer of `server/answers.ts`. */
  answer: string;
  /** How many words it has. */
  words: number;
  /** How many pieces of a tool call's arguments follow. Default: there is no call. */
  pieces?: number;
  /** What the contenders do with it. */
  task: keyof Contender;
  measure: 'bursts' | 'pacedStreams' | 'shortRequests' | 'openStreams' | 'aborts';
  /** How many answers, requests, streams or aborts make a round. */
  times: number;
  contenders: ContenderName[];
  /** Rounds that are measured. */
  rounds: number;
  /** Rounds before, for the compiler. */
  warmUps: number;
  /** What all but the last of those rounds run. Default: the workload itself. */
  warmUpWith?: Workload;
  series: Series[];
}

/** One figure of a workload, with a name by which the measure hands it over. */
export interface Series {
  name: string;
  title: string;
  unit: 'µs' | 'ms' | 'KiB' | 'connections';
  /**
   * Samples of one distribution rather than one per round: they are not paired, and the table
   * shows their p99. A sample is infinite where the connection was not closed in time.
   */
  isDistribution?: boolean;
  goals: Goal[];
}

/** What should hold for the median: of one contender, in the unit of the series or in multiples of another contender. */
export interface Goal {
  of: ContenderName;
  times?: ContenderName;
  /** `open`: how many connections were not closed in time. */
  statistic?: 'median' | 'p99' | 'open';
  atMost?: number;
  atLeast?: number;
  /** The major version of Node that it is meant for. Default: all. */
  node?: number;
}
