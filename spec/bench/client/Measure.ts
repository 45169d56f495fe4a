import type { Read } from '../contenders/Contender.ts';
import type { Workload } from '../Workload.ts';

/** What a measure works with. */
export interface Course {
  read: Read;
  workload: Workload;
  /** Where the server is. */
  origin: string;
}

/** Runs one round and gives the samples of each series of the workload; fails when not all of the answers has come. */
export type Measure = (course: Course) => Promise<Record<string, number[]>>;
