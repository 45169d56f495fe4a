import type { Child } from './Child.ts';
import type { ContenderName } from './contenders.ts';
import type { RoundRequest, RoundResult } from './messages.ts';
import type { WorkloadName } from './readOptions.ts';
import type { Workload } from './Workload.ts';
import { WORKLOADS } from './workloads.ts';

/** What was measured of one contender: the samples of each series, or why there are none. */
export type Outcome = { samples: Record<string, number[]> } | { failure: string };

/** What was measured in a workload. */
export interface WorkloadOutcome {
  workload: Workload;
  outcomes: Map<ContenderName, Outcome>;
}

interface Course {
  contenders: ContenderName[];
  /** How many rounds are measured. */
  rounds: number | undefined;
  startClient: (contender: ContenderName, workload: WorkloadName) => Child<RoundResult, RoundRequest>;
  onProgress: (line: string) => void;
}

/**
 * Runs a workload: a process for each contender, which take turns in each round; who begins changes from round to round.
 * Who has failed once is out.
 */
export async function runWorkload(name: WorkloadName, course: Course): Promise<WorkloadOutcome> {
  const workload: Workload = WORKLOADS[name];
  const { rounds = workload.rounds } = course;
  const contenders = workload.contenders.filter((contender) => course.contenders.includes(contender));
  const outcomes = new Map<ContenderName, Outcome>(contenders.map((contender) => [contender, { samples: {} }]));
  const children = new Map(contenders.map((contender) => [contender, course.startClient(contender, name)]));
  for (let round = -workload.warmUps; round < rounds; round++) {
    course.onProgress(`${name}: ${round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`}`);
    for (const [contender, child] of rotated([...children], round + workload.warmUps)) {
      const outcome = outcomes.get(contender);
      if (!outcome || 'failure' in outcome) continue;
      const result = await child
        .ask(round < -1 ? 'warmUp' : 'round')
        .catch((error: unknown) => ({ failure: String(error) }));
      if ('failure' in result) {
        outcomes.set(contender, result);
        course.onProgress(`${name}, ${contender}: ${result.failure}`);
      } else if (round >= 0) {
        outcomes.set(contender, { samples: joined(outcome.samples, result.samples) });
      }
    }
  }
  for (const child of children.values()) child.stop();
  return { workload, outcomes };
}

function rotated<T>(items: T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function joined(some: Record<string, number[]>, more: Record<string, number[]>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(more).map(([name, values]) => [name, [...(some[name] ?? []), ...values]]));
}
